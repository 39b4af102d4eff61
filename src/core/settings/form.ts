import { HOUR_MS } from '../durations.ts';
import { formatFlagRules } from '../runs/flag-rules.ts';
import type { Category } from '../runs/taxonomy.ts';
import { parseEvery, parseWeekly } from './schedule-form.ts';
import type { Settings } from './settings.ts';

/** The settings form. Every value is as a person typed or chose it; '' and null stand for nothing. */
export interface SettingsForm {
  /** 1 is Monday. */
  days: number[];
  time: string | null;
  /** A cron pattern instead of days and time. */
  summaryCron: string;
  timeZone: string;
  /** A number of hours, or `never`. */
  classifyEvery: string | null;
  classifyCron: string;
  rules: string;
  remindHours: string;
  closeTheLoop: boolean;
  asTheyCome: boolean;
  categories: CategoryRow[];
}

export interface CategoryRow {
  /** The id of the row: `c-` and the key of an existing category, or `new` and a number. */
  row: string;
  name: string;
  emoji: string;
  /** What belongs to the category and, after "Not:", what does not. */
  meaning: string;
}

/** The inputs of the form. A problem is about one of them. */
export type Field =
  | Exclude<keyof SettingsForm, 'categories'>
  | `${string}-${'name' | 'emoji' | 'meaning'}`;

export type Problems = Map<Field, string>;

export const MAX_CATEGORIES = 20;
export const NAME_LENGTH = 40;
export const MEANING_LENGTH = { min: 10, max: 400 };
export const NOT_LENGTH = { min: 3, max: 400 };

/** Fills the form with settings. */
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
    asTheyCome: settings.asTheyCome,
    categories: settings.taxonomy.categories.map((category) => ({
      row: `c-${category.key}`,
      name: category.name,
      emoji: formatEmoji(category),
      meaning: formatMeaning(category),
    })),
  };
}

/** Hours as people write them, to four decimals. */
export const formatHours = (ms: number | null) => String(Number(((ms ?? 0) / HOUR_MS).toFixed(4)));

/** What a category means, and what it does not, in one text. */
export const formatMeaning = ({ meaning, not }: Pick<Category, 'meaning' | 'not'>) =>
  not === undefined ? meaning : `${meaning}\nNot: ${not}`;

/** Each on one line, because it becomes an item in the prompt's list. */
export function readMeaning(typed: string): Pick<Category, 'meaning' | 'not'> {
  const oneLine = (text: string) => text.trim().replace(/\s+/g, ' ');
  // It begins a line or a sentence.
  const found = /^(.*?)(?:^|\n|(?<=[.!?;)]))\s*not:\s+(.+)$/is.exec(typed.trim());
  if (!found) return { meaning: oneLine(typed) };
  return { meaning: oneLine(found[1] ?? ''), not: oneLine(found[2] ?? '') };
}

export const formatEmoji = ({ emoji }: Pick<Category, 'emoji'>) => (emoji ? `:${emoji}:` : '');
