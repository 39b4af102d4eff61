import { z } from 'zod';
import { recordFileChange } from '../../store/intake/file-changes.ts';
import type { Register } from '../tools.ts';

const changeSchema = z.looseObject({ file_id: z.string() });

/** A file changes: a clip may have its transcript now. The event says only which file it is. */
export const registerFile: Register = (app, { context, emit }) => {
  app.event('file_change', async ({ event }) => {
    await recordFileChange(context.db, changeSchema.parse(event).file_id, context.clock.now());
    emit('file');
  });
};
