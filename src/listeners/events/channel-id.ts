import { z } from 'zod';
import { changeChannelId } from '../../jobs/intake/channel-ids.ts';
import type { Register } from '../tools.ts';

const changedSchema = z.looseObject({ old_channel_id: z.string(), new_channel_id: z.string() });

/** A channel gets another id. */
export const registerChannelId: Register = (app, { context, emit }) => {
  app.event('channel_id_changed', async ({ event }) => {
    const { old_channel_id: former, new_channel_id: id } = changedSchema.parse(event);
    await changeChannelId(context, { former, id });
    emit('channel');
  });
};
