import { HOUR_MS } from '../durations.ts';
import type { PeopleEmoji } from '../people/acts.ts';
import { findTimeZone } from '../zones.ts';
import { formatHours, type Problems, type SettingsForm } from './form.ts';
import { readTaxonomy } from './read-categories.ts';
import { EVERY_HOURS, formatEvery, formatWeekly, parseWeekly } from './schedule-form.ts';
import type { Settings } from './settings.ts';

/** Checks a cron pattern: `never` is a valid pattern whose time never comes. */
export type CheckCron = (pattern: string) => 'ok' | 'bad' | 'never';

/**
 * Reads what a person filled in.
 * @param current what the form was filled with: a field that was not edited keeps its exact value
 * @param emoji what people's reactions mean
 * @param emojiNames all emoji of the workspace; undefined when they are not known
 * @returns the settings, or everything that is wrong, field by field
 */
export function readForm(
  form: SettingsForm,
  {
    current,
    emoji,
    emojiNames,
    checkCron,
  }: {
    current: Settings;
    emoji: PeopleEmoji;
    emojiNames?: readonly string[] | undefined;
    checkCron: CheckCron;
  },
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
  const taxonomy = readTaxonomy(form, current.taxonomy, { emoji, emojiNames }, problems);
  if (problems.size > 0 || zone.kind !== 'zone' || !taxonomy) return { kind: 'problems', problems };
  const { closeTheLoop, asTheyCome } = form;
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
      asTheyCome,
    },
  };
}

const CRON_PROBLEMS = {
  bad: 'This is not a cron pattern. Write five fields, such as 0 9 * * 1-5, or leave it empty.',
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

const MAX_REMIND_HOURS = 8_760;

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
