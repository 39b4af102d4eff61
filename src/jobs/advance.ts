import { setImmediate as nextTick } from 'node:timers/promises';
import { listBatches, listOpenRuns, type Run, updateRun } from '../store/runs.ts';
import { claimNext } from './claim.ts';
import { collect } from './collect.ts';
import { type Deps, earliest, type NextAt } from './deps.ts';
import { publish } from './publish.ts';
import { poll, reconcile, submit } from './submit.ts';

/**
 * Moves every open run on by one committed stage after another, at most one outside call a stage.
 * Whatever kills the process, the row says what to do next:
 *
 *   run    claiming ──▶ judging ──▶ done
 *   batch  filling ──▶ ready ──▶ submitting ──▶ submitted ──▶ ended ──▶ collected
 *                        ▲           │ answer lost: look for the orphan
 *                        └───────────┘ none there: send again
 */
export async function advanceRuns(deps: Deps): Promise<NextAt> {
  const times: NextAt[] = [];
  for (const run of await listOpenRuns(deps.db)) times.push(await advanceRun(deps, run));
  return earliest(times);
}

async function advanceRun(deps: Deps, run: Run): Promise<NextAt> {
  const { db, clock } = deps;
  if (run.stage === 'claiming') {
    while (await claimNext(deps, run)) await nextTick();
    await updateRun(db, run.id, { stage: 'judging' });
  }
  const waiting: NextAt[] = [];
  for (const { id } of await listBatches(db, run.id)) {
    for (;;) {
      const batch = (await listBatches(db, run.id)).find((row) => row.id === id);
      if (!batch || batch.stage === 'collected') break;
      if (batch.next_at > clock.now()) {
        waiting.push(batch.next_at);
        break;
      }
      await STEPS[batch.stage](deps, run, batch);
    }
  }
  const next = earliest(waiting);
  if (next !== null) return next;
  await publish(deps, run);
  return null;
}

const STEPS = {
  // Claiming was over when the run came to judging: a batch still filling is full.
  filling: submit,
  ready: submit,
  submitting: reconcile,
  submitted: poll,
  ended: collect,
};
