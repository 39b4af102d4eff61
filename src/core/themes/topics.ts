import { z } from 'zod';
import { readAnswer, SCHEMA_MISMATCH, type Usage } from '../runs/verdict.ts';
import { cleanText, shorten } from '../text.ts';
import { takeIds } from './ids.ts';

/**
 * Topics: which asks (themes) of a channel are sides of one matter. Claude receives ids and returns ids
 * with a short title. This file reads the answer and lets no id through that Claude was not given.
 */

export const TOPIC_LENGTH = 40;

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
  /** Ids of themes, at least two. */
  asks: number[];
}

export type TopicsReading =
  /** `strays` counts ids that were not given or were repeated; they are ignored. */
  | { kind: 'topics'; topics: Topic[]; strays: number; usage?: Usage }
  | { kind: 'bad'; reason: string; usage?: Usage };

/**
 * Reads the answer to a request for topics. Never throws, whatever the answer is.
 * @param asks the ids of the themes that Claude was given
 */
export function readTopics(message: unknown, asks: number[]): TopicsReading {
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
  const topics = [...byName.values()].filter((topic) => topic.asks.length > 1);
  return { kind: 'topics', topics, strays, ...usage };
}
