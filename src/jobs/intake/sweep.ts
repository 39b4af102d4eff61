import { isSlackError } from '../../core/delivery/slack-errors.ts';
import { SlackReadError } from '../../slack/read.ts';
import { endRestoring } from '../../store/db/restore.ts';
import { leaveChannel, listMemberChannels } from '../../store/intake/channels.ts';
import { type Context, isWatched, type NextAt } from '../context.ts';
import { adoptUnknown } from '../delivery/adopt.ts';
import type { Unfinished, Wake } from '../job.ts';
import { moveStragglers } from './channel-ids.ts';
import type { Found } from './connection.ts';
import { discoverChannels } from './discover.ts';
import { LOOK_BACK_MS, sweepChannel } from './sweep-channel.ts';

/**
 * Reads from history what no event brought. Events can be missed: while the bot is down, during
 * each reconnect, and now and then without a reason. Reading is idempotent, so a sweep may overlap
 * events and may die anywhere: the next one starts where the last complete one began.
 */

/** The job: it looks further back after a start, a full disk or a reconnect. */
export async function sweepRegularly(
  context: Context,
  { causes, emit, signal }: Wake,
): Promise<NextAt | Unfinished> {
  const lookBackMs =
    causes.has('start') || causes.has('storage')
      ? LOOK_BACK_MS.start
      : causes.has('reconnected')
        ? LOOK_BACK_MS.reconnected
        : 0;
  const complete = await sweep(context, {
    lookBackMs,
    onRead: () => emit('channel read'),
    signal,
  });
  // Slack may refuse it for a moment only: it is asked again soon, once.
  const refusal = context.connection.takeNewRefusal();
  if (refusal) throw refusal;
  return complete ? null : { unfinished: true, nextAt: null };
}

/**
 * @param lookBackMs reads this far back again, for edits and deletions without an event
 * @param onRead is called after each channel that has been read
 * @param signal once aborted, its reason is thrown: the next sweep reads the channel again
 * @returns false when a channel could not be read: it still has to be
 */
export async function sweep(
  context: Context,
  {
    lookBackMs = 0,
    onRead = () => {},
    signal = new AbortController().signal,
  }: { lookBackMs?: number; onRead?: () => void; signal?: AbortSignal } = {},
): Promise<boolean> {
  const reading = context.catchUp.beginReading();
  let complete = true;
  const found: Found[] = [];
  await moveStragglers(context);
  await discoverChannels(context);
  for (const { id } of await listMemberChannels(context.db)) {
    if (!isWatched(context, id)) continue;
    try {
      for (const one of await sweepChannel(context, id, { lookBackMs, signal })) found.push(one);
      await adoptUnknown(context, id);
      reading.channel(id);
      onRead();
    } catch (error) {
      // A channel that cannot be read must not keep the others from being read.
      if (!(error instanceof SlackReadError)) throw error;
      if (!(await leaveIfGone(context, id, error))) complete = false;
    }
  }
  if (complete) reading.everything();
  if (complete && context.adopted) {
    await endRestoring(context.db);
    context.adopted = null;
  }
  context.connection.sweep(found, context.clock.now());
  return complete;
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
