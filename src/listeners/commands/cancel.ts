import type { Context } from '../../jobs/context.ts';
import type { Tx } from '../../store/db/tables.ts';
import { ensureUser } from '../../store/intake/users.ts';
import { cancelRun, findOpenRun, type Run } from '../../store/runs/runs.ts';
import type { Asked, Subcommand } from './asked.ts';

/** `/classify-feedback cancel`; a button on the receipt does the same. */

export const cancelCommand: Subcommand = {
  group: 'sum up',
  help: 'stop the current run; results so far are kept',
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

/** Commits the cancellation. @returns what to say to the person */
export async function cancel(tx: Tx, context: Context, run: Run, user: string): Promise<string> {
  if (run.canceled_by !== null) return 'The run is already being canceled.';
  await ensureUser(tx, user);
  await cancelRun(tx, run, user, context.clock.now());
  return 'Canceling the run. Results so far are kept, paid for and summarized; the rest goes back to pending.';
}
