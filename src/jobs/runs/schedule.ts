import { Cron } from 'croner';
import { dateOf } from '../../core/calendar.ts';
import { budgetKey, PRIORITY } from '../../core/delivery/effects.ts';
import { NEVER } from '../../core/durations.ts';
import { FINISH_MS, leadMs } from '../../core/runs/lane.ts';
import { count } from '../../core/text.ts';
import { describeOverBudget } from '../../slack/blocks/budget.ts';
import { renderNotice } from '../../slack/blocks/notice.ts';
import type { Tx } from '../../store/db/tables.ts';
import { addEffects } from '../../store/delivery/outbox.ts';
import { listMemberChannels } from '../../store/intake/channels.ts';
import { hasPending } from '../../store/intake/pending.ts';
import { listBatchTimes } from '../../store/runs/batches.ts';
import { findOpenRun, findRunDue } from '../../store/runs/runs.ts';
import { readDue, setDue } from '../../store/runs/schedules.ts';
import { type Context, earliest, isWatched, type NextAt, waitForAdoption } from '../context.ts';
import { type RequestedRun, requestRun } from './request.ts';

/** The schedules of the settings: `summary` runs publish a digest, `classify` runs do not. */
export function listSchedules({ settings: { summarySchedule, classifySchedule } }: Context) {
  return [
    { key: 'summary', pattern: summarySchedule, withDigest: true },
    ...(classifySchedule
      ? [{ key: 'classify', pattern: classifySchedule, withDigest: false }]
      : []),
  ];
}

/** The first time after `after` (ms) that a cron pattern fits, or null when it never does. */
export function nextTime(pattern: string, timeZone: string, after: number): number | null {
  return new Cron(pattern, { timezone: timeZone }).nextRun(new Date(after))?.getTime() ?? null;
}

/** Whether a cron pattern can be read, and whether its time comes after `after` (ms). */
export function checkCron(pattern: string, after: number): 'ok' | 'bad' | 'never' {
  try {
    return new Cron(pattern).nextRun(new Date(after)) ? 'ok' : 'never';
  } catch {
    return 'bad';
  }
}

/**
 * Opens the runs that are due. A summary's run is opened so much earlier that its summary can be there
 * when it is due. A time missed while the bot was down is made up once.
 */
export async function runSchedules(context: Context): Promise<NextAt> {
  const times: NextAt[] = [];
  for (const schedule of listSchedules(context)) times.push(await runSchedule(context, schedule));
  return earliest(times);
}

/** The bot's own batches that say how early a run has to begin. */
const BATCHES = 50;

type Schedule = ReturnType<typeof listSchedules>[number];

/** A change of the time zone makes the same pattern another schedule. */
const zoned = (pattern: string, { settings }: Context) => `${pattern} ${settings.timeZone}`;

/** When the summary is due that the schedule posts next, perhaps in the past; null: not known yet. */
export async function readSummaryDue(context: Context): Promise<number | null> {
  const { summarySchedule } = context.settings;
  return (await readDue(context.db, 'summary', zoned(summarySchedule, context))) ?? null;
}

async function runSchedule(context: Context, schedule: Schedule): Promise<NextAt> {
  const { db, clock, settings } = context;
  const { key, pattern, withDigest } = schedule;
  const now = clock.now();
  const known = zoned(pattern, context);
  const due = await readDue(db, key, known);
  const lead = withDigest ? leadMs(await listBatchTimes(db, BATCHES)) : 0;
  const last = due !== undefined && now >= due - (withDigest ? FINISH_MS : 0);
  if (due !== undefined) {
    if (now < due - lead) return due - lead;
    // What was posted while the bot was down is pending once it has been read.
    const caughtUpAt = context.catchUp.waitForAll(now);
    if (caughtUpAt !== null) return caughtUpAt;
    const waits: NextAt[] = [];
    for (const { id: channel } of await listMemberChannels(db)) {
      if (!isWatched(context, channel)) continue;
      // The summary may have been posted by a database that was lost.
      const adoptedAt = waitForAdoption(context, channel);
      waits.push(adoptedAt);
      if (adoptedAt === null) await openScheduled(context, schedule, channel, { due, last });
    }
    // A channel that cannot be read holds up no later time.
    const adoptedAt = earliest(waits);
    const following = nextTime(pattern, settings.timeZone, due);
    if (adoptedAt !== null && (following === null || now < following - lead)) return adoptedAt;
    if (!last) return due - FINISH_MS;
  }
  const next = nextTime(pattern, settings.timeZone, Math.max(now, due ?? now));
  await setDue(db, key, known, next ?? NEVER);
  return next === null ? null : Math.max(now, next - lead);
}

/**
 * Opens the run of a channel, once for each time.
 * @param last it is time: otherwise a run is opened only for messages, and joins none that is going
 */
async function openScheduled(
  context: Context,
  { key, withDigest }: Schedule,
  channel: string,
  { due, last }: { due: number; last: boolean },
): Promise<void> {
  const { db, log } = context;
  const opened = await db.transaction().execute(async (tx) => {
    if (withDigest) {
      if (await findRunDue(tx, channel, due)) return undefined;
      if (!last && ((await findOpenRun(tx, channel)) || !(await hasPending(tx, channel)))) {
        return undefined;
      }
    }
    const dueAt = withDigest ? { dueAt: due } : {};
    const request = {
      channel,
      cause: 'schedule' as const,
      requestedBy: null,
      withDigest,
      ...dueAt,
    };
    const requested = await requestRun(tx, context, request);
    if (requested.kind === 'over budget') await announceOverBudget(tx, context, channel, requested);
    return requested;
  });
  if (!opened) return;
  log.info({ channel, schedule: key, outcome: opened.kind }, 'a schedule was due');
}

/** People of a channel are told once a month that its messages wait. */
async function announceOverBudget(
  tx: Tx,
  { clock, hosted, settings: { timeZone, model } }: Context,
  channel: string,
  { budget, pending, usd }: RequestedRun & { kind: 'over budget' },
): Promise<void> {
  const now = clock.now();
  const key = budgetKey(channel, dateOf(now, timeZone).slice(0, 7));
  const messages = count(pending.messages, 'message');
  const words = describeOverBudget(budget, { messages, usd, model }, hosted);
  const metadata = { event_type: 'winnow_budget' as const, event_payload: { key, channel } };
  const effect = { kind: 'post' as const, metadata, ...renderNotice(words) };
  await addEffects(tx, [{ key, channel, priority: PRIORITY.digest, effect }], now);
}
