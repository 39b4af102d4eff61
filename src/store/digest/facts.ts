import { sql } from 'kysely';
import { chartDays, daysOfSpan } from '../../core/digest/chart.ts';
import { type About, type DigestFacts, type Praise, SHOWN } from '../../core/digest/digest.ts';
import { msToTs } from '../../core/timestamps.ts';
import type { Db, Tx } from '../db/tables.ts';
import { listGoneEmoji } from '../delivery/holds.ts';
import { readAttention } from '../people/open-flags.ts';
import { readSum, selectBills } from '../runs/costs.ts';
import { countPaidTwice } from '../runs/express.ts';
import { readProgress } from '../runs/progress.ts';
import type { Run } from '../runs/runs.ts';
import { readThemeFacts } from '../themes/facts.ts';
import { listMerges } from '../themes/merges.ts';
import { readTopics } from '../themes/topic-facts.ts';
import { readBefore } from './before.ts';
import { readDailyCounts } from './daily-counts.ts';
import { channelOf, type Page, pagesOf, type Scope, selectPublished } from './pages.ts';

/** The numbers of a summary, and the few messages that it shows. */

export interface Reading {
  /** ms since 1970 */
  now: number;
  timeZone: string;
  /** Called between pages. */
  pause?: () => Promise<void>;
}

const themeScopeOf = (scope: Scope) =>
  scope.kind === 'run' ? { channel: scope.run.channel, run: scope.run.id } : scope;

/** All numbers of a summary. A run's summary counts what publishNext put into it. */
export async function readDigestFacts(
  db: Db | Tx,
  scope: Scope,
  { now, timeZone, pause = async () => {} }: Reading,
): Promise<DigestFacts> {
  const channel = channelOf(scope);
  const about = await readAbout(db, scope, pause);
  // A run that is open and already published is counted as of its publication: it does not change
  // by itself.
  const writtenAt =
    scope.kind === 'run' ? (scope.run.ended_at ?? scope.run.published_at ?? now) : now;
  const attention = await readAttention(
    db,
    channel,
    scope.kind === 'run'
      ? { run: scope.run.id }
      : { from: msToTs(scope.from), to: msToTs(scope.to) },
    { limit: SHOWN.attention, now: writtenAt },
  );
  const themes = await readThemeFacts(db, themeScopeOf(scope), writtenAt, pause);
  const days = scope.kind === 'run' ? chartDays(writtenAt, timeZone) : daysOfSpan(scope, timeZone);
  const facts: DigestFacts = {
    channel,
    about,
    writtenAt,
    total: 0,
    attention,
    settledTotal: 0,
    praise: [],
    deadTotal: 0,
    goneEmoji: await listGoneEmoji(db),
    countByCategory: new Map(),
    before: await readBefore(db, scope, pause),
    themes,
    merges: await listMerges(db, channel, themes),
    topics: await readTopics(db, themeScopeOf(scope), writtenAt, pause),
    days,
    dailyCounts: await readDailyCounts(db, [channel], days, pause),
  };
  for await (const page of pagesOf(db, scope, pause)) await addPage(db, page, facts);
  return facts;
}

async function readAbout(db: Db | Tx, scope: Scope, pause: () => Promise<void>): Promise<About> {
  if (scope.kind === 'span') return { kind: 'span', from: scope.from, to: scope.to };
  const { run } = scope;
  const { requested, answered } =
    run.ended_at === null ? await readProgress(db, run, pause) : { requested: 0, answered: 0 };
  return {
    kind: 'run',
    run: run.id,
    startedAt: run.created_at,
    endedAt: run.ended_at,
    requestedBy: run.requested_by,
    model: run.model,
    taxonomyVersion: run.taxonomy_version,
    costUsd: await readCost(db, run),
    paidTwice: await countPaidTwice(db, run.id),
    againTotal: await countAgain(db, run),
    awaitedTotal: requested - answered,
  };
}

async function addPage(db: Db | Tx, page: Page, facts: DigestFacts): Promise<void> {
  const counts = await selectPublished(db, page)
    .select((eb) => [
      'messages.state',
      'verdicts.category',
      eb.fn.countAll<number>().as('messages'),
      eb.fn
        .countAll<number>()
        .filterWhere('flags.state', 'in', ['resolved', 'dismissed'])
        .as('settled'),
    ])
    .groupBy(['messages.state', 'verdicts.category'])
    .execute();
  for (const { state, category, messages, settled } of counts) {
    facts.settledTotal += settled;
    if (state === 'dead' || category === null) {
      facts.deadTotal += messages;
    } else {
      facts.total += messages;
      const before = facts.countByCategory.get(category) ?? 0;
      facts.countByCategory.set(category, before + messages);
    }
  }
  facts.praise = await findPraise(db, page, facts.praise);
}

/** Characters of a message of which a line is quoted; some are marks of Slack's. */
const QUOTED = 1_000;

/** What is quoted of a praise; of what an integration posts, the gist is shown instead. */
const OWN_WORDS = sql<string>`case when messages.bot is null then substr(messages.text, 1, ${sql.lit(QUOTED)}) else '' end`;
const SHOWN_LENGTH = sql<number>`length(coalesce(nullif(${OWN_WORDS}, ''), verdicts.gist))`;

/** Characters: a shorter praise, such as "Great", says that something is good and not what. */
const TELLING = 20;

/**
 * The praise that Claude is surest of and that needs no attention; among equals, the newest. One that
 * says what is good comes first.
 */
async function findPraise(db: Db | Tx, page: Page, before: Praise[]): Promise<Praise[]> {
  const found = await selectPublished(db, page)
    .select([
      'messages.ts',
      'messages.thread_ts as threadTs',
      'messages.author',
      'messages.author_name as authorName',
      OWN_WORDS.as('text'),
      'verdicts.gist',
      'verdicts.category',
      'verdicts.confidence',
    ])
    .where('verdicts.sentiment', '=', 'positive')
    .where('messages.forgotten', 'is', null)
    .where('verdicts.emoji', 'is not', null)
    .where((eb) => eb.or([eb('flags.state', 'is', null), eb('flags.state', '=', 'withdrawn')]))
    .orderBy((eb) => eb(SHOWN_LENGTH, '>=', TELLING), 'desc')
    .orderBy('verdicts.confidence', 'desc')
    .orderBy('messages.ts', 'desc')
    .limit(SHOWN.praise)
    .$narrowType<Praise>()
    .execute();
  const tells = ({ text, gist }: Praise) => Number([...(text || gist)].length >= TELLING);
  return [...before, ...found]
    .sort((a, b) => tells(b) - tells(a) || b.confidence - a.confidence || (a.ts > b.ts ? -1 : 1))
    .slice(0, SHOWN.praise);
}

/** The messages that the run gave back to pending. */
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

/** What was billed since the previous digest, in US dollars; null when unknown. */
async function readCost(tx: Db | Tx, run: Run): Promise<number | null> {
  const runs = await tx
    .selectFrom('runs')
    .select('id')
    .where('channel', '=', run.channel)
    .where('id', '<=', run.id)
    .where('id', '>', (eb) =>
      eb
        .selectFrom('runs as earlier')
        .select((inner) =>
          inner.fn.coalesce(inner.fn.max('earlier.id'), inner.lit(0)).as('earlier'),
        )
        .where('earlier.channel', '=', run.channel)
        .where('earlier.id', '<', run.id)
        // A run whose digest showed nothing has not shown its cost either.
        .where('earlier.published_at', 'is not', null),
    )
    .execute();
  return readSum(
    selectBills(tx).where(
      'bills.run',
      'in',
      runs.map(({ id }) => id),
    ),
  );
}
