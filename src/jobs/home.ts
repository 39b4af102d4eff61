import { createHash } from 'node:crypto';
import { startOfMonth } from '../core/calendar.ts';
import { backoffMs } from '../core/delivery/backoff.ts';
import { isSlackError } from '../core/delivery/slack-errors.ts';
import { chartDays, composeChart } from '../core/digest/chart.ts';
import { DAY_MS, MINUTE_MS } from '../core/durations.ts';
import { FLAGS_ON_PAGE, type HomeFacts } from '../core/home.ts';
import { leftOf } from '../core/runs/budget.ts';
import { tsToMs } from '../core/timestamps.ts';
import { renderHome } from '../slack/blocks/home/home.ts';
import { describeFailure } from '../slack/client.ts';
import { publishHome } from '../slack/publish-home.ts';
import { listChannelsOf } from '../slack/read-channels.ts';
import { readDailyCounts } from '../store/digest/daily-counts.ts';
import {
  countOpenFlags,
  countPending,
  readJustDone,
  readLastRuns,
  readOpenFlags,
} from '../store/home/facts.ts';
import {
  forgetHomes,
  type Home,
  listHomes,
  recordHomeCheck,
  recordHomeDrawn,
} from '../store/home/homes.ts';
import { listMemberChannels } from '../store/intake/channels.ts';
import { deleteMember, isKnownMember, upsertMembers } from '../store/intake/users.ts';
import { readSpent } from '../store/runs/costs.ts';
import { type Context, earliest, isWatched, type NextAt } from './context.ts';
import { learnRole } from './people/permissions.ts';
import { readRenderContext } from './render-context.ts';
import { readBudget } from './runs/price.ts';
import { listSchedules, nextTime } from './runs/schedule.ts';
import { createPause } from './slices.ts';

/**
 * Draws the Home tabs that people have opened, and keeps them up to date for a while. Each is drawn
 * in full from the database and published. Publishing twice does no harm, so a call whose answer is
 * lost is repeated. Only the bot publishes them, one after another, so an older one cannot replace
 * a newer one.
 */

/** A tab is kept up to date for this long after the person last did something there. */
const WATCHED_MS = 10 * MINUTE_MS;
const REFRESH_MS = 30_000;
const RUNS_SHOWN = 5;
const JUST_DONE_SHOWN = 3;

export async function drawHomes(context: Context): Promise<NextAt> {
  const { db, clock, log } = context;
  await forgetHomes(db, clock.now() - WATCHED_MS);
  const times: NextAt[] = [];
  for (const home of await listHomes(db)) {
    if (home.next_at > clock.now()) {
      times.push(home.next_at);
      continue;
    }
    try {
      times.push(await drawHome(context, home));
    } catch (error) {
      // Slack cannot be reached, or one of them has a fault: the others are drawn.
      const attempts = home.attempts + 1;
      const next_at = clock.now() + backoffMs(attempts);
      log.warn({ err: error, user: home.user, attempts }, 'a Home tab could not be drawn');
      await recordHomeDrawn(db, home, { attempts, next_at });
      times.push(next_at);
    }
  }
  return earliest(times);
}

async function drawHome(context: Context, home: Home): Promise<number> {
  const {
    db,
    slack,
    clock,
    log,
    settings: { taxonomy },
  } = context;
  const { user, asked } = home;
  const facts = await readHome(context, home);
  const view = renderHome(facts, taxonomy, await readRenderContext(context, db), home.notice);
  const shown = createHash('sha256').update(JSON.stringify(view)).digest('base64');
  const done = async (next_at: number, changes: Partial<Home> = {}) => {
    await recordHomeDrawn(db, home, { ...changes, next_at });
    return next_at;
  };
  if (asked === home.drawn && shown === home.shown) return done(clock.now() + REFRESH_MS);
  const answer = await publishHome(slack, user, view);
  switch (answer.kind) {
    case 'ok':
      return done(clock.now() + REFRESH_MS, { drawn: asked, shown, attempts: 0 });
    case 'limited':
      return done(answer.until);
    case 'refused':
    case 'unsent':
    case 'unclear': {
      if (answer.kind === 'refused' && !isSlackError(answer.error, 'retry')) {
        log.warn({ user, reason: answer.error }, 'Slack refuses a Home tab');
        // Until it is opened again: Slack would refuse the same again.
        return done(clock.now() + WATCHED_MS, { drawn: asked });
      }
      const attempts = home.attempts + 1;
      const reason = describeFailure(answer);
      log.warn({ user, reason, attempts }, 'a Home tab could not be shown; trying again');
      return done(clock.now() + backoffMs(attempts), { attempts });
    }
    default:
      return answer satisfies never;
  }
}

async function readHome(context: Context, home: Home): Promise<HomeFacts> {
  const {
    db,
    clock,
    settings: { timeZone, taxonomy },
  } = context;
  const now = clock.now();
  const { user } = home;
  const watched = (await listMemberChannels(db)).filter(({ id }) => isWatched(context, id));
  const role = await learnRole(context, user);
  const seen = await findSeen(context, home, new Set(watched.map(({ id }) => id)));
  const mine = watched.filter(({ id }) => seen.has(id));
  const ids = mine.map(({ id }) => id);
  const empty = { total: 0, claimed: 0, oldestAt: null };
  const facts: HomeFacts = {
    watching: watched.length > 0,
    channels: [],
    viewer: role === 'bot' ? 'guest' : role,
    open: empty,
    flags: [],
    page: 0,
    pages: 1,
    justDone: [],
    runs: [],
    chart: null,
    next: [],
    monthUsd: 0,
    budget: null,
  };
  if (ids.length === 0) return facts;

  const pause = createPause();
  const open = await countOpenFlags(db, ids);
  const pages = Math.max(1, Math.ceil(open.total / FLAGS_ON_PAGE));
  // The flags of the last page may be done by now.
  const page = Math.min(home.page, pages - 1);
  const pending = await countPending(db, ids);
  await pause();
  const days = chartDays(now, timeZone);
  const counts = await readDailyCounts(db, ids, days, pause);
  const since = now - WATCHED_MS;
  const budget = await readBudget(db, context);
  return {
    ...facts,
    channels: mine.map(({ id, since_ts }) => ({
      id,
      pending: pending.get(id) ?? 0,
      since: since_ts === null ? null : tsToMs(since_ts),
    })),
    open,
    page,
    pages,
    flags: await readOpenFlags(db, ids, { offset: page * FLAGS_ON_PAGE, limit: FLAGS_ON_PAGE }),
    justDone: await readJustDone(db, ids, { user, since, limit: JUST_DONE_SHOWN }),
    runs: await readLastRuns(db, ids, RUNS_SHOWN),
    chart: composeChart(days, counts, taxonomy),
    next: listSchedules(context).flatMap(({ pattern, withDigest }) => {
      const at = nextTime(pattern, timeZone, now);
      const kind = withDigest ? ('summary' as const) : ('classify' as const);
      return at === null ? [] : [{ kind, at }];
    }),
    monthUsd: await readSpent(db, ids, startOfMonth(now, timeZone)),
    budget: budget && { usd: budget.usd, leftUsd: leftOf(budget) },
  };
}

/**
 * Which watched channels a person is in. Slack is asked whenever they open their Home tab, because
 * some may be private. In between the answer is stored, and events remove people who leave.
 */
async function findSeen(
  { db, slack, clock, workspace }: Context,
  { user, checked_at }: Home,
  watched: Set<string>,
): Promise<Set<string>> {
  if (checked_at !== null) {
    const since = clock.now() - DAY_MS;
    const known = [];
    for (const id of watched) if (await isKnownMember(db, id, user, since)) known.push(id);
    return new Set(known);
  }
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
