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

/** Whether a post may name somebody. @param effect as the outbox stores it */
export const mayName = (effect: string, name: string): boolean =>
  [name, escapeMrkdwn(name)].some((words) => effect.includes(JSON.stringify(words).slice(1, -1)));
