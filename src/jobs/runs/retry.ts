import { endPause } from '../../core/runs/pace.ts';
import {
  mendWaitMs,
  REFUSED_WAIT_MS,
  retryInMs,
  type TroubleCause,
} from '../../core/runs/trouble.ts';
import type { Tx } from '../../store/db/tables.ts';
import { ensureUser } from '../../store/intake/users.ts';
import type { Batch } from '../../store/runs/batches.ts';
import { adoptModel, listWaitingForAPerson, makeDue } from '../../store/runs/retries.ts';
import { type Run, updateRun } from '../../store/runs/runs.ts';
import type { Context } from '../context.ts';
import { waitingSince } from './trouble.ts';

/** When what waits for a person's mending is tried again: by itself, when somebody asks, and at a start. */

export type Retry =
  /** It is tried now; the person is told what came of it. */
  | { kind: 'tried' }
  /** Somebody has just asked for it. Nothing was done. */
  | { kind: 'too soon'; waitMs: number }
  /** The run does not wait for anything that could be tried. */
  | { kind: 'not waiting' };

/** Tries again at once what a run waits for, because a person asks for it. */
export async function retryRun(
  tx: Tx,
  context: Pick<Context, 'clock' | 'pace'>,
  run: Run,
  user: string,
): Promise<Retry> {
  if (run.trouble === null) return { kind: 'not waiting' };
  const now = context.clock.now();
  const waitMs = retryInMs(run.retried_at, now);
  if (waitMs > 0) return { kind: 'too soon', waitMs };
  await ensureUser(tx, user);
  // Somebody is at it: what comes next is tried every minute again.
  await updateRun(tx, run.id, { retried_at: now, retried_by: user, trouble_since: now });
  await makeDue(tx, run.id, now);
  context.pace = endPause(context.pace);
  return { kind: 'tried' };
}

/**
 * Tries again at once whatever waits for a person: they may have restarted the bot with another key or
 * another model.
 */
export async function retryAfterStart({ db, clock, settings, log }: Context): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const now = clock.now();
    for (const run of await listWaitingForAPerson(tx)) {
      const { model } = settings;
      if (await adoptModel(tx, run, model))
        log.info({ run: run.id, model }, 'a run has another model');
      await updateRun(tx, run.id, { trouble_since: now });
      await makeDue(tx, run.id, now);
    }
  });
}

/** When a stage that a person has to mend is tried again by itself. */
export function nextTryAt(
  run: Run,
  cause: TroubleCause,
  stage: Batch['stage'],
  now: number,
): number {
  if (cause === 'request' && stage === 'ready') return now + REFUSED_WAIT_MS;
  return now + mendWaitMs(now - waitingSince(run, cause, now));
}
