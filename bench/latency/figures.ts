import { countPaidTwice } from '../../src/store/runs/express.ts';
import { percentile } from '../processes.ts';
import type { SimulatedBot } from './simulated-bot.ts';

/** What people saw of some simulated days, and what it cost. */

export interface Quantiles {
  p50: number;
  p90: number;
}

export interface ChannelFigures {
  /** Seconds from the command to the first reaction on a message of its run, to half of them, to the last. */
  firstS: Quantiles;
  halfS: Quantiles;
  lastS: Quantiles;
  /** Share of the summaries that were there when the minute was over for which they were planned. */
  onTime: number;
  /** Share of the summaries that were there then, and lacked nothing. */
  complete: number;
  /** Seconds from when a summary was due until it was there; 0 when it was there before. */
  lateS: Quantiles;
  /** US dollars for 1,000 messages of scheduled runs. */
  usdPer1000: number;
  /** The same of runs that a person asked for. */
  typedUsdPer1000: number;
  /** Answers of all runs. */
  paidTwice: number;
  /** Share of the messages of scheduled runs that were judged express. */
  hurried: number;
  messages: number;
  commands: number;
  summaries: number;
}

/** A scheduled summary at the end of the minute for which it was planned. */
export interface Summary {
  run: number;
  dueAt: number;
  isThere: boolean;
  isComplete: boolean;
}

/** @param commands when each run was asked for by a person, ms since 1970 */
export async function summarize(
  { context: { db } }: SimulatedBot,
  channel: string,
  { commands, summaries }: { commands: Map<number, number>; summaries: Summary[] },
): Promise<ChannelFigures> {
  const reactedAt = await readReactions(db);
  const verdicts = await db
    .selectFrom('verdicts')
    .select(['ts', 'run'])
    .where('channel', '=', channel)
    .execute();
  const waits: { first: number; half: number; last: number }[] = [];
  for (const [run, judged] of Map.groupBy(verdicts, (verdict) => verdict.run)) {
    const typedAt = commands.get(run);
    if (typedAt === undefined) continue;
    const reactions = judged.flatMap(({ ts }) => reactedAt.get(ts) ?? []);
    waits.push(measureWaits(reactions.map((at) => (at - typedAt) / 1000)));
  }

  const runs = await db.selectFrom('runs').selectAll().where('channel', '=', channel).execute();
  const open = runs.filter(({ ended_at }) => ended_at === null);
  if (open.length > 0) throw new Error(`runs ${open.map(({ id }) => id)} have not ended`);
  const publishedAt = new Map(runs.map(({ id, published_at }) => [id, published_at]));
  const late = summaries.map(({ run, dueAt }) => {
    const at = publishedAt.get(run) ?? Number.POSITIVE_INFINITY;
    return Math.max(0, at - dueAt) / 1000;
  });
  let paidTwice = 0;
  for (const { id } of runs) paidTwice += await countPaidTwice(db, id);
  const scheduled = runs.filter(({ cause }) => cause === 'schedule').map(({ id }) => id);
  const typed = runs.filter(({ cause }) => cause === 'command').map(({ id }) => id);
  const share = (meets: (summary: Summary) => boolean) =>
    summaries.filter(meets).length / summaries.length;
  return {
    firstS: quantilesOf(waits.map(({ first }) => first)),
    halfS: quantilesOf(waits.map(({ half }) => half)),
    lastS: quantilesOf(waits.map(({ last }) => last)),
    onTime: share(({ isThere }) => isThere),
    complete: share(({ isThere, isComplete }) => isThere && isComplete),
    lateS: quantilesOf(late),
    usdPer1000: await priceOf(db, scheduled),
    typedUsdPer1000: await priceOf(db, typed),
    paidTwice,
    hurried: await shareExpress(db, scheduled),
    messages: verdicts.length,
    commands: commands.size,
    summaries: summaries.length,
  };
}

type Db = SimulatedBot['context']['db'];

/** When each message had its first reaction, by its ts. */
async function readReactions(db: Db): Promise<Map<string, number>> {
  const done = await db
    .selectFrom('outbox')
    .select(['effect', 'ended_at'])
    .where('state', '=', 'done')
    .orderBy('ended_at', 'desc')
    .execute();
  const reactedAt = new Map<string, number>();
  for (const { effect, ended_at } of done) {
    const { kind, ts } = JSON.parse(effect);
    if (kind === 'react' && ended_at !== null) reactedAt.set(ts, ended_at);
  }
  return reactedAt;
}

/** What Claude billed for 1,000 messages of these runs, with grouping into themes, in US dollars. */
async function priceOf(db: Db, runs: number[]): Promise<number> {
  const sumOf = async (table: 'batches' | 'groupings') => {
    const { nano } = await db
      .selectFrom(table)
      .select((eb) => eb.fn.sum<number>('nano_usd').as('nano'))
      .where('run', 'in', runs)
      .executeTakeFirstOrThrow();
    return nano ?? 0;
  };
  const { judged } = await db
    .selectFrom('verdicts')
    .select((eb) => eb.fn.countAll<number>().as('judged'))
    .where('run', 'in', runs)
    .executeTakeFirstOrThrow();
  return ((await sumOf('batches')) + (await sumOf('groupings'))) / 1e9 / (judged / 1000);
}

async function shareExpress(db: Db, runs: number[]): Promise<number> {
  const rows = await db
    .selectFrom('requests')
    .innerJoin('batches', 'batches.id', 'requests.batch')
    .select(['batches.lane', (eb) => eb.fn.countAll<number>().as('requests')])
    .where('batches.run', 'in', runs)
    .groupBy('batches.lane')
    .execute();
  const count = (lane: 'batch' | 'express') => rows.find((row) => row.lane === lane)?.requests ?? 0;
  return count('express') / (count('express') + count('batch'));
}

/** When the first of some reactions came, when half of them were there, and the last. */
export function measureWaits(waits: number[]): { first: number; half: number; last: number } {
  return {
    first: percentile(waits, 0.1),
    half: percentile(waits, 50),
    last: percentile(waits, 100),
  };
}

export const quantilesOf = (figures: number[]): Quantiles => ({
  p50: percentile(figures, 50),
  p90: percentile(figures, 90),
});
