/** What buttons, selects and shortcuts are called, and the message that they are about. */

/** Buttons and the select on a card, in the noise list and in the modal of the shortcut. */
export const ACTIONS = {
  claim: 'flag_claim',
  resolve: 'flag_resolve',
  dismiss: 'flag_dismiss',
  undo: 'flag_undo',
  /** Of a message that no rule has flagged: of noise it is a rescue. */
  flag: 'flag_open',
  /** A static_select of the taxonomy's categories; the option's value is the category's key. */
  category: 'flag_category',
  why: 'flag_why',
  /** Of a run, on its receipt. */
  cancel: 'run_cancel',
} as const;

export const TRIAGE_SHORTCUT = 'triage_message';

/**
 * The `block_id` of a block whose elements are about a message; unique in a post of many.
 * @param showing what its select shows: apps keep the choice of a block that keeps its id, and would
 * go on showing one that was taken back
 */
export const formatTarget = (channel: string, ts: string, showing?: string) =>
  `about-${channel}-${ts}${showing ? `-${showing}` : ''}`;

/** The message of a `block_id`, or undefined when it is not one of ours. */
export function parseTarget(blockId: string): { channel: string; ts: string } | undefined {
  const match = /^about-([A-Z0-9]+)-(\d{10}\.\d{6})(?:-[a-z0-9_]+)?$/.exec(blockId);
  return match ? { channel: match[1] ?? '', ts: match[2] ?? '' } : undefined;
}

/** Of the settings: buttons, and the callback ids of the modals. */
export const SETTINGS = {
  /** Opens the modal from anywhere. */
  open: 'settings_open',
  add: 'settings_add',
  reset: 'settings_reset',
  save: 'settings_save',
  rejudge: 'settings_rejudge',
} as const;

/** Of themes: in the post of a summary's themes, and in the modal of one. */
export const THEMES = {
  /** Opens the modal. */
  look: 'theme_look',
  /** A message is not of the theme; it is, after all. */
  out: 'theme_out',
  back: 'theme_back',
  /** Two may be the same: they are, they are not, they were not. */
  merge: 'theme_merge',
  apart: 'theme_apart',
  unmerge: 'theme_unmerge',
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

/** The `block_id` of a block whose elements are about a run. */
export const formatRun = (run: number) => `about-run-${run}`;

/** The run of a `block_id`, or undefined when it is not one of ours. */
export function parseRun(blockId: string): number | undefined {
  const match = /^about-run-(\d{1,15})$/.exec(blockId);
  return match ? Number(match[1]) : undefined;
}
