import { z } from 'zod';
import { recordPerson } from '../../jobs/intake/names.ts';
import type { Register } from '../tools.ts';

const changeSchema = z.looseObject({ user: z.unknown() });

/** A person's name or role changes, or they are deactivated. */
export const registerUser: Register = (app, { context, emit }) => {
  app.event('user_change', async ({ event }) => {
    const left = await recordPerson(context, changeSchema.parse(event).user);
    if (left) emit('departure');
  });
};
