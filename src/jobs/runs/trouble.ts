import type { ClaudeAnswer } from '../../claude/batches.ts';
import { PRIORITY } from '../../core/delivery/effects.ts';
import { MINUTE_MS } from '../../core/durations.ts';
import { isForAPerson, OF_ACCOUNT, type TroubleCause } from '../../core/runs/trouble.ts';
import { escapeMrkdwn } from '../../core/text.ts';
import { renderNotice } from '../../slack/blocks/notice.ts';
import { describeStillWaiting, describeTrouble, GOES_ON } from '../../slack/blocks/trouble.ts';
import type { Db, Tx } from '../../store/db/tables.ts';
import { addEffects } from '../../store/delivery/outbox.ts';
import type { Batch } from '../../store/runs/batches.ts';
import { listWaitingForAccount, makeDue } from '../../store/runs/retries.ts';
import { findRun, type Run, updateRun } from '../../store/runs/runs.ts';
import type { Context } from '../context.ts';

/** Why a run has to wait, who is told, and what its end means for other runs. */

export function causeOf(
  answer: Exclude<ClaudeAnswer<unknown>, { kind: 'ok' }>,
): Exclude<TroubleCause, 'long outage'> {
  if (answer.kind === 'blocked') return answer.mend;
  return answer.kind === 'refused' ? 'request' : 'outage';
}

/** @returns since when a run has waited for the same person's mending; now, if it did not */
export function waitingSince(run: Run, cause: TroubleCause, now: number): number {
  const { trouble, trouble_cause, trouble_since } = run;
  const same = trouble !== null && trouble_cause === cause && isForAPerson(cause);
  return same ? (trouble_since ?? now) : now;
}

/**
 * A run cannot continue for now: it is logged, `/classify-feedback status` shows it, and the person
 * who asked for the run is told once for each reason. The person who asked to try again is told that it
 * did not help. Nothing is lost meanwhile.
 */
export async function reportTrouble(
  tx: Tx,
  { log, clock, hosted }: Context,
  { id, ...stale }: Run,
  { reason, nextAt, cause }: { reason: string; nextAt: number; cause: TroubleCause },
): Promise<void> {
  const now = clock.now();
  log.warn({ run: id, reason, nextAt }, 'a run has to wait');
  const run = (await findRun(tx, id)) ?? { id, ...stale };
  const isLong = cause === 'outage' && nextAt - now > MINUTE_MS;
  const told = isLong ? 'long outage' : cause;
  await updateRun(tx, id, {
    trouble: reason,
    trouble_cause: told,
    trouble_since: waitingSince(run, told, now),
    retried_by: null,
  });
  const words = escapeMrkdwn(reason);
  if (run.retried_by) await tellRetrier(tx, run, describeStillWaiting(words, told, hosted), now);
  if (run.requested_by && run.requested_by !== run.retried_by && run.trouble !== reason) {
    const key = `trouble-r${id}-${reason}`;
    await tell(
      tx,
      run.channel,
      run.requested_by,
      { key, words: describeTrouble(words, told, hosted) },
      now,
    );
  }
}

/** The batch that was in trouble continues. */
export async function clearTrouble(
  db: Db | Tx,
  context: Context,
  run: Run,
  batch: Batch,
): Promise<void> {
  if (run.trouble === null || batch.attempts === 0) return;
  if (db.isTransaction) return endTrouble(db as Tx, context, run.id);
  await db.transaction().execute((tx) => endTrouble(tx, context, run.id));
}

/**
 * Claude works again for a run. What else it waits for is due now; so are other runs, if it was the
 * account.
 */
export async function endTrouble(tx: Tx, { clock, log }: Context, id: number): Promise<void> {
  const run = await findRun(tx, id);
  if (!run || run.trouble === null) return;
  const now = clock.now();
  await makeDue(tx, id, now);
  await updateRun(tx, id, { trouble: null, trouble_cause: null, retried_by: null });
  log.info({ run: id, trouble: run.trouble }, 'a run no longer has to wait');
  if (run.retried_by) await tellRetrier(tx, run, GOES_ON, now);
  if (OF_ACCOUNT.some((cause) => cause === run.trouble_cause)) await wakeWaiting(tx, now);
}

/** Claude has taken paid work: all runs that wait for the account are due now. */
export async function releaseAccount({ db, clock }: Pick<Context, 'db' | 'clock'>): Promise<void> {
  if ((await listWaitingForAccount(db)).length === 0) return;
  await db.transaction().execute((tx) => wakeWaiting(tx, clock.now()));
}

async function wakeWaiting(tx: Tx, now: number): Promise<void> {
  for (const run of await listWaitingForAccount(tx)) await makeDue(tx, run, now);
}

const tellRetrier = (tx: Tx, run: Run, words: string, now: number) =>
  tell(
    tx,
    run.channel,
    run.retried_by ?? '',
    { key: `retried-r${run.id}-${run.retried_at}`, words },
    now,
  );

async function tell(
  tx: Tx,
  channel: string,
  user: string,
  { key, words }: { key: string; words: string },
  now: number,
): Promise<void> {
  const effect = { kind: 'ephemeral' as const, user, ...renderNotice(words) };
  await addEffects(tx, [{ key, channel, priority: PRIORITY.person, effect }], now);
}
