import type { DigestFacts } from '../core/digest.ts';
import type { Sentiment, Urgency } from '../core/taxonomy.ts';
import type { Db, Tx } from './database.ts';
import type { Run } from './runs.ts';

/** Whether a channel has verdicts or dead messages that no digest has told of. */
export async function countUntold(db: Db | Tx, channel: string): Promise<number> {
  const { messages } = await db
    .selectFrom('messages')
    .select((eb) => eb.fn.countAll<number>().as('messages'))
    .where('channel', '=', channel)
    .where('digest', 'is', null)
    .where('deleted_at', 'is', null)
    .where('state', 'in', ['judged', 'dead'])
    .executeTakeFirstOrThrow();
  return messages;
}

/** Takes everything that is untold into the digest of this run; in its transaction it is told. */
export async function takeUntold(tx: Tx, run: Run): Promise<void> {
  await tx
    .updateTable('messages')
    .set({ digest: run.id })
    .where('channel', '=', run.channel)
    .where('digest', 'is', null)
    .where('deleted_at', 'is', null)
    .where('state', 'in', ['judged', 'dead'])
    .execute();
}

/** The facts of a run's digest: of what takeUntold gave it. */
export async function readDigestFacts(tx: Tx, run: Run, now: number): Promise<DigestFacts> {
  const told = tx
    .selectFrom('messages')
    .where('messages.channel', '=', run.channel)
    .where('messages.digest', '=', run.id)
    .where('messages.deleted_at', 'is', null);
  const judged = told
    .innerJoin('verdicts', 'verdicts.id', 'messages.verdict')
    .where('messages.state', '=', 'judged');

  const counts = await judged
    .select((eb) => [
      'verdicts.category',
      eb.fn.countAll<number>().as('messages'),
      eb.fn.sum<number>('verdicts.flagged').as('flagged'),
    ])
    .groupBy('verdicts.category')
    .execute();
  const messages = await judged
    .select([
      'messages.ts',
      'messages.thread_ts as threadTs',
      'messages.author',
      'messages.author_name as authorName',
      'messages.text',
      'verdicts.category',
      'verdicts.sentiment',
      'verdicts.urgency',
      'verdicts.gist',
      'verdicts.flagged',
    ])
    .orderBy('messages.ts')
    .execute();
  const dead = await told
    .where('messages.state', '=', 'dead')
    .select(['ts', 'thread_ts as threadTs', 'text', 'trouble'])
    .orderBy('ts')
    .execute();
  const { again } = await tx
    .selectFrom('messages')
    .select((eb) => eb.fn.countAll<number>().as('again'))
    .where('channel', '=', run.channel)
    .where('run', '=', run.id)
    .where('state', '=', 'pending')
    .where('deleted_at', 'is', null)
    .executeTakeFirstOrThrow();

  const total = (numbers: number[]) => numbers.reduce((sum, value) => sum + value, 0);
  return {
    channel: run.channel,
    run: run.id,
    startedAt: run.created_at,
    writtenAt: now,
    requestedBy: run.requested_by,
    model: run.model,
    taxonomyVersion: run.taxonomy_version,
    total: total(counts.map((row) => row.messages)),
    flaggedTotal: total(counts.map((row) => row.flagged)),
    deadTotal: dead.length,
    againTotal: again,
    countByCategory: new Map(counts.map((row) => [row.category, row.messages])),
    costUsd: await readCost(tx, run),
    messages: messages.map((row) => ({
      ...row,
      sentiment: row.sentiment as Sentiment,
      urgency: row.urgency as Urgency,
      flagged: row.flagged === 1,
    })),
    dead: dead.map(({ trouble, ...row }) => ({ ...row, reason: trouble ?? 'no reason known' })),
  };
}

/** What was billed since the digest before this one, in US dollars. */
async function readCost(tx: Tx, run: Run): Promise<number | null> {
  const { nano, unpriced } = await tx
    .selectFrom('costs')
    .innerJoin('runs', 'runs.id', 'costs.run')
    .select((eb) => [
      eb.fn.coalesce(eb.fn.sum<number>('costs.nano_usd'), eb.lit(0)).as('nano'),
      eb.fn.countAll<number>().filterWhere('costs.nano_usd', 'is', null).as('unpriced'),
    ])
    .where('runs.channel', '=', run.channel)
    .where('runs.id', '<=', run.id)
    .where('runs.id', '>', (eb) =>
      eb
        .selectFrom('runs as earlier')
        .select((inner) =>
          inner.fn.coalesce(inner.fn.max('earlier.id'), inner.lit(0)).as('earlier'),
        )
        .where('earlier.channel', '=', run.channel)
        .where('earlier.id', '<', run.id)
        // A run whose digest had nothing to tell has told no cost either.
        .where((inner) =>
          inner.exists(
            inner.selectFrom('messages').select('ts').whereRef('digest', '=', 'earlier.id'),
          ),
        ),
    )
    .executeTakeFirstOrThrow();
  return unpriced > 0 ? null : nano / 1e9;
}
