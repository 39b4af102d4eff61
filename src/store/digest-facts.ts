import { isOpen } from '../core/acts.ts';
import type { DigestFacts } from '../core/digest.ts';
import type { Sentiment, Urgency } from '../core/taxonomy.ts';
import { readStillOpen } from './cards.ts';
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

/** Untold messages and told ones are gone through in pages: nobody waits for all of them. */
const PAGE = 1000;

/**
 * Takes the next of what is untold into the digest of a run.
 * @returns how many; none means that all is told
 */
export async function takeUntold(db: Db | Tx, run: Run): Promise<number> {
  const { numUpdatedRows } = await db
    .updateTable('messages')
    .set({ digest: run.id })
    .where('channel', '=', run.channel)
    .where('ts', 'in', (eb) =>
      eb
        .selectFrom('messages')
        .select('ts')
        .where('channel', '=', run.channel)
        .where('digest', 'is', null)
        .where('deleted_at', 'is', null)
        .where('state', 'in', ['judged', 'dead'])
        .limit(PAGE),
    )
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

/** The digest of a run was never seen: what it told of is for the next one. */
export async function untell(tx: Tx, run: number): Promise<void> {
  await tx.updateTable('messages').set({ digest: null }).where('digest', '=', run).execute();
}

/**
 * The facts of a run's digest: of what takeUntold gave it.
 * @param pause between pages, for whoever else wants to go on
 */
export async function readDigestFacts(
  db: Db | Tx,
  run: Run,
  now: number,
  pause: () => Promise<void> = async () => {},
): Promise<DigestFacts> {
  const still = await readStillOpen(db, run.channel, run.id);
  const facts: DigestFacts = {
    channel: run.channel,
    run: run.id,
    startedAt: run.created_at,
    writtenAt: now,
    requestedBy: run.requested_by,
    model: run.model,
    taxonomyVersion: run.taxonomy_version,
    total: 0,
    flaggedTotal: 0,
    settledTotal: 0,
    stillOpenTotal: still.total,
    stillOpen: still.flags,
    deadTotal: 0,
    againTotal: await countAgain(db, run),
    countByCategory: new Map(),
    costUsd: await readCost(db, run),
    messages: [],
    dead: [],
    themes: [],
  };
  let after = '';
  for (;;) {
    const last = await findPageEnd(db, run, after);
    if (last === undefined) return facts;
    await addPage(db, run, { after, last }, facts);
    after = last;
    await pause();
  }
}

interface Range {
  after: string;
  last: string;
}

async function findPageEnd(db: Db | Tx, run: Run, after: string): Promise<string | undefined> {
  const { last } = await db
    .selectFrom((eb) =>
      eb
        .selectFrom('messages')
        .select('ts')
        .where('channel', '=', run.channel)
        .where('digest', '=', run.id)
        .where('ts', '>', after)
        .orderBy('ts')
        .limit(PAGE)
        .as('page'),
    )
    .select((eb) => eb.fn.max('page.ts').as('last'))
    .executeTakeFirstOrThrow();
  return last ?? undefined;
}

async function addPage(
  db: Db | Tx,
  run: Run,
  { after, last }: Range,
  facts: DigestFacts,
): Promise<void> {
  const told = db
    .selectFrom('messages')
    .where('messages.channel', '=', run.channel)
    .where('messages.digest', '=', run.id)
    .where('messages.ts', '>', after)
    .where('messages.ts', '<=', last)
    .where('messages.deleted_at', 'is', null);
  const judged = told
    .innerJoin('verdicts', 'verdicts.id', 'messages.verdict')
    .leftJoin('flags', (join) =>
      join.onRef('flags.channel', '=', 'messages.channel').onRef('flags.ts', '=', 'messages.ts'),
    )
    .where('messages.state', '=', 'judged');

  const counts = await judged
    .select((eb) => [
      'verdicts.category',
      eb.fn.countAll<number>().as('messages'),
      eb.fn.countAll<number>().filterWhere('flags.state', 'in', ['open', 'claimed']).as('flagged'),
      eb.fn
        .countAll<number>()
        .filterWhere('flags.state', 'in', ['resolved', 'dismissed'])
        .as('settled'),
    ])
    .groupBy('verdicts.category')
    .execute();
  for (const { category, messages, flagged, settled } of counts) {
    const before = facts.countByCategory.get(category) ?? 0;
    facts.countByCategory.set(category, before + messages);
    facts.total += messages;
    facts.flaggedTotal += flagged;
    facts.settledTotal += settled;
  }

  const messages = await judged
    .select((eb) => [
      'messages.ts',
      'messages.thread_ts as threadTs',
      'messages.author',
      'messages.author_name as authorName',
      'verdicts.category',
      'verdicts.sentiment',
      'verdicts.urgency',
      'verdicts.gist',
      'flags.state as flag',
      // Only of noise the words themselves are shown.
      eb
        .case()
        .when('verdicts.emoji', 'is', null)
        .then(eb.ref('messages.text'))
        .else('')
        .end()
        .as('text'),
    ])
    .orderBy('messages.ts')
    .execute();
  for (const { flag, ...row } of messages) {
    facts.messages.push({
      ...row,
      sentiment: row.sentiment as Sentiment,
      urgency: row.urgency as Urgency,
      flagged: flag !== null && isOpen(flag),
    });
  }

  const dead = await told
    .leftJoin('flags', (join) =>
      join.onRef('flags.channel', '=', 'messages.channel').onRef('flags.ts', '=', 'messages.ts'),
    )
    .where('messages.state', '=', 'dead')
    .select([
      'messages.ts',
      'messages.thread_ts as threadTs',
      'messages.text',
      'messages.trouble',
      'flags.state as flag',
    ])
    .orderBy('messages.ts')
    .execute();
  facts.deadTotal += dead.length;
  for (const { trouble, flag, ...row } of dead) {
    if (flag && isOpen(flag)) facts.flaggedTotal++;
    if (flag === 'resolved' || flag === 'dismissed') facts.settledTotal++;
    facts.dead.push({ ...row, reason: trouble ?? 'no reason known' });
  }
}

/** What the run gave back to pending. */
async function countAgain(db: Db | Tx, run: Run): Promise<number> {
  const { again } = await db
    .selectFrom('messages')
    .select((eb) => eb.fn.countAll<number>().as('again'))
    .where('channel', '=', run.channel)
    .where('run', '=', run.id)
    .where('state', '=', 'pending')
    .where('deleted_at', 'is', null)
    .executeTakeFirstOrThrow();
  return again;
}

/** What was billed since the digest before this one, in US dollars. */
async function readCost(tx: Db | Tx, run: Run): Promise<number | null> {
  const { nano, unpriced } = await tx
    .selectFrom('batches')
    .innerJoin('runs', 'runs.id', 'batches.run')
    .select((eb) => [
      eb.fn.coalesce(eb.fn.sum<number>('batches.nano_usd'), eb.lit(0)).as('nano'),
      eb.fn.countAll<number>().filterWhere('batches.nano_usd', 'is', null).as('unpriced'),
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

/** The messages of a run's digest that have a flag, in pages. */
export async function listFlaggedOf(
  db: Db | Tx,
  run: Run,
  after: string,
  limit: number,
): Promise<string[]> {
  const rows = await db
    .selectFrom('flags')
    .innerJoin('messages', (join) =>
      join.onRef('messages.channel', '=', 'flags.channel').onRef('messages.ts', '=', 'flags.ts'),
    )
    .select('flags.ts')
    .where('flags.channel', '=', run.channel)
    .where('messages.digest', '=', run.id)
    .where('messages.deleted_at', 'is', null)
    .where('flags.state', '!=', 'withdrawn')
    .where('flags.ts', '>', after)
    .orderBy('flags.ts')
    .limit(limit)
    .execute();
  return rows.map(({ ts }) => ts);
}
