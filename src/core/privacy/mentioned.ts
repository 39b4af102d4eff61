import { escapeMrkdwn } from '../text.ts';

/** Which messages and themes a post is about: its links and the ids of its blocks say so. */

export interface Mentioned {
  ts: string[];
  themes: number[];
  merges: number[];
  topics: number[];
}

/** @param effect as the outbox stores it */
export function listMentioned(effect: string): Mentioned {
  const ts = [
    ...[...effect.matchAll(/\/p(\d{10})(\d{6})/g)].map(([, seconds, rest]) => `${seconds}.${rest}`),
    ...[...effect.matchAll(/"(?:about-[A-Z0-9]+-)?(\d{10}\.\d{6})/g)].map(([, one]) => one ?? ''),
  ];
  const ids = (of: string) =>
    [...effect.matchAll(new RegExp(`"about-${of}-(\\d{1,15})`, 'g'))].map(([, id]) => Number(id));
  return {
    ts: [...new Set(ts)],
    themes: ids('theme'),
    merges: ids('merge'),
    topics: ids('topic'),
  };
}

/** Whether a post may name somebody: as a whole word of what people see. @param effect as the outbox stores it */
export function mayName(effect: string, name: string): boolean {
  const words = [name, escapeMrkdwn(name)].map((one) => RegExp.escape(one)).join('|');
  const whole = new RegExp(`(?<![\\p{L}\\p{N}])(?:${words})(?![\\p{L}\\p{N}])`, 'iu');
  return listTexts(JSON.parse(effect)).some((text) => whole.test(text));
}

/** Ids and kinds of blocks, which nobody sees. */
const UNSEEN = new Set(['kind', 'type', 'block_id', 'action_id', 'value', 'style', 'event_type']);

function listTexts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => (UNSEEN.has(key) ? [] : listTexts(part)));
}
