import { z } from 'zod';
import { DENIALS } from '../../../core/people/permission.ts';
import { type Context, isWatched } from '../../../jobs/context.ts';
import {
  checkInTime,
  findPermissionProblem,
  findRoleProblem,
} from '../../../jobs/people/permissions.ts';
import { parseRun } from '../../../slack/blocks/actions.ts';
import type { Tx } from '../../../store/db/tables.ts';
import { findRun, type Run } from '../../../store/runs/runs.ts';

const OVER = 'This run is over.';

const pressedSchema = z.looseObject({
  user: z.looseObject({ id: z.string() }),
  /** Absent on the Home tab. */
  channel: z.looseObject({ id: z.string() }).nullish(),
  actions: z.tuple([z.looseObject({ block_id: z.string() })]),
});

/**
 * Commits what a button on the receipt of a run, or on the Home tab, does, if the person may act and the
 * run is open. On the Home tab they have to be in the channel of the run.
 * @returns what to say to the person who pressed
 */
export async function onRunPressed(
  context: Context,
  body: unknown,
  act: (tx: Tx, context: Context, run: Run, user: string) => Promise<string>,
): Promise<string> {
  const { user, channel, actions } = pressedSchema.parse(body);
  const id = parseRun(actions[0].block_id);
  const found = id === undefined ? undefined : await findRun(context.db, id);
  if (!found || (channel && channel.id !== found.channel) || !isWatched(context, found.channel)) {
    return OVER;
  }
  const denied = await checkInTime(context, user.id, () =>
    channel
      ? findRoleProblem(context, user.id)
      : findPermissionProblem(context, found.channel, user.id),
  );
  if (denied) return DENIALS[denied];
  return context.db.transaction().execute(async (tx) => {
    const run = await findRun(tx, found.id);
    if (run?.channel !== found.channel || run.ended_at !== null) return OVER;
    return act(tx, context, run, user.id);
  });
}
