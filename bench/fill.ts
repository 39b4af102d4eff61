import { readSample } from '../sim/feedback/sample.ts';
import { msToTs } from '../src/core/timestamps.ts';
import type { Db } from '../src/store/db/tables.ts';

export const BENCH_CHANNEL = 'C0BENCH';

/**
 * Inserts pending messages, one per millisecond, the last a minute ago.
 * @param channel the bot may know it
 */
export async function fillDatabase(into: Db, rows: number, channel = BENCH_CHANNEL): Promise<void> {
  const start = Date.now() - rows - 60_000;
  const sample = readSample(300);
  await into
    .insertInto('channels')
    .values({
      id: channel,
      name: null,
      state: 'member',
      since_ts: msToTs(start),
      swept_ts: msToTs(start),
      invited_by: null,
      offer: 'none',
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  for (let n = 0; n < rows; n += 1000) {
    const values = Array.from({ length: Math.min(1000, rows - n) }, (_, index) => ({
      channel,
      ts: msToTs(start + n + index),
      thread_ts: null,
      author: null,
      author_name: null,
      text: sample[(n + index) % sample.length]?.text ?? '',
      revision: 1,
      edited_ts: null,
      posted_at: start + n + index,
      collected_at: start,
      deleted_at: null,
      state: 'pending' as const,
      run: null,
      trouble: null,
      verdict: null,
      digest: null,
    }));
    await into.insertInto('messages').values(values).execute();
  }
}
