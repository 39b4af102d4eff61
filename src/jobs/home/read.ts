import { startOfMonth } from '../../core/calendar.ts';
import { digestKey } from '../../core/delivery/effects.ts';
import { chartDays, composeChart } from '../../core/digest/chart.ts';
import { DAY_MS, MINUTE_MS, MONTH_MS } from '../../core/durations.ts';
import { FLAGS_ON_PAGE, type HomeFacts, type RunUnderWay } from '../../core/home/facts.ts';
import { countChoices, type HomeFilter, NO_FILTER } from '../../core/home/filter.ts';
import { leftOf } from '../../core/runs/budget.ts';
import { tsToMs } from '../../core/timestamps.ts';
import { listChannelsOf } from '../../slack/read-channels.ts';
import { listHolds } from '../../store/delivery/holds.ts';
import { findPostedTs } from '../../store/delivery/posts.ts';
import { readDailyCounts } from '../../store/digest/daily-counts.ts';
import {
  countFlagGroups,
  countOpenFlags,
  countPending,
  readJustDone,
  readLastRuns,
  readOpenFlags,
} from '../../store/home/facts.ts';
import { readHomeFilter } from '../../store/home/filters.ts';
import { type Home, recordHomeCheck } from '../../store/home/homes.ts';
import { listMemberChannels } from '../../store/intake/channels.ts';
import { deleteMember, isKnownMember, upsertMembers } from '../../store/intake/users.ts';
import { readSpent, readSpentOnRehearsals } from '../../store/runs/costs.ts';
import { findOpenRun } from '../../store/runs/runs.ts';
import { readTopics } from '../../store/themes/topic-facts.ts';
import { type Context, isWatched } from '../context.ts';
import { readHonesty } from '../people/honesty.ts';
import { learnRole } from '../people/permissions.ts';
import { describeRun } from '../runs/describe.ts';
import { readBudget } from '../runs/price.ts';
import { listSchedules, nextTime } from '../runs/schedule.ts';
import { createPause } from '../slices.ts';
import { readSetUp } from './set-up.ts';

/** Reads what a person's Home tab shows, from the database but for who they are and where. */

/** A tab is kept up to date for this long after the person last did something there. */
export const WATCHED_MS = 10 * MINUTE_MS;
const RUNS_SHOWN = 5;
const TOPICS_SHOWN = 5;
const JUST_DONE_SHOWN = 3;

export async function readHome(context: Context, home: Home): Promise<HomeFacts> {
  const {
    db,
    clock,
    settings: { timeZone, taxonomy },
  } = context;
  const now = clock.now();
  const { user } = home;
  const watched = await listWatched(context);
  const watchedIds = watched.map(({ id }) => id);
  const role = await learnRole(context, user);
  const seen = await findSeen(context, home, new Set(watchedIds));
  const mine = watched.filter(({ id }) => seen.has(id));
  const ids = mine.map(({ id }) => id);
  const viewer = role === 'bot' ? 'guest' : role;
  const facts: HomeFacts = {
    watching: watched.length > 0,
    channels: [],
    viewer,
    setUp: await readSetUp(context, home, viewer, watchedIds),
    open: { total: 0, claimed: 0, oldestAt: null },
    filter: NO_FILTER,
    counts: countChoices([], NO_FILTER),
    flags: [],
    page: 0,
    pages: 1,
    justDone: [],
    underWay: [],
    holds: [],
    runs: [],
    topics: [],
    chart: null,
    honesty: [],
    next: [],
    monthUsd: 0,
    rehearsalsUsd: 0,
    budget: null,
  };
  if (ids.length === 0) return facts;

  const pause = createPause();
  const filter = await readFilterIn(context, user, ids);
  const counts = countChoices(await countFlagGroups(db, ids, user), filter);
  const pages = Math.max(1, Math.ceil(counts.shown / FLAGS_ON_PAGE));
  // The flags of the last page may be done by now.
  const page = Math.min(home.page, pages - 1);
  const onPage = { user, filter, offset: page * FLAGS_ON_PAGE, limit: FLAGS_ON_PAGE, now };
  const pending = await countPending(db, ids);
  await pause();
  const days = chartDays(now, timeZone);
  const daily = await readDailyCounts(db, ids, days, pause);
  const since = now - WATCHED_MS;
  const monthSince = startOfMonth(now, timeZone);
  const budget = await readBudget(db, context);
  return {
    ...facts,
    channels: mine.map(({ id, name, since_ts }) => ({
      id,
      name,
      pending: pending.get(id) ?? 0,
      since: since_ts === null ? null : tsToMs(since_ts),
    })),
    open: await countOpenFlags(db, ids),
    filter,
    counts,
    page,
    pages,
    flags: await readOpenFlags(db, ids, onPage),
    justDone: await readJustDone(db, ids, { user, since, limit: JUST_DONE_SHOWN }),
    underWay: await readUnderWay(context, ids),
    holds: await listHolds(db, ids),
    runs: await readLastRuns(db, ids, RUNS_SHOWN),
    topics: await readTopicsIn(context, ids, now, pause),
    chart: composeChart(days, daily, taxonomy),
    honesty: await readFigures(context, ids),
    next: listSchedules(context).flatMap(({ pattern, withDigest }) => {
      const at = nextTime(pattern, timeZone, now);
      const kind = withDigest ? ('summary' as const) : ('classify' as const);
      return at === null ? [] : [{ kind, at }];
    }),
    monthUsd: await readSpent(db, ids, monthSince),
    rehearsalsUsd: await readSpentOnRehearsals(db, monthSince),
    budget: budget && { usd: budget.usd, leftUsd: leftOf(budget) },
  };
}

export const listWatched = async (context: Context) =>
  (await listMemberChannels(context.db)).filter(({ id }) => isWatched(context, id));

/** A person's filter, without a channel that they no longer see. */
export async function readFilterIn(
  { db }: Context,
  user: string,
  channels: string[],
): Promise<HomeFilter> {
  const { channel, ...filter } = await readHomeFilter(db, user);
  return { ...filter, channel: channel !== null && channels.includes(channel) ? channel : null };
}

async function readFigures(
  { db, clock }: Context,
  channels: string[],
): Promise<HomeFacts['honesty']> {
  const known: HomeFacts['honesty'] = [];
  for (const channel of channels) {
    const honesty = await readHonesty(db, channel, { to: clock.now(), upTo: null });
    if (honesty?.figures) known.push({ channel, figures: honesty.figures });
  }
  return known;
}

/** The accepted topics of some channels, those of the most people first. */
async function readTopicsIn(
  { db }: Context,
  channels: string[],
  now: number,
  pause: () => Promise<void>,
): Promise<HomeFacts['topics']> {
  const found: HomeFacts['topics'] = [];
  for (const channel of channels) {
    const scope = { channel, from: now - MONTH_MS, to: now };
    const topics = await readTopics(db, scope, now, pause);
    const grouped = topics.filter(({ state }) => state === 'grouped');
    found.push(...grouped.map((topic) => ({ channel, topic })));
  }
  return found.sort((one, other) => other.topic.people - one.topic.people).slice(0, TOPICS_SHOWN);
}

async function readUnderWay(context: Context, channels: string[]): Promise<RunUnderWay[]> {
  const { db } = context;
  const runs: RunUnderWay[] = [];
  for (const channel of channels) {
    const open = await findOpenRun(db, channel);
    if (!open) continue;
    const { run, messages, stage, trouble, cause, expected, overdue } = await describeRun(
      db,
      context,
      open,
    );
    const digestTs = (await findPostedTs(db, digestKey(run))) ?? null;
    runs.push({ channel, run, messages, stage, trouble, cause, expected, overdue, digestTs });
  }
  return runs.toSorted((a, b) => a.run - b.run);
}

/**
 * Which watched channels a person is in. Slack is asked whenever they open their Home tab, because
 * some may be private. In between the answer is stored, and events remove people who leave.
 */
async function findSeen(
  context: Context,
  { user, checked_at }: Home,
  watched: Set<string>,
): Promise<Set<string>> {
  if (checked_at !== null) return findKnown(context, user, watched);
  const { db, slack, clock, workspace } = context;
  const seen = new Set(await listChannelsOf(slack, workspace, user)).intersection(watched);
  await db.transaction().execute(async (tx) => {
    const now = clock.now();
    for (const id of watched) {
      if (seen.has(id)) await upsertMembers(tx, id, [user], now);
      else await deleteMember(tx, id, user);
    }
    await recordHomeCheck(tx, user, now);
  });
  return seen;
}

/** The channels of `watched` that a person is known to be in. */
export async function findKnown(
  { db, clock }: Context,
  user: string,
  watched: Iterable<string>,
): Promise<Set<string>> {
  const since = clock.now() - DAY_MS;
  const known = new Set<string>();
  for (const id of watched) if (await isKnownMember(db, id, user, since)) known.add(id);
  return known;
}
