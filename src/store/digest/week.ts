import { startOfWeek } from '../../core/calendar.ts';
import { composeSummary } from '../../core/digest/digest.ts';
import { median, type WeekFacts } from '../../core/digest/week.ts';
import { DAY_MS } from '../../core/durations.ts';
import type { DismissedCounts } from '../../core/people/dismissal.ts';
import type { Taxonomy } from '../../core/runs/taxonomy.ts';
import type { Db, Tx } from '../db/tables.ts';
import type { Run } from '../runs/runs.ts';
import { type Reading, readDigestFacts } from './facts.ts';

/** What the first summary of a week says of the week before. */

const WEEK_MS = 7 * DAY_MS;

/** Reporters to name. */
const REPORTERS = 50;

/**
 * @returns null when this is not the channel's first summary of a week, or there was none before the week
 */
export async function readWeek(
  db: Db | Tx,
  run: Run,
  taxonomy: Taxonomy,
  reading: Reading,
): Promise<WeekFacts | null> {
  const { channel } = run;
  const to = startOfWeek(run.published_at ?? reading.now, reading.timeZone);
  if (!(await isFirstOfWeek(db, run, to))) return null;
  const from = startOfWeek(to - WEEK_MS / 2, reading.timeZone);
  const before = { from: startOfWeek(from - WEEK_MS / 2, reading.timeZone), to: from };
  const scope = { kind: 'span' as const, channel, from, to, before };
  const facts = await readDigestFacts(db, scope, { ...reading, now: to });
  return {
    summary: composeSummary(facts, taxonomy),
    resolved: await countResolved(db, channel, { from, to }),
    reporters: await listReporters(db, channel, { from, to }),
    dismissed: await countDismissed(db, channel, { from, to }),
    medianClaimMs: median(await listClaimTimes(db, channel, { from, to })),
  };
}

async function isFirstOfWeek(db: Db | Tx, { id, channel }: Run, start: number): Promise<boolean> {
  const { sooner, earlier } = await db
    .selectFrom('runs')
    .where('channel', '=', channel)
    .where('id', '<', id)
    .where('published_at', 'is not', null)
    .select((eb) => [
      eb.fn.countAll<number>().filterWhere('published_at', '>=', start).as('sooner'),
      eb.fn.countAll<number>().filterWhere('published_at', '<', start).as('earlier'),
    ])
    .executeTakeFirstOrThrow();
  return sooner === 0 && earlier > 0;
}

type Span = { from: number; to: number };

const selectSettled = (
  db: Db | Tx,
  channel: string,
  state: 'resolved' | 'dismissed',
  { from, to }: Span,
) =>
  db
    .selectFrom('flags')
    .where('flags.channel', '=', channel)
    .where('flags.state', '=', state)
    .where('flags.changed_at', '>=', from)
    .where('flags.changed_at', '<', to);

async function countResolved(db: Db | Tx, channel: string, span: Span): Promise<number> {
  const { resolved } = await selectSettled(db, channel, 'resolved', span)
    .select((eb) => eb.fn.countAll<number>().as('resolved'))
    .executeTakeFirstOrThrow();
  return resolved;
}

/** Why messages were dismissed: reasons first, the most frequent one before the others. */
const countDismissed = (db: Db | Tx, channel: string, span: Span): Promise<DismissedCounts> =>
  selectSettled(db, channel, 'dismissed', span)
    .select((eb) => ['flags.reason', eb.fn.countAll<number>().as('messages')])
    .groupBy('flags.reason')
    .orderBy((eb) => eb('flags.reason', 'is', null))
    .orderBy('messages', 'desc')
    .orderBy('flags.reason')
    .execute();

/** Who had written what was resolved, as far as that is known. */
const listReporters = (db: Db | Tx, channel: string, span: Span): Promise<WeekFacts['reporters']> =>
  selectSettled(db, channel, 'resolved', span)
    .innerJoin('messages', (join) =>
      join.onRef('messages.channel', '=', 'flags.channel').onRef('messages.ts', '=', 'flags.ts'),
    )
    .where('messages.forgotten', 'is', null)
    .where((eb) => eb.or([eb('author', 'is not', null), eb('author_name', 'is not', null)]))
    .select(['author', 'author_name as authorName'])
    .groupBy(['author', 'author_name'])
    .orderBy((eb) => eb.fn.countAll(), 'desc')
    .orderBy('author')
    .orderBy('author_name')
    .limit(REPORTERS)
    .execute();

/** From the flag to the first claim of each message that was claimed in the span, in ms. */
async function listClaimTimes(db: Db | Tx, channel: string, { from, to }: Span): Promise<number[]> {
  const claims = await db
    .selectFrom('acts')
    .innerJoin('flags', (join) =>
      join.onRef('flags.channel', '=', 'acts.channel').onRef('flags.ts', '=', 'acts.ts'),
    )
    .where('acts.channel', '=', channel)
    .where('acts.kind', '=', 'claim')
    .where('acts.state', '=', 'taken')
    .where('acts.at', '>=', from)
    .where('acts.at', '<', to)
    .where(({ exists, not, selectFrom }) =>
      not(
        exists(
          selectFrom('acts as earlier')
            .select('earlier.id')
            .whereRef('earlier.channel', '=', 'acts.channel')
            .whereRef('earlier.ts', '=', 'acts.ts')
            .where('earlier.kind', '=', 'claim')
            .where('earlier.state', '=', 'taken')
            .where('earlier.at', '<', from),
        ),
      ),
    )
    .groupBy(['acts.ts', 'flags.opened_at'])
    .select((eb) => [eb.fn.min<number>('acts.at').as('at'), 'flags.opened_at'])
    .execute();
  return claims.map(({ at, opened_at }) => Math.max(0, at - opened_at));
}
