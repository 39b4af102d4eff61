import type { Db, Tx } from '../db/tables.ts';
import {
  addTexts,
  countTexts,
  findSimilar,
  type IndexedText,
  readTexts,
  removeTexts,
} from '../text-index/similar-texts.ts';
import { listTerms } from '../text-index/terms.ts';

/**
 * Examples: what people have corrected or confirmed, found again by its words. A message is shown
 * those of its own channel only: another one may be private.
 */

export interface Example {
  ts: string;
  /** Plain, and whole. */
  text: string;
  /** What people hold to be right now. */
  category: string;
}

/**
 * Keeps a message whose category a person has corrected or confirmed; kept again, it has its new
 * text only.
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
  if (ts.length > 0) await removeTexts(tx, 'examples', await listVerdicts(tx, channel, ts));
}

/** The index has an example by the id of a verdict: that of the last one when it was kept. */
async function listVerdicts(db: Db | Tx, channel: string, ts: string[]): Promise<number[]> {
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

/** Candidates for each example asked for: some have too little in common, or say the same again. */
const SPARE = 4;

/**
 * The nearest examples for a message, nearest first; never the message itself.
 * @param message.text plain
 */
export async function findExamples(
  db: Db | Tx,
  message: { channel: string; ts: string; text: string },
  limit: number,
): Promise<Example[]> {
  // One more: the message itself may be among them.
  const candidates = await findSimilar(db, 'examples', message, limit * SPARE + 1);
  const different = new Map<string, Example>();
  for (const example of await addCategories(db, candidates)) {
    const words = listTerms(example.text).join(' ');
    if (example.ts !== message.ts && !different.has(words)) different.set(words, example);
  }
  return [...different.values()].slice(0, limit);
}

/** Those of some messages that are examples still, in the order asked for. */
export async function readExamples(db: Db | Tx, channel: string, ts: string[]): Promise<Example[]> {
  const texts = await readTexts(db, 'examples', await listVerdicts(db, channel, ts));
  const examples = await addCategories(db, texts);
  return ts.flatMap((each) => examples.find((example) => example.ts === each) ?? []);
}

/** With what people hold to be right now; without those of which they hold nothing any more. */
async function addCategories(db: Db | Tx, texts: IndexedText[]): Promise<Example[]> {
  if (texts.length === 0) return [];
  const rows = await db
    .selectFrom('verdicts as kept')
    .innerJoin('messages', (join) =>
      join.onRef('messages.channel', '=', 'kept.channel').onRef('messages.ts', '=', 'kept.ts'),
    )
    .innerJoin('verdicts', 'verdicts.id', 'messages.verdict')
    .select(['kept.id', 'messages.ts', 'verdicts.category'])
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
    return row ? [{ ts: row.ts, text, category: row.category }] : [];
  });
}

/**
 * Which examples each message of a batch is sent with, for those who ask why; in the transaction
 * that makes the batch `submitting`.
 * @param pause after each message, for whoever else wants to go on
 */
export async function recordExamples(
  tx: Tx,
  batch: number,
  examples: Map<string, Example[]>,
  pause: () => Promise<void> = async () => {},
): Promise<void> {
  // Those of a submission that was not made.
  await tx
    .updateTable('requests')
    .set({ examples: null })
    .where('batch', '=', batch)
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
