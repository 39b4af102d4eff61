import type { Deps } from '../../jobs/deps.ts';
import { cancelRun, findOpenRun } from '../../store/runs.ts';
import type { Asked } from './asked.ts';

/** `/classify-feedback cancel` */
export async function answerCancel(deps: Deps, { channel, user }: Asked): Promise<string> {
  return deps.db.transaction().execute(async (tx) => {
    const run = await findOpenRun(tx, channel);
    if (!run) return 'No run is going in this channel: there is nothing to cancel.';
    if (run.canceled_by !== null) return 'The run is being canceled already.';
    await cancelRun(tx, run, user, deps.clock.now());
    return 'Canceling the run. What Claude has done by now is kept, paid for and summed up; the rest goes back to pending.';
  });
}
