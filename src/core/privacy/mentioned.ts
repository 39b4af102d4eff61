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
  const shown: unknown = JSON.parse(effect);
  return JSON.stringify(withoutName(shown, name)) !== JSON.stringify(shown);
}

/** What a post shows, with another word where it names somebody. */
export function withoutName<T>(shown: T, name: string): T {
  const words = [name, escapeMrkdwn(name)].map((one) => RegExp.escape(one)).join('|');
  const whole = new RegExp(`(?<![\\p{L}\\p{N}])(?:${words})(?![\\p{L}\\p{N}])`, 'giu');
  return mapTexts(shown, (text) => text.replace(whole, 'somebody')) as T;
}

/** Ids and kinds of blocks, which nobody sees. */
const UNSEEN = new Set(['kind', 'type', 'block_id', 'action_id', 'value', 'style', 'event_type']);

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((part) => mapTexts(part, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [
      key,
      UNSEEN.has(key) ? part : mapTexts(part, change),
    ]),
  );
}
