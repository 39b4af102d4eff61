import { z } from 'zod';
import { DENIALS } from '../../core/people/permission.ts';
import { type Context, isWatched } from '../../jobs/context.ts';
import { checkInTime, findRoleProblem } from '../../jobs/people/permissions.ts';
import { parseRun } from '../../slack/blocks/actions.ts';
import type { Tx } from '../../store/db/tables.ts';
import { ensureUser } from '../../store/intake/users.ts';
import { cancelRun, findOpenRun, findRun, type Run } from '../../store/runs/runs.ts';
import type { Asked, Subcommand } from './asked.ts';

/** `/classify-feedback cancel`, and the button on a receipt that does the same. */

export const cancelCommand: Subcommand = {
  group: 'sum up',
  help: 'stop the run that is going; what Claude has done is kept',
  also: ['stop', 'abort', 'kill'],
  changes: true,
  answer: answerCancel,
};

async function answerCancel(context: Context, { channel, user }: Asked): Promise<string> {
  return context.db.transaction().execute(async (tx) => {
    const run = await findOpenRun(tx, channel);
    if (!run) return 'No run is in progress in this channel.';
    return cancel(tx, context, run, user);
  });
}

const pressedSchema = z.looseObject({
  user: z.looseObject({ id: z.string() }),
  channel: z.looseObject({ id: z.string() }),
  actions: z.tuple([z.looseObject({ block_id: z.string() })]),
});

/** Commits the cancellation. @returns what to say to the person who pressed */
export async function onCancelPressed(context: Context, body: unknown): Promise<string> {
  const { user, channel, actions } = pressedSchema.parse(body);
  const id = parseRun(actions[0].block_id);
  const denied = await checkInTime(context, user.id, () => findRoleProblem(context, user.id));
  if (denied) return DENIALS[denied];
  return context.db.transaction().execute(async (tx) => {
    const run = id === undefined ? undefined : await findRun(tx, id);
    if (run?.channel !== channel.id || !isWatched(context, channel.id) || run.ended_at !== null) {
      return 'This run is over.';
    }
    return cancel(tx, context, run, user.id);
  });
}

async function cancel(tx: Tx, context: Context, run: Run, user: string): Promise<string> {
  if (run.canceled_by !== null) return 'The run is already being canceled.';
  await ensureUser(tx, user);
  await cancelRun(tx, run, user, context.clock.now());
  return 'Canceling the run. The results so far are kept, paid for and summed up; the rest goes back to pending.';
}
