import { type SqlBool, sql } from 'kysely';
import type { Attention } from '../../core/digest/digest.ts';
import type { OpenFlag } from '../../core/people/card.ts';
import type { Db, Tx } from '../db/tables.ts';
import { IS_OPEN } from './flags.ts';
import { orderFlagged, selectFlagged } from './pressing.ts';

/** What needs attention in a channel: flags that are open or claimed. */

/**
 * Counts the flags that a summary shows, and reads the most pressing ones.
 * @param than `run`: published by that run's digest, or earlier; `from`, `to`: posted in a span, or
 * published earlier. As Slack timestamps, `to` excluded
 */
export async function readAttention(
  db: Db | Tx,
  channel: string,
  than: { run: number } | { from: string; to: string },
  { limit, now }: { limit: number; now: number },
): Promise<Attention> {
  const isFresh =
    'run' in than
      ? sql<SqlBool>`messages.digest = ${than.run}`
      : sql<SqlBool>`messages.ts >= ${than.from} and messages.ts < ${than.to}`;
  const isEarlier =
    'run' in than
      ? sql<SqlBool>`messages.digest < ${than.run}`
      : sql<SqlBool>`messages.ts < ${than.from} and messages.digest is not null`;
  const open = selectFlagged(db)
    .where('flags.channel', '=', channel)
    .where(IS_OPEN)
    .where('messages.deleted_at', 'is', null)
    .where((eb) =>
      eb.or([isEarlier, eb.and([isFresh, eb('messages.state', 'in', ['judged', 'dead'])])]),
    );
  const { total, ...counts } = await open
    .select((eb) => [
      eb.fn.countAll<number>().as('total'),
      eb.fn.countAll<number>().filterWhere(isFresh).as('fresh'),
      eb.fn.countAll<number>().filterWhere('flags.state', '=', 'open').as('unclaimed'),
      eb.fn.min('flags.opened_at').as('oldestAt'),
    ])
    .executeTakeFirstOrThrow();
  const shown = (await orderFlagged(db, open, now)).slice(0, limit).map(({ ts }) => ts);
  const flags = shown.length === 0 ? [] : await describeFlags(db, channel, shown);
  return {
    ...counts,
    earlier: total - counts.fresh,
    flags: shown.flatMap((ts) => flags.find((flag) => flag.ts === ts) ?? []),
  };
}

async function describeFlags(db: Db | Tx, channel: string, ts: string[]): Promise<OpenFlag[]> {
  const flags = await db
    .selectFrom('flags')
    .innerJoin('messages', (join) =>
      join.onRef('messages.channel', '=', 'flags.channel').onRef('messages.ts', '=', 'flags.ts'),
    )
    .leftJoin('verdicts', (join) =>
      join
        .onRef('verdicts.id', '=', 'messages.verdict')
        // A message that died after an edit still has the verdict on its old text.
        .on('messages.state', '!=', 'dead'),
    )
    .where('flags.channel', '=', channel)
    .where('flags.ts', 'in', ts)
    .select((eb) => [
      'flags.ts',
      'messages.thread_ts as threadTs',
      eb.fn.coalesce('verdicts.gist', eb.val('')).as('gist'),
      eb.fn.coalesce('verdicts.category', eb.val('')).as('category'),
      // Shown for a message that nobody has judged.
      eb
        .case()
        .when('verdicts.id', 'is', null)
        .then(eb.ref('messages.text'))
        .else('')
        .end()
        .as('text'),
      'flags.state',
      'flags.by',
      'flags.opened_at as openedAt',
      eb
        .selectFrom('acts')
        .select((act) =>
          act
            .case()
            .when('acts.source', '=', 'departure')
            .then(act.ref('acts.user'))
            .else(null)
            .end()
            .as('user'),
        )
        .whereRef('acts.channel', '=', 'flags.channel')
        .whereRef('acts.ts', '=', 'flags.ts')
        .where('acts.state', '=', 'taken')
        .orderBy('acts.id', 'desc')
        .limit(1)
        .as('claimEndedOf'),
    ])
    .execute();
  return flags.map(({ state, ...flag }) => ({
    ...flag,
    state: state === 'claimed' ? 'claimed' : 'open',
  }));
}
