import { z } from 'zod';
import { type Deps, isWatched } from '../../jobs/deps.ts';
import { parseRun } from '../../slack/blocks/actions.ts';
import type { Tx } from '../../store/db/tables.ts';
import { noticeUser } from '../../store/intake/users.ts';
import { cancelRun, findOpenRun, findRun, type Run } from '../../store/runs/runs.ts';
import type { Asked } from './asked.ts';

/** `/classify-feedback cancel`, and the button on a receipt, which does the same. */

export async function answerCancel(deps: Deps, { channel, user }: Asked): Promise<string> {
  return deps.db.transaction().execute(async (tx) => {
    const run = await findOpenRun(tx, channel);
    if (!run) return 'No run is going in this channel: there is nothing to cancel.';
    return cancel(tx, deps, run, user);
  });
}

const pressedSchema = z.looseObject({
  user: z.looseObject({ id: z.string() }),
  channel: z.looseObject({ id: z.string() }),
  actions: z.tuple([z.looseObject({ block_id: z.string() })]),
});

/** @returns what to say to whoever pressed; what it says is committed */
export async function onCancelPressed(deps: Deps, body: unknown): Promise<string> {
  const { user, channel, actions } = pressedSchema.parse(body);
  const id = parseRun(actions[0].block_id);
  return deps.db.transaction().execute(async (tx) => {
    const run = id === undefined ? undefined : await findRun(tx, id);
    if (run?.channel !== channel.id || !isWatched(deps, channel.id) || run.ended_at !== null) {
      return 'This run is over: there is nothing to cancel.';
    }
    return cancel(tx, deps, run, user.id);
  });
}

async function cancel(tx: Tx, deps: Deps, run: Run, user: string): Promise<string> {
  if (run.canceled_by !== null) return 'The run is being canceled already.';
  await noticeUser(tx, user);
  await cancelRun(tx, run, user, deps.clock.now());
  return 'Canceling the run. What Claude has done by now is kept, paid for and summed up; the rest goes back to pending.';
}
