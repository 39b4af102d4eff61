import { z } from 'zod';
import { FORGOTTEN } from '../privacy/forgotten.ts';
import { readAnswer, SCHEMA_MISMATCH, type Usage } from '../runs/verdict.ts';
import { cleanText, shorten } from '../text.ts';
import { takeIds } from './ids.ts';

/**
 * Topics: which asks (themes) of a channel are sides of one matter. Claude receives ids and returns ids
 * with a short title. This file reads the answer and lets no id through that Claude was not given.
 */

export const TOPIC_LENGTH = 40;

/** So many topics of a channel are told to Claude. */
export const TITLES_AT_MOST = 50;

/** The schema that Claude is asked to answer in. */
export const topicsSchema = z.object({
  topics: z.array(
    z.object({
      title: z
        .string()
        .describe(
          `What these asks have in common, in one to four words, at most ${TOPIC_LENGTH} characters`,
        ),
      asks: z.array(z.string()).describe('Ids of <ask> tags'),
    }),
  ),
});

export const askId = (theme: number) => `a${theme}`;

export interface Topic {
  title: string;
  /** Ids of themes; at least two, unless the topic is known. */
  asks: number[];
}

export type TopicsReading =
  /** `strays` counts ids that were not given or were repeated; they are ignored. */
  | { kind: 'topics'; topics: Topic[]; strays: number; usage?: Usage }
  | { kind: 'bad'; reason: string; usage?: Usage };

/** `apart`: people said that it is no topic. `undone`: they accepted it, and took it apart again. */
export type TopicState = 'proposed' | 'grouped' | 'apart' | 'undone';

/** A decision that people make or have made: which themes stand under a title. */
export interface TopicRow {
  id: number;
  title: string;
  state: 'proposed' | 'grouped';
  /** Who accepted it. */
  by: string | null;
  themes: number[];
}

/** A topic as people see it. */
export interface TopicFacts {
  /** The newest decision about it. */
  id: number;
  title: string;
  state: 'proposed' | 'grouped';
  by: string | null;
  /** People of the 30 days before, and of this summary. */
  people: number;
  fresh: number;
  /** Those of most people first. */
  asks: TopicAsk[];
}

interface TopicAsk {
  id: number;
  title: string;
  people: number;
}

/**
 * Accepted decisions with the same title are one topic. A proposal to add asks to it shows all of it. An ask
 * is in one topic only: that of the earliest decision.
 * @param rows the newest first
 */
export function composeTopics(rows: TopicRow[]): TopicRow[] {
  const named = Map.groupBy(
    rows.filter(({ state }) => state === 'grouped'),
    ({ id, title }) => (title === FORGOTTEN ? `forgotten ${id}` : title.toLowerCase()),
  );
  const taken = new Set<number>();
  const claim = (themes: number[]) =>
    [...new Set(themes)].filter((theme) => {
      if (taken.has(theme)) return false;
      taken.add(theme);
      return true;
    });
  const grouped = [...named.values()].reverse().flatMap((members): TopicRow[] => {
    const [newest] = members;
    if (!newest) return [];
    const oldestFirst = members.toReversed();
    return [{ ...newest, themes: claim(oldestFirst.flatMap(({ themes }) => themes)) }];
  });
  const proposed = rows
    .filter(({ state }) => state === 'proposed')
    .toReversed()
    .flatMap((row): TopicRow[] => {
      const fresh = claim(row.themes);
      const known = grouped.find(({ title }) => title.toLowerCase() === row.title.toLowerCase());
      return fresh.length === 0 ? [] : [{ ...row, themes: [...(known?.themes ?? []), ...fresh] }];
    });
  return [...grouped, ...proposed];
}

/**
 * Reads the answer to a request for topics. Never throws, whatever the answer is.
 * @param asks the ids of the themes that Claude was given
 * @param known titles of topics that there are already: one more ask is enough for these
 */
export function readTopicsAnswer(
  message: unknown,
  asks: number[],
  known: string[] = [],
): TopicsReading {
  const read = readAnswer(message);
  const usage = read.usage && { usage: read.usage };
  if (read.kind === 'bad') return { kind: 'bad', reason: read.reason, ...usage };
  const parsed = topicsSchema.safeParse(read.json);
  if (!parsed.success) return { kind: 'bad', reason: SCHEMA_MISMATCH, ...usage };

  const free = new Map(asks.map((id) => [askId(id), id]));
  let strays = 0;
  // Two topics of the same name are one.
  const byName = new Map<string, Topic>();
  for (const topic of parsed.data.topics) {
    const title = shorten(cleanText(topic.title).replace(/\s+/gu, ' ').trim(), TOPIC_LENGTH);
    if (title === '') continue;
    const taken = takeIds(free, topic.asks);
    strays += taken.strays;
    const name = title.toLowerCase();
    const known = byName.get(name);
    if (known) known.asks.push(...taken.found);
    else byName.set(name, { title, asks: taken.found });
  }
  const titles = new Map(known.map((title) => [title.toLowerCase(), title]));
  const topics = [...byName].flatMap(([name, topic]): Topic[] => {
    const title = titles.get(name);
    if (title !== undefined) return topic.asks.length > 0 ? [{ ...topic, title }] : [];
    return topic.asks.length > 1 ? [topic] : [];
  });
  return { kind: 'topics', topics, strays, ...usage };
}
