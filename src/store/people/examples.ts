import type { Db, Tx } from '../db/tables.ts';
import { readLastReplies } from '../intake/replies.ts';
import type { IndexedText } from '../text-index/engine.ts';
import {
  addTexts,
  countTexts,
  findSimilar,
  readTexts,
  removeTexts,
} from '../text-index/similar-texts.ts';
import { listTerms } from '../text-index/terms.ts';

/**
 * Examples: what people have corrected or confirmed, found by its words. A message only gets
 * examples from its own channel, because another one may be private.
 */

export interface Example {
  ts: string;
  /** Plain text, in full. */
  text: string;
  /** The category that people say is right now. */
  category: string;
  /** The second one, if the message does two things. */
  also: string | null;
}

/**
 * Upserts a message whose category a person corrected or confirmed; only its new text remains.
 * @param example.text plain
 * @throws when the message has no verdict
 */
export async function upsertExample(
  tx: Tx,
  example: { channel: string; ts: string; text: string },
): Promise<void> {
  const { channel, ts, text } = example;
  const verdicts = await listVerdicts(tx, channel, [ts]);
  const id = verdicts.at(-1);
  if (id === undefined) throw new Error(`no verdict of ${channel} ${ts} to make an example of`);
  await removeTexts(tx, 'examples', verdicts);
  await addTexts(tx, 'examples', [{ id, channel, ts, text }]);
}

export async function deleteExamples(tx: Tx, channel: string, ts: string[]): Promise<void> {
  await removeTexts(tx, 'examples', await listVerdicts(tx, channel, ts));
}

/** The index knows an example by the id of the verdict that counted when it was added. */
async function listVerdicts(db: Db | Tx, channel: string, ts: string[]): Promise<number[]> {
  if (ts.length === 0) return [];
  const rows = await db
    .selectFrom('verdicts')
    .select('id')
    .where('channel', '=', channel)
    .where('ts', 'in', ts)
    .orderBy('id')
    .execute();
  return rows.map(({ id }) => id);
}

/** How many examples a channel has, counted up to `limit`. */
export const countExamples = (db: Db | Tx, channel: string, limit: number): Promise<number> =>
  countTexts(db, 'examples', channel, limit);

/** Candidates to compare for each example: some have too little in common, or repeat others. */
const SPARE = 4;

/**
 * The most similar examples for a message, nearest first; never the message itself.
 * @param message.text plain
 */
export async function findExamples(
  db: Db | Tx,
  message: { channel: string; ts: string; text: string },
  limit: number,
): Promise<Example[]> {
  // One more, because the message itself may be among them.
  const candidates = await findSimilar(db, 'examples', message, limit * SPARE + 1);
  const different = new Map<string, Example>();
  for (const example of await addCategories(db, candidates)) {
    const words = listTerms(example.text).join(' ');
    if (example.ts !== message.ts && !different.has(words)) different.set(words, example);
  }
  return [...different.values()].slice(0, limit);
}

/** The given messages that are still examples, in the given order. */
export async function readExamples(db: Db | Tx, channel: string, ts: string[]): Promise<Example[]> {
  const texts = await readTexts(db, 'examples', await listVerdicts(db, channel, ts));
  const examples = await addCategories(db, texts);
  return ts.flatMap((each) => examples.find((example) => example.ts === each) ?? []);
}

interface Corrected {
  channel: string;
  ts: string;
  text: string;
  category: string;
  also: string | null;
}

/**
 * All messages whose category people have corrected or confirmed, with Slack's texts.
 * @param perThread how many of the last replies come with each, oldest first
 */
export async function listCorrected(
  db: Db,
  perThread: number,
): Promise<(Corrected & { replies: string[] })[]> {
  const messages = await db
    .selectFrom('messages')
    .innerJoin('verdicts', 'verdicts.id', 'messages.verdict')
    .select(['messages.channel', 'messages.ts', 'messages.text'])
    .select(['verdicts.category', 'verdicts.also'])
    .where('messages.state', '=', 'judged')
    .where('messages.deleted_at', 'is', null)
    .where('messages.forgotten', 'is', null)
    .where('verdicts.person', 'is not', null)
    .orderBy('messages.channel')
    .orderBy('messages.ts')
    .execute();
  const corrected = [];
  for (const message of messages) {
    const replies = await readLastReplies(db, message, perThread);
    corrected.push({ ...message, replies });
  }
  return corrected;
}

/** With the category that people say is right now; without those that no longer have one. */
async function addCategories(db: Db | Tx, texts: IndexedText[]): Promise<Example[]> {
  if (texts.length === 0) return [];
  const rows = await db
    .selectFrom('verdicts as kept')
    .innerJoin('messages', (join) =>
      join.onRef('messages.channel', '=', 'kept.channel').onRef('messages.ts', '=', 'kept.ts'),
    )
    .innerJoin('verdicts', 'verdicts.id', 'messages.verdict')
    .select(['kept.id', 'messages.ts', 'verdicts.category', 'verdicts.also'])
    .where(
      'kept.id',
      'in',
      texts.map(({ id }) => id),
    )
    .where('messages.state', '=', 'judged')
    .where('messages.deleted_at', 'is', null)
    .where('verdicts.person', 'is not', null)
    .execute();
  const found = new Map(rows.map((row) => [row.id, row]));
  return texts.flatMap(({ id, text }) => {
    const row = found.get(id);
    return row ? [{ ts: row.ts, text, category: row.category, also: row.also }] : [];
  });
}

/**
 * Records the examples that each message of a batch is sent with, for *Why?*. Runs in the
 * transaction that makes the batch `submitting`.
 * @param pause called after each message
 */
export async function recordExamples(
  tx: Tx,
  batch: number,
  examples: Map<string, Example[]>,
  {
    only,
    pause = async () => {},
  }: { only?: string[] | undefined; pause?: () => Promise<void> } = {},
): Promise<void> {
  // Left from a submission that was not made.
  await tx
    .updateTable('requests')
    .set({ examples: null })
    .where('batch', '=', batch)
    .$if(only !== undefined, (query) => query.where('ts', 'in', only ?? []))
    .where('examples', 'is not', null)
    .execute();
  for (const [ts, shown] of examples) {
    await tx
      .updateTable('requests')
      .set({ examples: JSON.stringify(shown.map((example) => example.ts)) })
      .where('batch', '=', batch)
      .where('ts', '=', ts)
      .execute();
    await pause();
  }
}
