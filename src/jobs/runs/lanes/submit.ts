import {
  type ClaudeAnswer,
  createBatch,
  listOrphans,
  retrieveBatch,
} from '../../../claude/batches.ts';
import { backoffMs } from '../../../core/delivery/backoff.ts';
import { MINUTE_MS, SECOND_MS } from '../../../core/durations.ts';
import { isForAPerson } from '../../../core/runs/trouble.ts';
import type { Db, Tx } from '../../../store/db/tables.ts';
import { markStale } from '../../../store/digest/stale.ts';
import {
  type Batch,
  beginSubmission,
  findBatch,
  hasRequests,
  listBatches,
  listKnownClaudeIds,
  measureBatch,
  updateBatch,
} from '../../../store/runs/batches.ts';

import { countMoved, forgetMoves } from '../../../store/runs/express.ts';
import { SETTLE_MS } from '../../../store/runs/retries.ts';
import { findOpenRunById, findRun, isHurried, type Run } from '../../../store/runs/runs.ts';
import type { Context } from '../../context.ts';
import { createPause } from '../../slices.ts';
import { nextTryAt } from '../retry.ts';
import { causeOf, clearTrouble, releaseAccount, reportTrouble } from '../trouble.ts';
import { release } from './hurry.ts';
import { lookUpShown, prepareRequests } from './prepare.ts';
import { setAsideNamed } from './set-aside.ts';

/**
 * A batch can be unknown for a moment. One that stays unknown for this many tries, and is not new,
 * is gone.
 */
const UNKNOWN_TRIES = 8;
const GONE_MS = 5 * MINUTE_MS;

/** A canceled batch mostly ends soon, and its run may be waiting for it. */
const CANCELED_POLL_MS = 5 * SECOND_MS;

/**
 * ready → submitting → submitted. `submitting` is committed before the call, so that a restart
 * looks for the orphan; the batch's id is committed right after it.
 */
export async function submit(context: Context, run: Run, batch: Batch): Promise<void> {
  const { db, claude, clock, log } = context;
  const pause = createPause();
  const shown = await lookUpShown(context, run, batch);
  const submittedAt = clock.now();
  const requests = await db.transaction().execute(async (tx) => {
    // Looking up what is shown takes a while: somebody may have pressed a button meanwhile.
    if (!(await mayBeSent(tx, run, batch))) return undefined;
    await beginSubmission(tx, batch, submittedAt);
    await updateBatch(tx, batch.id, { next_at: submittedAt + SETTLE_MS });
    return prepareRequests(context, tx, { run, batch }, shown);
  });
  if (!requests) return;
  if (requests.length === 0) {
    // All of its messages have been deleted or set aside meanwhile.
    await db.transaction().execute(async (tx) => {
      await updateBatch(tx, batch.id, { stage: 'collected', next_at: clock.now() });
      // What Claude has refused in a row counts for the whole run.
      const rest = await listBatches(tx, run.id);
      const next = rest.find(({ id, stage }) => id > batch.id && stage === 'ready');
      if (next) await updateBatch(tx, next.id, { attempts: batch.attempts });
    });
    return;
  }

  // The client turns them into megabytes of text in one go: let others have their turn first.
  await pause();
  const answer = await createBatch(claude, requests);
  const now = clock.now();
  switch (answer.kind) {
    case 'ok':
      // In a commit of its own, at once: nothing may come between the answer and its commit.
      await updateBatch(db, batch.id, {
        stage: 'submitted',
        claude_id: answer.value.id,
        attempts: 0,
        next_at: now + context.settings.batchPollMs,
      });
      // Somebody may have canceled the run, or hurried it, while Claude took the batch.
      if (!(await mayBeSent(db, run, batch))) await updateBatch(db, batch.id, { next_at: now });
      await clearTrouble(db, context, run, batch);
      await releaseAccount(context);
      log.info(
        { run: run.id, batch: answer.value.id, requests: requests.length },
        'a batch was submitted',
      );
      return;
    case 'unclear': {
      const { reason } = answer;
      log.warn(
        { run: run.id, batch: batch.id, reason },
        'no answer to a submission; looking for its batch',
      );
      // It stays `submitting`: reconcile looks for it before anything is sent again.
      const attempts = batch.attempts + 1;
      const nextAt = now + Math.max(SETTLE_MS, backoffMs(attempts));
      await db.transaction().execute(async (tx) => {
        await updateBatch(tx, batch.id, { attempts, next_at: nextAt });
        // Most lost answers are found again before anybody would notice.
        if (attempts > 1)
          await reportTrouble(tx, context, run, { reason, nextAt, cause: 'outage' });
      });
      return;
    }
    case 'refused':
      if (await setAsideNamed(context, run, batch, requests, answer)) return;
      return await postpone(context, run, batch, answer, 'ready');
    default:
      await postpone(context, run, batch, answer, 'ready');
  }
}

/** Whether its run still wants the batch. */
async function mayBeSent(tx: Db | Tx, { id }: Run, batch: Batch): Promise<boolean> {
  const run = await findOpenRunById(tx, id);
  const lane = (await findBatch(tx, batch.id))?.lane;
  return run !== undefined && run.canceled_by === null && !isHurried(run) && lane === 'batch';
}

/**
 * submitting, with its answer lost: → submitted when its orphan is found, else → ready; → collected when
 * its requests have been moved meanwhile.
 */
export async function reconcile(context: Context, run: Run, batch: Batch): Promise<void> {
  const { db, claude, clock, log } = context;
  const { messages } = await measureBatch(db, batch.id);
  const answer = await listOrphans(claude, {
    since: batch.submitted_at ?? run.created_at,
    requests: messages + (await countMoved(db, batch.id)),
    known: await listKnownClaudeIds(db),
  });
  if (answer.kind !== 'ok') return postpone(context, run, batch, answer, 'submitting');
  // The oldest is most likely ours: of two tries only the first could be unknown.
  const orphan = answer.value.at(-1);
  if (!orphan) {
    const next_at = clock.now();
    if (await hasRequests(db, batch.id)) {
      return updateBatch(db, batch.id, { stage: 'ready', next_at });
    }
    // Its run has not waited for it, and it never was: none of its requests was answered twice.
    return db.transaction().execute(async (tx) => {
      await forgetMoves(tx, batch.id);
      await updateBatch(tx, batch.id, { stage: 'collected', next_at });
      await markStale(tx, run.id, next_at);
    });
  }
  log.warn({ run: run.id, batch: orphan.id }, 'found the batch of a lost answer');
  await updateBatch(db, batch.id, {
    stage: 'submitted',
    claude_id: orphan.id,
    adopted: 1,
    attempts: 0,
    next_at: clock.now(),
  });
  await clearTrouble(db, context, run, batch);
}

/** submitted → ended, or asked again later. */
export async function poll(context: Context, run: Run, batch: Batch): Promise<void> {
  const { db, claude, clock, log } = context;
  const answer = await retrieveBatch(claude, claudeIdOf(batch));
  const now = clock.now();
  if (answer.kind === 'ok') {
    await clearTrouble(db, context, run, batch);
    if (answer.value.status === 'ended') {
      await updateBatch(db, batch.id, { stage: 'ended', ended_at: now, attempts: 0, next_at: now });
      return;
    }
    const pollMs = context.settings.batchPollMs;
    const often = batch.cancel_asked ? Math.min(pollMs, CANCELED_POLL_MS) : pollMs;
    // A little jitter, so that many bots do not ask at the same moment.
    const wait = Math.round(often * (0.9 + 0.2 * Math.random()));
    await updateBatch(db, batch.id, { attempts: 0, next_at: now + wait });
    return;
  }
  const unknown = answer.kind === 'refused' && answer.status === 404;
  if (unknown && batch.attempts >= UNKNOWN_TRIES && now - (batch.submitted_at ?? now) > GONE_MS) {
    log.error({ run: run.id, batch: batch.claude_id }, 'Claude no longer knows a batch');
    await db.transaction().execute(async (tx) => {
      await release(
        tx,
        run,
        batch,
        { reason: 'Claude no longer knew the batch', doubtful: true },
        now,
      );
      await updateBatch(tx, batch.id, { stage: 'collected', next_at: now });
    });
    return;
  }
  if (unknown) {
    const attempts = batch.attempts + 1;
    await updateBatch(db, batch.id, { attempts, next_at: now + backoffMs(attempts) });
    return;
  }
  await postpone(context, run, batch, answer, 'submitted');
}

export function claudeIdOf(batch: Batch): string {
  if (batch.claude_id === null)
    throw new Error(`batch ${batch.id} is ${batch.stage} without an id`);
  return batch.claude_id;
}

/** Postpones the stage, and reports what a person can fix. */
export async function postpone(
  context: Context,
  run: Run,
  batch: Batch,
  answer: Exclude<ClaudeAnswer<unknown>, { kind: 'ok' }>,
  stage: 'ready' | 'submitting' | 'submitted' | 'ended',
): Promise<void> {
  const { db, clock } = context;
  const attempts = batch.attempts + 1;
  const cause = causeOf(answer);
  const again = Math.max(backoffMs(attempts), stage === 'ended' ? context.settings.batchPollMs : 0);
  const wait = (answer.kind === 'later' && answer.afterMs) || again;
  await db.transaction().execute(async (tx) => {
    const now = clock.now();
    const latest = (await findRun(tx, run.id)) ?? run;
    if (latest.retried_at !== run.retried_at) {
      // A person asked for another try while this one was under way: it may have begun too early.
      return updateBatch(tx, batch.id, { stage, attempts, next_at: now });
    }
    const nextAt = isForAPerson(cause) ? nextTryAt(latest, cause, stage, now) : now + wait;
    await updateBatch(tx, batch.id, { stage, attempts, next_at: nextAt });
    await reportTrouble(tx, context, run, { reason: answer.reason, nextAt, cause });
  });
}
