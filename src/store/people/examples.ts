import { sql } from 'kysely';
import type { Db, Tx } from '../db/database.ts';
import { haveMuchInCommon, listTerms, matchAny } from '../text-index/terms.ts';

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
export async function keepExample(
  tx: Tx,
  example: { channel: string; ts: string; text: string },
): Promise<void> {
  const { channel, ts, text } = example;
  await dropExamples(tx, channel, [ts]);
  const { id: rowid } = await tx
    .selectFrom('verdicts')
    .select('id')
    .where('channel', '=', channel)
    .where('ts', '=', ts)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow();
  await tx.insertInto('examples').values({ rowid, channel, ts, text }).execute();
}

/** Found by its verdicts: of an example only the words are indexed. */
export async function dropExamples(tx: Tx, channel: string, ts: string[]): Promise<void> {
  if (ts.length === 0) return;
  await tx
    .deleteFrom('examples')
    .where('rowid', 'in', (eb) =>
      eb.selectFrom('verdicts').select('id').where('channel', '=', channel).where('ts', 'in', ts),
    )
    .execute();
}

/** How many examples a channel has, counted up to `limit`. */
export async function countExamples(db: Db | Tx, channel: string, limit: number): Promise<number> {
  const rows = await db
    .selectFrom('examples')
    .select('rowid')
    .where('channel', '=', channel)
    .limit(limit)
    .execute();
  return rows.length;
}

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
  const terms = listTerms(message.text);
  if (terms.length === 0) return [];
  const candidates = await db
    .selectFrom('examples')
    .select(['ts', 'text'])
    .where(sql<boolean>`examples match ${matchAny(terms)}`)
    .where('channel', '=', message.channel)
    .where('ts', '!=', message.ts)
    .orderBy(sql`bm25(examples)`)
    .orderBy('ts', 'desc')
    .limit(limit * SPARE)
    .execute();

  const different = new Map<string, { ts: string; text: string }>();
  for (const { ts, text } of candidates) {
    const words = listTerms(text).join(' ');
    if (haveMuchInCommon(terms, text) && !different.has(words)) different.set(words, { ts, text });
  }
  return (await addCategories(db, message.channel, [...different.values()])).slice(0, limit);
}

/** Those of some messages that are examples still, in the order asked for. */
export async function readExamples(db: Db | Tx, channel: string, ts: string[]): Promise<Example[]> {
  const rows = await db
    .selectFrom('examples')
    .select(['ts', 'text'])
    .where('rowid', 'in', (eb) =>
      eb.selectFrom('verdicts').select('id').where('channel', '=', channel).where('ts', 'in', ts),
    )
    .execute();
  const wanted = ts.flatMap((each) => rows.find((row) => row.ts === each) ?? []);
  return addCategories(db, channel, wanted);
}

/** With what people hold to be right now; without those of which they hold nothing any more. */
async function addCategories(
  db: Db | Tx,
  channel: string,
  examples: { ts: string; text: string }[],
): Promise<Example[]> {
  const rows = await db
    .selectFrom('messages')
    .innerJoin('verdicts', 'verdicts.id', 'messages.verdict')
    .select(['messages.ts', 'verdicts.category'])
    .where('messages.channel', '=', channel)
    .where(
      'messages.ts',
      'in',
      examples.map(({ ts }) => ts),
    )
    .where('messages.state', '=', 'judged')
    .where('messages.deleted_at', 'is', null)
    .where('verdicts.person', 'is not', null)
    .execute();
  const categories = new Map(rows.map(({ ts, category }) => [ts, category]));
  return examples.flatMap(({ ts, text }) => {
    const category = categories.get(ts);
    return category === undefined ? [] : { ts, text, category };
  });
}

/**
 * Which examples each message of a batch is sent with, for those who ask why; in the transaction
 * that makes the batch `submitting`.
 */
export async function noteExamples(
  tx: Tx,
  batch: number,
  examples: Map<string, Example[]>,
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
  }
}
