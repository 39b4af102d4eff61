import { z } from 'zod';
import { DENIALS } from '../../core/people/permission.ts';
import { type Context, isWatched } from '../../jobs/context.ts';
import { checkInTime, findRoleProblem } from '../../jobs/people/permissions.ts';
import { parseRun } from '../../slack/blocks/actions.ts';
import type { Tx } from '../../store/db/tables.ts';
import { findRun, type Run } from '../../store/runs/runs.ts';

const pressedSchema = z.looseObject({
  user: z.looseObject({ id: z.string() }),
  channel: z.looseObject({ id: z.string() }),
  actions: z.tuple([z.looseObject({ block_id: z.string() })]),
});

/**
 * Commits what a button on the receipt of a run does, if the person may act and the run is open.
 * @returns what to say to the person who pressed
 */
export async function onRunPressed(
  context: Context,
  body: unknown,
  act: (tx: Tx, context: Context, run: Run, user: string) => Promise<string>,
): Promise<string> {
  const { user, channel, actions } = pressedSchema.parse(body);
  const id = parseRun(actions[0].block_id);
  const denied = await checkInTime(context, user.id, () => findRoleProblem(context, user.id));
  if (denied) return DENIALS[denied];
  return context.db.transaction().execute(async (tx) => {
    const run = id === undefined ? undefined : await findRun(tx, id);
    if (run?.channel !== channel.id || !isWatched(context, channel.id) || run.ended_at !== null) {
      return 'This run is over.';
    }
    return act(tx, context, run, user.id);
  });
}
