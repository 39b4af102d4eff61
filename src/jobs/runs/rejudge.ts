import { SHOWN } from '../../claude/prompt.ts';
import { DAY_MS, HOUR_MS } from '../../core/durations.ts';
import { msToTs } from '../../core/timestamps.ts';
import type { Tx } from '../../store/db/tables.ts';
import { findChannel, listMemberChannels } from '../../store/intake/channels.ts';
import type { PendingSize } from '../../store/intake/pending.ts';
import {
  askToRejudge,
  hasMarked,
  listOpenRejudgements,
  markJudged,
  measureJudged,
  type Rejudgement,
  updateRejudgement,
} from '../../store/runs/rejudgements.ts';
import { findOpenRun } from '../../store/runs/runs.ts';
import { type Context, earliest, isWatched, type NextAt } from '../context.ts';
import { commitAll, createPause } from '../slices.ts';
import { quoteRun } from './price.ts';
import { requestRun } from './request.ts';

/**
 * After a change of the categories, messages of the last days are judged again if somebody wants
 * that. asked (one row a channel) → marking, page by page → marked → done, in the transaction that
 * opens the run. After a crash the row says where to continue. Messages keep their verdict until
 * the run brings another.
 */

export const REJUDGED_DAYS = 7;

/** Messages to check between two looks at the time. */
const PAGE = 50;

/** An open run has to end first. */
const WAIT_MS = 10_000;

export interface RejudgeSize {
  messages: number;
  /** The most that it can cost, in US dollars; null when the price of the model is unknown. */
  usd: number | null;
}

/** How much there would be to judge again in all channels, and its price. */
export async function measureRejudging(context: Context): Promise<RejudgeSize> {
  const { db } = context;
  const pause = createPause();
  let all: RejudgeSize = { messages: 0, usd: 0 };
  for (const channel of await listWatched(context)) {
    const size: PendingSize = { messages: 0, characters: 0 };
    for (let after: string | null = null; ; ) {
      const page = await measureJudged(
        db,
        { ...rangeOf(context, channel), after },
        PAGE,
        SHOWN.message,
      );
      if (page.last === null) break;
      after = page.last;
      size.messages += page.messages;
      size.characters += page.characters;
      await pause();
    }
    if (size.messages === 0) continue;
    const usd = await quoteRun(db, context, channel, size);
    all = {
      messages: all.messages + size.messages,
      usd: all.usd === null || usd === null ? null : all.usd + usd,
    };
  }
  return all;
}

/**
 * Records that somebody wants it; committed when this resolves. Asked twice, it is done once.
 * @param settings the change of the settings that brought the categories
 */
export async function askForRejudging(
  context: Context,
  { settings, user }: { settings: number; user: string },
): Promise<void> {
  const { db, clock, log } = context;
  const channels = await listWatched(context);
  const asked = await db.transaction().execute(async (tx) => {
    let channelsAsked = 0;
    for (const channel of channels) {
      const { sinceTs } = rangeOf(context, channel);
      const request = { settings, channel, sinceTs, user };
      if (await askToRejudge(tx, request, clock.now())) channelsAsked++;
    }
    return channelsAsked;
  });
  log.info({ settings, user, channels: asked }, 'messages are to be judged again');
}

/** Marks what was asked for, and opens a run for it in each channel. */
export async function rejudge(context: Context): Promise<NextAt> {
  const times: NextAt[] = [];
  for (const asked of await listOpenRejudgements(context.db)) {
    times.push(await rejudgeChannel(context, asked));
  }
  return earliest(times);
}

async function rejudgeChannel(context: Context, asked: Rejudgement): Promise<NextAt> {
  const { db, clock, log } = context;
  const { channel } = asked;
  const wait = clock.now() + WAIT_MS;
  // The open run may bring verdicts under the earlier categories, which have to be judged again
  // too; or it may be judging these very messages.
  if (await findOpenRun(db, channel)) return wait;
  if (asked.stage === 'marking') await markAll(context, asked);
  const end = async (tx: Tx) => {
    await updateRejudgement(tx, asked, { stage: 'done' });
    return null;
  };
  // In the transaction of the run, so that a crash opens neither two runs nor none.
  return db.transaction().execute(async (tx) => {
    const row = await findChannel(tx, channel);
    if (row?.state === 'member' && isWatched(context, channel)) {
      if (await findOpenRun(tx, channel)) return wait;
      if (!(await hasMarked(tx, channel))) return end(tx);
      const { kind } = await requestRun(tx, context, {
        channel,
        cause: 'command',
        requestedBy: asked.asked_by,
        withDigest: true,
      });
      if (kind === 'held' || kind === 'over budget') return clock.now() + HOUR_MS;
      log.info({ channel, settings: asked.settings, outcome: kind }, 'judging messages again');
    }
    return end(tx);
  });
}

async function markAll(
  { db, settings: { taxonomyVersion } }: Context,
  asked: Rejudgement,
): Promise<void> {
  const { channel, since_ts: sinceTs } = asked;
  let after = asked.marked_ts;
  await commitAll(db, async (tx) => {
    const last = await markJudged(tx, { channel, sinceTs, after, taxonomyVersion }, PAGE);
    await updateRejudgement(tx, asked, last ? { marked_ts: last } : { stage: 'marked' });
    after = last;
    return last !== null;
  });
}

async function listWatched(context: Context): Promise<string[]> {
  const channels = await listMemberChannels(context.db);
  return channels.flatMap(({ id }) => (isWatched(context, id) ? id : []));
}

const rangeOf = ({ clock, settings: { taxonomyVersion } }: Context, channel: string) => ({
  channel,
  sinceTs: msToTs(clock.now() - REJUDGED_DAYS * DAY_MS),
  taxonomyVersion,
});
