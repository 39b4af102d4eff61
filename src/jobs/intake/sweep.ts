import { isSlackError } from '../../core/delivery/slack-errors.ts';
import type { SlackReadError } from '../../slack/read.ts';
import { endRestoring } from '../../store/db/restore.ts';
import { leaveChannel, listMemberChannels } from '../../store/intake/channels.ts';
import { type Context, isWatched, type NextAt } from '../context.ts';
import { adoptUnknown } from '../delivery/adopt.ts';
import type { Wake } from '../job.ts';
import { moveStragglers } from './channel-ids.ts';
import { discoverChannels } from './discover.ts';
import { askForLookBack, LOOK_BACK_MS, readChannel } from './sweep/channel.ts';
import { readThreadsOf } from './sweep/threads.ts';
import { beginReading, type Reading, type Turns, takeTurns, type Work } from './sweep/turns.ts';

/**
 * Reads from history what no event brought. Events can be missed: while the bot is down, during
 * each reconnect, and now and then without a reason. Reading is idempotent, so a sweep may overlap
 * events and may die anywhere: what it has not read is stored, and the next one reads that.
 */

/** The job: it looks further back after a start, a full disk or a reconnect. */
export async function sweepRegularly(
  context: Context,
  { causes, emit, signal }: Wake,
): Promise<NextAt> {
  const lookBackMs =
    causes.has('start') || causes.has('storage')
      ? LOOK_BACK_MS.start
      : causes.has('reconnected')
        ? LOOK_BACK_MS.reconnected
        : 0;
  const swept = await sweep(context, {
    lookBackMs,
    onRead: () => emit('channel read'),
    signal,
  });
  // Slack may refuse it for a moment only: it is asked again soon, once.
  const refusal = context.connection.takeNewRefusal();
  if (refusal) throw refusal;
  return swept === 'more' ? context.clock.now() : null;
}

/**
 * @param lookBackMs reads this far back again, for edits and deletions without an event
 * @param onRead is called after each channel that has been read
 * @param signal once aborted, its reason is thrown: the next sweep goes on
 * @returns `more` when time was over before everything was read; `failed` when a channel could not be read
 */
export async function sweep(
  context: Context,
  {
    lookBackMs = 0,
    onRead = () => {},
    signal = new AbortController().signal,
  }: { lookBackMs?: number; onRead?: () => void; signal?: AbortSignal } = {},
): Promise<'done' | 'more' | 'failed'> {
  const { db, clock, catchUp, connection } = context;
  const caughtUp = catchUp.beginReading();
  await moveStragglers(context);
  await discoverChannels(context);
  const channels = (await listMemberChannels(db)).filter(({ id }) => isWatched(context, id));
  for (const { id } of channels) await askForLookBack(context, id, lookBackMs);
  const readings = channels.map(({ id }) => beginReading(context, id, lookBackMs > 0));
  let failed = false;
  const works = readings.map((reading): Work => {
    const { channel } = reading;
    let isWhole = true;
    const work: Work = {
      steps: [readHistoryOf(reading), readThreadsOf(reading)],
      async finish() {
        if (!isWhole) return;
        await adoptUnknown(context, channel);
        caughtUp.channel(channel);
        onRead();
      },
      async fail(error) {
        isWhole = false;
        if (await leaveIfGone(context, channel, error)) work.steps = [];
        else failed = true;
      },
    };
    return work;
  });
  const isOver = await takeTurns(context, works, signal);
  for (const reading of readings) report(reading);
  if (isOver && !failed) {
    caughtUp.everything();
    if (context.adopted) await endRestoring(db);
    context.adopted = null;
  }
  connection.sweep(
    readings.flatMap(({ found }) => found),
    clock.now(),
  );
  if (failed) return 'failed';
  return isOver ? 'done' : 'more';
}

async function* readHistoryOf(reading: Reading): Turns {
  const { connection, clock } = reading.context;
  try {
    for await (const turn of readChannel(reading)) {
      connection.recordReading(clock.now());
      yield turn;
    }
  } finally {
    reading.isHistoryOver = true;
  }
}

function report({ context: { log }, channel, counts }: Reading): void {
  if (counts.added === 0 && counts.gone === 0) return;
  log.info({ channel, ...counts }, 'history had what no event had brought');
}

/** @returns whether the channel cannot be read because the bot is no longer in it */
async function leaveIfGone(
  { db, log }: Context,
  channel: string,
  error: SlackReadError,
): Promise<boolean> {
  log.warn({ channel, reason: error.message }, 'a channel could not be read');
  const gone = isSlackError(error.code, 'away');
  if (gone) await leaveChannel(db, channel);
  return gone;
}
