import { NO_KEY } from '../../claude/batches.ts';
import { expectDuration, type ReceiptFacts, type RunStage } from '../../core/digest/receipt.ts';
import type { Db, Tx } from '../../store/db/tables.ts';
import { type Progress, readProgress } from '../../store/runs/progress.ts';
import { listDurations, type Run } from '../../store/runs/runs.ts';
import type { Context } from '../context.ts';
import { createPause } from '../slices.ts';
import { estimateHurry } from './lanes/hurry.ts';

/** What the receipt of an open run says. */

/** How many earlier runs the estimate uses. */
const RUNS = 20;

export async function describeRun(
  db: Db | Tx,
  context: Pick<Context, 'clock' | 'catchUp' | 'settings' | 'hosted'>,
  run: Run,
): Promise<ReceiptFacts> {
  const { clock, catchUp, hosted } = context;
  const progress = await readProgress(db, run, createPause());
  const expected = await expectEnd(db, run);
  // Since the bot was started with a key, nothing waits for one.
  const trouble = run.trouble === NO_KEY && hosted?.key !== 'none' ? null : run.trouble;
  return {
    channel: run.channel,
    run: run.id,
    requestedBy: run.requested_by,
    startedAt: run.created_at,
    model: run.model,
    messages: run.stage === 'claiming' ? run.expected_messages : progress.requested,
    atMostUsd: run.expected_nano_usd === null ? null : run.expected_nano_usd / 1e9,
    stage: stageOf(
      run,
      progress,
      catchUp.waitFor(run.channel, clock.now(), run.created_at) === null,
    ),
    lane: run.hurried_at === null ? run.lane : 'express',
    laneReason: run.hurry_reason ?? run.lane_reason,
    hurriedBy: run.hurried_by,
    dueAt: run.due_at,
    hurryUsd: await estimateHurry(db, context, run),
    trouble,
    cause: trouble === null ? null : run.trouble_cause,
    expected,
    overdue: expected !== null && clock.now() > expected.nearlyAlways,
  };
}

function stageOf(run: Run, { sent, collected, answered }: Progress, caughtUp: boolean): RunStage {
  if (run.canceled_by !== null) return { kind: 'canceling', by: run.canceled_by };
  if (run.stage === 'claiming' || (!sent && !collected)) {
    return { kind: caughtUp ? 'queued' : 'catching up' };
  }
  return collected ? { kind: 'writing' } : { kind: 'judging', judged: answered };
}

/** From this channel's runs, or from all channels' while those are too few. */
async function expectEnd(db: Db | Tx, run: Run): Promise<ReceiptFacts['expected']> {
  const took =
    expectDuration(await listDurations(db, run.channel, RUNS)) ??
    expectDuration(await listDurations(db, null, RUNS));
  return (
    took && {
      mostly: run.created_at + took.mostly,
      nearlyAlways: run.created_at + took.nearlyAlways,
    }
  );
}
