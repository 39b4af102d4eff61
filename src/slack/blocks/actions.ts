/** The ids of buttons, selects and shortcuts, and of the things that they are about. */

/** The controls on a card, in the list of what is not feedback, and in the modal of the shortcut. */
export const ACTIONS = {
  claim: 'flag_claim',
  resolve: 'flag_resolve',
  dismiss: 'flag_dismiss',
  undo: 'flag_undo',
  /** Flags a message that no rule has flagged; for noise, this rescues it. */
  flag: 'flag_open',
  /** A static_select of the taxonomy's categories; the option's value is the category's key. */
  category: 'flag_category',
  /** A static_select of the second category; in the modal of a message. */
  also: 'flag_also',
  why: 'flag_why',
  /** A static_select of why a message is not an issue; on what somebody has dismissed. */
  reason: 'flag_reason',
  /** The overflow menu of a card; an option's value is the action id of what it stands for. */
  more: 'flag_more',
  /** Cancels a run; on its receipt. */
  cancel: 'run_cancel',
  /** Judges the rest of a run at once; on its receipt. */
  hurry: 'run_hurry',
  /** Tries again at once what a run waits for; on its receipt. */
  retry: 'run_retry',
} as const;

export const TRIAGE_SHORTCUT = 'triage_message';

export const FORGET_SHORTCUT = 'forget_message';

/** The callback id of the modal that confirms what is forgotten. */
export const FORGET_VIEW = 'forget_confirm';

/** The callback id of the modal that says which message another one repeats. */
export const DUPLICATE_VIEW = 'flag_duplicate';

/**
 * The `block_id` of a block whose elements are about a message; unique within a post.
 * @param showing the option that the select shows. Slack's apps keep a reader's choice while the id
 * stays the same, and so would still show one that was undone
 */
export const formatTarget = (channel: string, ts: string, showing?: string) =>
  `about-${channel}-${ts}${showing ? `-${showing}` : ''}`;

/** The message that a `block_id` is about; undefined for any other id. */
export function parseTarget(blockId: string): { channel: string; ts: string } | undefined {
  const match = /^about-([A-Z0-9]+)-(\d{10}\.\d{6})(?:-[a-z0-9_]+)?$/.exec(blockId);
  return match ? { channel: match[1] ?? '', ts: match[2] ?? '' } : undefined;
}

/** The buttons of the post that asks which category is right; a choice's value is the category's key. */
export const UNSURE = {
  first: 'unsure_first',
  second: 'unsure_second',
  other: 'unsure_other',
  undo: 'unsure_undo',
} as const;

/** The controls of the posts about how often verdicts are right. */
export const HONESTY = {
  right: 'honesty_right',
  /** A static_select of the other categories; the option's value is the category's key, or `back`. */
  wrong: 'honesty_wrong',
  /** The value of the option that takes one's own answer back. No category has such a key. */
  back: '-',
  /** Opens the modal that explains the figures. */
  how: 'honesty_how',
} as const;

/**
 * The `block_id` of a block about how often the verdicts of a channel are right.
 * @param run the run whose draw is the last one that counts; without it: the newest
 */
export const formatHonesty = (channel: string, run?: number) =>
  `about-honesty-${channel}${run === undefined ? '' : `-r${run}`}`;

export function parseHonesty(blockId: string): { channel: string; run: number | null } | undefined {
  const match = /^about-honesty-([A-Z0-9]+)(?:-r(\d{1,15}))?$/.exec(blockId);
  if (!match) return undefined;
  return { channel: match[1] ?? '', run: match[2] === undefined ? null : Number(match[2]) };
}

/** The settings: ids of buttons, and the callback ids of the modals. */
export const SETTINGS = {
  /** Opens the modal from anywhere. */
  open: 'settings_open',
  add: 'settings_add',
  reset: 'settings_reset',
  save: 'settings_save',
  rejudge: 'settings_rejudge',
  /** Chooses the time zone that its value names. */
  zone: 'settings_zone',
} as const;

/** The API key of a hosted bot: ids of buttons, of the input, and the callback id of the modal. */
export const KEY = {
  /** Opens the modal from anywhere. */
  open: 'key_open',
  remove: 'key_remove',
  save: 'key_save',
  block: 'key',
  input: 'key_input',
} as const;

/** Trying settings before they are saved: ids of buttons, and the callback ids of the modals. */
export const REHEARSAL = {
  /** Offers to try what the settings modal has. */
  try: 'rehearsal_try',
  /** Begins it; the modal that says the price. */
  begin: 'rehearsal_begin',
  /** Shows what came of it. The button's value is the id of the rehearsal. */
  show: 'rehearsal_show',
  /** Saves what was tried; the modal of the result. */
  adopt: 'rehearsal_adopt',
  discard: 'rehearsal_discard',
} as const;

/** The buttons of themes, in the post of a summary's themes and in the modal of one theme. */
export const THEMES = {
  /** Opens the modal of a theme; of all themes of a summary. */
  look: 'theme_look',
  all: 'theme_all',
  /** Selects in the modal of all themes. */
  order: 'theme_order',
  show: 'theme_show',
  /** Takes a message out of the theme; puts it back. */
  out: 'theme_out',
  back: 'theme_back',
  /** Answers whether two themes are the same: merges them; keeps them apart; undoes the merge. */
  merge: 'theme_merge',
  apart: 'theme_apart',
  unmerge: 'theme_unmerge',
  /** Answers whether some themes are one topic: groups them; keeps them apart; takes the topic apart. */
  group: 'theme_group',
  separate: 'theme_separate',
  ungroup: 'theme_ungroup',
} as const;

/** The `block_id` of a block whose button is about a theme, or about a message in it. */
export const formatTheme = (theme: number, ts?: string) =>
  `about-theme-${theme}${ts ? `-${ts}` : ''}`;

export function parseTheme(blockId: string): { theme: number; ts: string | null } | undefined {
  const match = /^about-theme-(\d{1,15})(?:-(\d{10}\.\d{6}))?$/.exec(blockId);
  return match ? { theme: Number(match[1]), ts: match[2] ?? null } : undefined;
}

/** The `block_id` of a block whose buttons are about two themes that may be the same. */
export const formatMerge = (merge: number) => `about-merge-${merge}`;

export function parseMerge(blockId: string): number | undefined {
  const match = /^about-merge-(\d{1,15})$/.exec(blockId);
  return match ? Number(match[1]) : undefined;
}

/** The `block_id` of a block whose buttons are about a topic. */
export const formatTopic = (topic: number) => `about-topic-${topic}`;

export function parseTopic(blockId: string): number | undefined {
  const match = /^about-topic-(\d{1,15})$/.exec(blockId);
  return match ? Number(match[1]) : undefined;
}

/** The `block_id` of a block whose elements are about a run. */
export const formatRun = (run: number) => `about-run-${run}`;

/** The run that a `block_id` is about; undefined for any other id. */
export function parseRun(blockId: string): number | undefined {
  const match = /^about-run-(\d{1,15})$/.exec(blockId);
  return match ? Number(match[1]) : undefined;
}
