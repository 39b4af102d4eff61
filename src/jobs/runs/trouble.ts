import type { ClaudeAnswer } from '../../claude/batches.ts';
import { PRIORITY } from '../../core/delivery/effects.ts';
import { DAY_MS, MINUTE_MS } from '../../core/durations.ts';
import { escapeMrkdwn } from '../../core/text.ts';
import { renderNotice } from '../../slack/blocks/notice.ts';
import type { Db, Tx } from '../../store/db/tables.ts';
import { addEffects } from '../../store/delivery/outbox.ts';
import type { Batch } from '../../store/runs/batches.ts';
import { type Run, updateRun } from '../../store/runs/runs.ts';
import type { Context } from '../context.ts';

/** Why a run has to wait: Claude takes nothing for now, nothing from this bot, or not this batch. */
export type TroubleCause = 'outage' | 'account' | 'request';

/** The waits that do not grow. A refused batch is also tried again when somebody asks for a run. */
export const WAIT_MS: Partial<Record<TroubleCause, number>> = {
  account: 10 * MINUTE_MS,
  request: DAY_MS,
};

/** @param stage the stage of the batch before the next try */
export function causeOf(
  { kind }: Exclude<ClaudeAnswer<unknown>, { kind: 'ok' }>,
  stage: Batch['stage'],
): TroubleCause {
  if (kind === 'refused' && stage === 'ready') return 'request';
  return kind === 'blocked' || kind === 'refused' ? 'account' : 'outage';
}

const NEXT: Record<TroubleCause, string> = {
  outage: 'The bot keeps trying by itself.',
  account:
    'Whoever runs the bot has to look at its key, model and budget at Anthropic; it tries again every 10 minutes by itself.',
  request:
    'Whoever runs the bot has to look at this; it tries again when somebody asks for a summary, and once a day.',
};

/**
 * A run cannot continue for now: it is logged, `/classify-feedback status` shows it, and the person
 * who asked for the run is told once for each reason. Nothing is lost meanwhile.
 */
export async function reportTrouble(
  tx: Tx,
  { log, clock }: Context,
  run: Run,
  { reason, nextAt, cause }: { reason: string; nextAt: number; cause: TroubleCause },
): Promise<void> {
  log.warn({ run: run.id, reason, nextAt }, 'a run has to wait');
  await updateRun(tx, run.id, { trouble: reason });
  if (!run.requested_by) return;
  await addEffects(
    tx,
    [
      {
        key: `trouble-r${run.id}-${reason}`,
        channel: run.channel,
        priority: PRIORITY.person,
        effect: {
          kind: 'ephemeral',
          user: run.requested_by,
          ...renderNotice(
            `The classification that you asked for has to wait: ${escapeMrkdwn(reason)}. Nothing is lost. ${NEXT[cause]}`,
          ),
        },
      },
    ],
    clock.now(),
  );
}

/** The batch that was in trouble continues. */
export async function clearTrouble(db: Db | Tx, run: Run, batch: Batch): Promise<void> {
  if (run.trouble !== null && batch.attempts > 0) await updateRun(db, run.id, { trouble: null });
}
