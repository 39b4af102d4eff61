import {
  type IdChange,
  listFormerIds,
  recordFormerId,
  rekeyChannel,
} from '../../store/intake/channel-ids.ts';
import type { Context } from '../context.ts';

/**
 * A channel may get another id, as when a private one is shared with another organization. Events,
 * buttons of older posts, batches on their way and FEEDBACK_CHANNELS may name the former id for long;
 * it is translated where it comes in.
 */

/** Call it at the start, before anything comes in. */
export async function loadChannelIds(context: Context): Promise<void> {
  context.channelIds.replaceAll(await listFormerIds(context.db));
  warnOfFormerIds(context);
}

/** A channel has another id from now on: everything that is stored about it moves there. */
export async function changeChannelId(context: Context, change: IdChange): Promise<void> {
  const { db, clock, log, channelIds } = context;
  const former = channelIds.current(change.former);
  const id = channelIds.current(change.id);
  if (former === id) return;
  const moved = await db.transaction().execute(async (tx) => {
    await recordFormerId(tx, { former, id }, clock.now());
    return rekeyChannel(tx, { former, id }, clock.now());
  });
  channelIds.replaceAll(await listFormerIds(db));
  if (moved) log.info({ former, channel: id }, 'a channel has another id');
  else log.warn({ former, channel: id }, 'a channel has another id; it waits for the end of a run');
  warnOfFormerIds(context);
}

/** Moves what was stored under a former id while it changed, or had to wait for the end of a run. */
export async function moveStragglers({ db, clock, channelIds }: Context): Promise<void> {
  for (const change of channelIds.unsettled()) {
    const now = clock.now();
    const moved = await db.transaction().execute((tx) => rekeyChannel(tx, change, now));
    if (moved) channelIds.settle(change.former, now);
  }
}

function warnOfFormerIds({ settings: { feedbackChannels }, channelIds, log }: Context): void {
  for (const former of feedbackChannels) {
    const channel = channelIds.current(former);
    if (channel === former || channelIds.warned.has(former)) continue;
    channelIds.warned.add(former);
    log.warn(
      { former, channel },
      'FEEDBACK_CHANNELS names a channel by its former id; it still works, but put the new id there',
    );
  }
}
