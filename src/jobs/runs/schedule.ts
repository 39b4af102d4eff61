import { Cron } from 'croner';
import { listMemberChannels } from '../../store/intake/channels.ts';
import { readDue, setDue } from '../../store/runs/schedules.ts';
import { type Context, earliest, isWatched, type NextAt } from '../context.ts';
import { requestRun } from './request.ts';

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

/** Opens the runs that are due. A time missed while the bot was down is made up once. */
export async function runSchedules(context: Context): Promise<NextAt> {
  const times: NextAt[] = [];
  for (const schedule of listSchedules(context)) times.push(await runSchedule(context, schedule));
  return earliest(times);
}

/** For a pattern whose years are all over: the last moment that a date can have, in ms. */
const NEVER = 8.64e15;

async function runSchedule(
  context: Context,
  { key, pattern, withDigest }: ReturnType<typeof listSchedules>[number],
): Promise<NextAt> {
  const {
    db,
    clock,
    log,
    settings: { timeZone },
  } = context;
  const now = clock.now();
  // A change of the time zone makes the same pattern another schedule.
  const zoned = `${pattern} ${timeZone}`;
  const due = await readDue(db, key, zoned);
  if (due !== undefined && due > now) return due;
  // What was posted while the bot was down is pending once it has been read.
  const caughtUpAt = due === undefined ? null : context.catchUp.waitForAll(now);
  if (caughtUpAt !== null) return caughtUpAt;
  const next = nextTime(pattern, timeZone, now);
  await db.transaction().execute(async (tx) => {
    if (due !== undefined) {
      for (const { id: channel } of await listMemberChannels(tx)) {
        if (!isWatched(context, channel)) continue;
        const request = { channel, cause: 'schedule' as const, requestedBy: null, withDigest };
        const { kind } = await requestRun(tx, context, request);
        log.info({ channel, schedule: key, outcome: kind }, 'a schedule was due');
      }
    }
    await setDue(tx, key, zoned, next ?? NEVER);
  });
  return next;
}
