import type { PeopleEmoji } from '../people/acts.ts';
import { EMOJI_NAME } from '../people/emoji.ts';
import { formatFlagRules, isReservedName, parseFlagRules, sayName } from '../runs/flag-rules.ts';
import { type Category, type Taxonomy, taxonomySchema } from '../runs/taxonomy.ts';
import { count } from '../text.ts';
import { findTimeZone } from '../zones.ts';
import {
  EVERY_HOURS,
  formatEvery,
  formatWeekly,
  parseEvery,
  parseWeekly,
} from './schedule-form.ts';
import { findEmojiClashes, type Settings } from './settings.ts';

/** The settings as people fill them in, and everything that can be wrong with what they filled in. */

/** Everything is as it was typed or chosen; '' and null stand for nothing. */
export interface SettingsForm {
  /** 1 is Monday. */
  days: number[];
  time: string | null;
  /** Instead of days and time. */
  summaryCron: string;
  timeZone: string;
  /** A number of hours, or `never`. */
  classifyEvery: string | null;
  classifyCron: string;
  rules: string;
  remindHours: string;
  closeTheLoop: boolean;
  categories: CategoryRow[];
}

export interface CategoryRow {
  /** Which row it is: `c-` and the key of a category that there is, or `new` and a number. */
  row: string;
  name: string;
  emoji: string;
  meaning: string;
}

/** The inputs of the form: what a problem is about. */
export type Field =
  | Exclude<keyof SettingsForm, 'categories'>
  | `${string}-${'name' | 'emoji' | 'meaning'}`;

export type Problems = Map<Field, string>;

export const MAX_CATEGORIES = 20;
export const NAME_LENGTH = 40;
export const MEANING_LENGTH = { min: 10, max: 400 };
/** Slack's own limit of a name, November 2026. */
const EMOJI_LENGTH = 100;
const MAX_REMIND_HOURS = 8_760;

const HOUR_MS = 3_600_000;

const keyOf = ({ row }: CategoryRow) => (row.startsWith('c-') ? row.slice(2) : null);

/** The form that stands for some settings. */
export function fillForm(settings: Settings): SettingsForm {
  const weekly = parseWeekly(settings.summarySchedule);
  const { classifySchedule: classify } = settings;
  const every = classify === null ? 'never' : parseEvery(classify);
  return {
    days: weekly?.days ?? [],
    time: weekly?.time ?? null,
    summaryCron: weekly ? '' : settings.summarySchedule,
    timeZone: settings.timeZone,
    classifyEvery: every === null ? null : String(every),
    classifyCron: every === null ? (classify ?? '') : '',
    rules: formatFlagRules(settings.taxonomy),
    remindHours: formatHours(settings.remindAfterMs),
    closeTheLoop: settings.closeTheLoop,
    categories: settings.taxonomy.categories.map(({ key, name, emoji, meaning }) => ({
      row: `c-${key}`,
      name,
      emoji: formatEmoji({ emoji }),
      meaning,
    })),
  };
}

/** Whether a cron pattern can be read, and whether its time ever comes. */
export type CheckCron = (pattern: string) => 'ok' | 'bad' | 'never';

/**
 * @param current what the form was filled with: what nobody has touched stays exactly as it is
 * @param emoji what people's reactions mean
 * @returns the settings, or everything that is wrong, field by field
 */
export function readForm(
  form: SettingsForm,
  { current, emoji, checkCron }: { current: Settings; emoji: PeopleEmoji; checkCron: CheckCron },
): { kind: 'settings'; settings: Settings } | { kind: 'problems'; problems: Problems } {
  const problems: Problems = new Map();
  const summarySchedule = readSummary(form, current, checkCron, problems);
  const classifySchedule = readClassify(form, checkCron, problems);
  const zone = findTimeZone(form.timeZone.trim(), current.timeZone);
  if (zone.kind !== 'zone') {
    problems.set(
      'timeZone',
      zone.kind === 'several'
        ? `There are several of that name: ${zone.zones.join(', ')}.`
        : 'There is no such time zone. Write a city, or a name such as Europe/Paris.',
    );
  }
  const remindAfterMs = readRemind(form, current, problems);
  const taxonomy = readTaxonomy(form, current.taxonomy, emoji, problems);
  if (problems.size > 0 || zone.kind !== 'zone' || !taxonomy) return { kind: 'problems', problems };
  const { closeTheLoop } = form;
  const timeZone = zone.zone;
  return {
    kind: 'settings',
    settings: {
      summarySchedule,
      classifySchedule,
      timeZone,
      taxonomy,
      remindAfterMs,
      closeTheLoop,
    },
  };
}

const CRON_PROBLEMS = {
  bad: 'This is no cron pattern. Write five fields, such as 0 9 * * 1-5, or leave it empty.',
  never: 'That time never comes.',
};

function readCron(
  field: 'summaryCron' | 'classifyCron',
  pattern: string,
  checkCron: CheckCron,
  problems: Problems,
): string {
  const checked = checkCron(pattern);
  if (checked !== 'ok') problems.set(field, CRON_PROBLEMS[checked]);
  return pattern;
}

function readSummary(
  { days, time, summaryCron }: SettingsForm,
  { summarySchedule: before }: Settings,
  checkCron: CheckCron,
  problems: Problems,
): string {
  const pattern = summaryCron.trim();
  if (pattern === before) return before;
  if (pattern) return readCron('summaryCron', pattern, checkCron, problems);
  if (days.length === 0) problems.set('days', 'Choose at least one day.');
  if (!time || !/^([01]\d|2[0-3]):[0-5]\d$/.test(time)) {
    problems.set('time', 'Choose a time.');
    return before;
  }
  const chosen = formatWeekly({ days, time });
  const weekly = parseWeekly(before);
  return weekly && formatWeekly(weekly) === chosen ? before : chosen;
}

function readClassify(
  { classifyEvery, classifyCron }: SettingsForm,
  checkCron: CheckCron,
  problems: Problems,
): string | null {
  const pattern = classifyCron.trim();
  if (pattern) return readCron('classifyCron', pattern, checkCron, problems);
  const hours = EVERY_HOURS.find((one) => String(one) === classifyEvery);
  return hours === undefined ? null : formatEvery(hours);
}

/** To a ten-thousandth, as people write it. */
const formatHours = (ms: number | null) => String(Number(((ms ?? 0) / HOUR_MS).toFixed(4)));

function readRemind(
  { remindHours }: SettingsForm,
  { remindAfterMs: before }: Settings,
  problems: Problems,
): number | null {
  const typed = remindHours.trim().replace(',', '.');
  if (typed === formatHours(before)) return before;
  const hours = /^\d{1,6}(\.\d{1,4})?$/.test(typed) ? Number(typed) : Number.NaN;
  if (!(hours <= MAX_REMIND_HOURS)) {
    problems.set(
      'remindHours',
      hours > MAX_REMIND_HOURS
        ? 'That is more than a year. 0 means: no reminders.'
        : 'Write a number of hours, such as 48, or 0 for no reminders.',
    );
  }
  return hours > 0 ? hours * HOUR_MS : null;
}

function readTaxonomy(
  form: SettingsForm,
  current: Taxonomy,
  emoji: PeopleEmoji,
  problems: Problems,
): Taxonomy | undefined {
  const before = problems.size;
  const rows = readRows(form.categories, current, problems);
  findNameProblems(rows, problems);
  findEmojiProblems(rows, emoji, problems);
  const categories = rows.map(({ category }) => category);
  const [first] = form.categories;
  if (categories.length < 2 && problems.size === before) {
    problems.set(first ? `${first.row}-name` : 'rules', 'At least two categories are needed.');
  }
  const last = form.categories.findLast(({ name }) => name.trim() !== '');
  if (categories.length > MAX_CATEGORIES && last) {
    problems.set(`${last.row}-name`, `At most ${MAX_CATEGORIES} categories are possible.`);
  }
  // The rules may name a category as it was called until now.
  const kept = new Set(categories.map(({ key }) => key));
  const earlier = current.categories.filter(({ key }) => kept.has(key));
  const parsed = parseFlagRules(form.rules, [...categories, ...earlier]);
  if (parsed.kind === 'problem') problems.set('rules', parsed.problem);
  if (problems.size > before || parsed.kind === 'problem') return undefined;
  return taxonomySchema.parse({ categories, flagged_when: parsed.rules });
}

interface ReadRow {
  row: string;
  category: Category;
}

/** The rows that stand for a category: one whose name was cleared stands for none any more. */
function readRows(rows: CategoryRow[], current: Taxonomy, problems: Problems): ReadRow[] {
  const kept = rows.filter(({ name }) => name.trim() !== '');
  for (const { row, name, emoji, meaning } of rows) {
    // Of a category that there was, clearing the name is how it is removed.
    if (!name.trim() && row.startsWith('new') && (emoji.trim() || meaning.trim())) {
      problems.set(`${row}-name`, 'Name the category, or clear its other fields.');
    }
  }
  const known = new Map(current.categories.map((category) => [category.key, category]));
  const taken = new Set(kept.flatMap((row) => keyOf(row) ?? []).filter((key) => known.has(key)));
  return kept.map((row) => {
    const before = keyOf(row);
    const name = row.name.trim().replace(/\s+/g, ' ');
    const key = before !== null && known.has(before) ? before : makeKey(name, taken);
    taken.add(key);
    const emoji = row.emoji.trim().replace(/^:|:$/g, '');
    // On one line: it becomes one of the prompt's list.
    const meaning = row.meaning.trim().replace(/\s+/g, ' ');
    if (emoji && (!EMOJI_NAME.test(emoji) || emoji.length > EMOJI_LENGTH)) {
      problems.set(
        `${row.row}-emoji`,
        'Write one emoji by its name in Slack, such as :bug:, without a skin tone.',
      );
    }
    const { min, max } = MEANING_LENGTH;
    if (meaning.length < min || meaning.length > max) {
      problems.set(
        `${row.row}-meaning`,
        `Say in ${min} to ${max} characters what belongs here: Claude goes by it.`,
      );
    }
    const category = { key, name, ...(emoji && { emoji }), meaning };
    return { row: row.row, category: untouched(known.get(key), row) ?? category };
  });
}

/** The category as it was, when its row stands as it was filled. */
function untouched(before: Category | undefined, row: CategoryRow): Category | undefined {
  return before &&
    before.name === row.name &&
    formatEmoji(before) === row.emoji &&
    before.meaning.trim() === row.meaning.trim()
    ? before
    : undefined;
}

const formatEmoji = ({ emoji }: Pick<Category, 'emoji'>) => (emoji ? `:${emoji}:` : '');

/** A key made of a name, once and for all: by it verdicts remember their category. */
function makeKey(name: string, taken: Set<string>): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[^a-z]+|_+$/g, '')
    .slice(0, 28);
  const base = plain || 'category';
  for (let n = 1; ; n++) {
    const key = n === 1 ? base : `${base}_${n}`;
    if (!taken.has(key)) return key;
  }
}

function findNameProblems(rows: ReadRow[], problems: Problems): void {
  const seen = new Set<string>();
  for (const { row, category } of rows) {
    const { name } = category;
    const same = sayName(name);
    if (name.length > NAME_LENGTH) {
      problems.set(
        `${row}-name`,
        `At most ${count(NAME_LENGTH, 'character')} are possible; these are ${name.length}.`,
      );
    } else if (isReservedName(name)) {
      problems.set(`${row}-name`, 'A rule above would mean something else by it: choose another.');
    } else if (seen.has(same)) {
      problems.set(`${row}-name`, 'Another category has this name.');
    }
    seen.add(same);
  }
}

const MEANT_BY: Record<keyof PeopleEmoji, string> = {
  claim: 'claim a message',
  resolve: 'resolve a message',
  dismiss: 'say that it is not an issue',
  confirm: 'say that its category is right',
  flag: 'flag a message',
};

function findEmojiProblems(rows: ReadRow[], emoji: PeopleEmoji, problems: Problems): void {
  const rowOf = new Map(rows.map(({ row, category }) => [category.key, { row, category }]));
  const categories = rows.map(({ category }) => category);
  for (const { uses } of findEmojiClashes(emoji, { categories })) {
    const act = uses.find((use) => 'act' in use)?.act;
    const clashing = uses.flatMap((use) =>
      'category' in use ? (rowOf.get(use.category) ?? []) : [],
    );
    // Of several categories the first may keep it.
    const [first, ...others] = clashing;
    for (const { row } of act ? clashing : others) {
      problems.set(
        `${row}-emoji`,
        act
          ? `By this reaction people ${MEANT_BY[act]}: choose another.`
          : `${first?.category.name} has this emoji: choose another.`,
      );
    }
  }
}
