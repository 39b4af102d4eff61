import { PRIORITY } from '../../core/delivery/effects.ts';
import { escapeMrkdwn } from '../../core/text.ts';
import { renderNotice } from '../../slack/blocks/notice.ts';
import type { Db, Tx } from '../../store/db/tables.ts';
import { addEffects } from '../../store/delivery/outbox.ts';
import type { Batch } from '../../store/runs/batches.ts';
import { type Run, updateRun } from '../../store/runs/runs.ts';
import type { Context } from '../context.ts';

/**
 * A run cannot continue for now: it is logged, `/classify-feedback status` shows it, and the person
 * who asked for the run is told once for each reason. Nothing is lost meanwhile.
 */
export async function reportTrouble(
  tx: Tx,
  { log, clock }: Context,
  run: Run,
  { reason, mend, nextAt }: { reason: string; mend: boolean; nextAt: number },
): Promise<void> {
  log.warn({ run: run.id, reason, nextAt }, 'a run has to wait');
  await updateRun(tx, run.id, { trouble: reason });
  if (!run.requested_by) return;
  const next = mend
    ? 'Whoever runs the bot has to look at its key, model and budget at Anthropic; it tries again every 10 minutes by itself.'
    : 'The bot keeps trying by itself.';
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
            `The classification that you asked for has to wait: ${escapeMrkdwn(reason)}. Nothing is lost. ${next}`,
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
