import { sql } from 'kysely';
import { digestKey } from '../../core/delivery/effects.ts';
import type { HomeRun, OpenFlags } from '../../core/home/facts.ts';
import type { FlagGroup, HomeFilter } from '../../core/home/filter.ts';
import type { CardFacts } from '../../core/people/card.ts';
import type { Db } from '../db/tables.ts';
import { findPostedTs } from '../delivery/posts.ts';
import { readCards } from '../people/cards.ts';
import { IS_OPEN } from '../people/flags.ts';
import { orderFlagged, selectFlagged } from '../people/pressing.ts';
import { readSum, selectBills } from '../runs/costs.ts';

/** What Home tabs show about some channels; there is always at least one. */

export async function countOpenFlags(db: Db, channels: string[]): Promise<OpenFlags> {
  return db
    .selectFrom('flags')
    .select((eb) => [
      eb.fn.countAll<number>().as('total'),
      eb.fn.countAll<number>().filterWhere('state', '=', 'claimed').as('claimed'),
      eb.fn.min('opened_at').as('oldestAt'),
    ])
    .where('channel', 'in', channels)
    .where(IS_OPEN)
    .executeTakeFirstOrThrow();
}

/** The open flags, counted by everything that a person can filter by. */
export function countFlagGroups(db: Db, channels: string[], user: string): Promise<FlagGroup[]> {
  const flags = joinVerdicts(db, channels).select((eb) => [
    'flags.channel',
    eb.fn.coalesce('verdicts.category', eb.val('')).as('category'),
    'verdicts.also',
    whoseFlag(user).as('whose'),
  ]);
  return db
    .selectFrom(flags.as('flags'))
    .select(['channel', 'category', 'also', 'whose'])
    .select((eb) => eb.fn.countAll<number>().as('flags'))
    .groupBy(['channel', 'category', 'also', 'whose'])
    .execute();
}

/**
 * A page of the open flags that a person's filter shows, the most pressing first, as of `now` (ms).
 */
export async function readOpenFlags(
  db: Db,
  channels: string[],
  {
    user,
    filter,
    offset,
    limit,
    now,
  }: { user: string; filter: HomeFilter; offset: number; limit: number; now: number },
): Promise<CardFacts[]> {
  const { whose, category, channel } = filter;
  const flagged = joinVerdicts(db, channel === null ? channels : [channel])
    .$if(whose !== 'all', (query) => query.where(whoseFlag(user), '=', whose as 'mine'))
    .$if(category !== null, (query) =>
      query.where((eb) =>
        eb.or([
          eb(eb.fn.coalesce('verdicts.category', eb.val('')), '=', category),
          eb('verdicts.also', '=', category),
        ]),
      ),
    );
  const flags = await orderFlagged(db, flagged, now);
  return readCardsOf(db, flags.slice(offset, offset + limit));
}

const joinVerdicts = (db: Db, channels: string[]) =>
  selectFlagged(db).where('flags.channel', 'in', channels).where(IS_OPEN);

const whoseFlag = (user: string) =>
  sql<FlagGroup['whose']>`case when flags.state = 'open' then 'unclaimed'
    when flags."by" = ${user} then 'mine' else 'others' end`;

/** What a person has resolved or dismissed since a moment, newest first. */
export async function readJustDone(
  db: Db,
  channels: string[],
  { user, since, limit }: { user: string; since: number; limit: number },
): Promise<CardFacts[]> {
  const flags = await db
    .selectFrom('flags')
    .select(['channel', 'ts'])
    .where('channel', 'in', channels)
    .where('state', 'in', ['resolved', 'dismissed'])
    .where('by', '=', user)
    .where('changed_at', '>=', since)
    .orderBy('changed_at', 'desc')
    .orderBy('ts')
    .limit(limit)
    .execute();
  return readCardsOf(db, flags);
}

/** In the order of the given messages. */
export async function readCardsOf(
  db: Db,
  messages: { channel: string; ts: string }[],
): Promise<CardFacts[]> {
  const found = new Map<string, CardFacts>();
  for (const [channel, group] of Map.groupBy(messages, (message) => message.channel)) {
    const cards = await readCards(
      db,
      channel,
      group.map(({ ts }) => ts),
    );
    for (const card of cards) found.set(`${channel} ${card.ts}`, card);
  }
  return messages.flatMap(({ channel, ts }) => found.get(`${channel} ${ts}`) ?? []);
}

/** The newest runs, including one that is open. */
export async function readLastRuns(db: Db, channels: string[], limit: number): Promise<HomeRun[]> {
  const runs = await db
    .selectFrom('runs')
    .select(['id', 'channel', 'created_at', 'ended_at', 'requested_by', 'canceled_by'])
    .where('channel', 'in', channels)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  const published: HomeRun[] = [];
  for (const { id, channel, created_at, ended_at, requested_by, canceled_by } of runs) {
    const { messages } = await db
      .selectFrom('requests')
      .innerJoin('batches', 'batches.id', 'requests.batch')
      .select((eb) => eb.fn.countAll<number>().as('messages'))
      .where('batches.run', '=', id)
      .executeTakeFirstOrThrow();
    published.push({
      channel,
      startedAt: created_at,
      endedAt: ended_at,
      messages,
      usd: await readSum(selectBills(db).where('bills.run', '=', id)),
      requestedBy: requested_by,
      canceled: canceled_by !== null,
      digestTs: (await findPostedTs(db, digestKey(id))) ?? null,
    });
  }
  return published;
}

/** Messages that wait for the next run, by channel. */
export async function countPending(db: Db, channels: string[]): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const channel of channels) {
    const { messages } = await db
      .selectFrom('messages')
      .select((eb) => eb.fn.countAll<number>().as('messages'))
      .where('channel', '=', channel)
      .where('state', '=', 'pending')
      .where('deleted_at', 'is', null)
      .executeTakeFirstOrThrow();
    counts.set(channel, messages);
  }
  return counts;
}
