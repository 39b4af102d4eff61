import { count, escapeMrkdwn } from '../../core/text.ts';
import type { Deps } from '../../jobs/deps.ts';
import { estimateRun } from '../../jobs/request-run.ts';
import { listBatches } from '../../store/batches.ts';
import { measurePending } from '../../store/messages.ts';
import { countDeadEffects, countOpenEffects } from '../../store/outbox.ts';
import { findLastRun, findOpenRun, type Run } from '../../store/runs.ts';
import type { Asked } from './asked.ts';
import { lastSettingsChange, nextSchedule, price, when } from './wording.ts';

/** `/classify-feedback status` */

const STAGES: Record<Run['stage'], string> = {
  claiming: 'collecting its messages',
  judging: 'waiting for Claude',
  done: 'done',
};

/** So far what is on its way is counted: the answer must not wait for the rest. */
const COUNTED = 1000;

const DEAD_SINCE_MS = 7 * 24 * 3_600_000;

export async function answerStatus(deps: Deps, { channel }: Asked): Promise<string> {
  const { db, clock } = deps;
  const pending = await measurePending(db, channel);
  const run = await findOpenRun(db, channel);
  const last = await findLastRun(db, channel);
  const undelivered = await countOpenEffects(db, channel, COUNTED);
  const dead = await countDeadEffects(db, channel, clock.now() - DEAD_SINCE_MS);

  const lines = [
    pending.messages === 0
      ? '*Pending*: nothing'
      : `*Pending*: ${count(pending.messages, 'message')}, for ${price(deps, await estimateRun(db, deps, channel, pending))}`,
  ];
  if (run) {
    const batches = await listBatches(db, run.id);
    const done = batches.filter(({ stage }) => stage === 'collected').length;
    const progress = batches.length > 1 ? `, ${done} of ${batches.length} batches done` : '';
    const stage = run.canceled_by === null ? STAGES[run.stage] : 'being canceled';
    lines.push(`*Run*: begun ${when(run.created_at)}, ${stage}${progress}`);
    if (run.trouble) lines.push(`*It has to wait*: ${escapeMrkdwn(run.trouble)}`);
  } else {
    lines.push(`*Run*: none${last?.ended_at ? `; the last one ended ${when(last.ended_at)}` : ''}`);
  }
  if (undelivered > 0) {
    const many = undelivered > COUNTED;
    const number = count(Math.min(undelivered, COUNTED), 'post or reaction', 'posts and reactions');
    lines.push(`*On their way to Slack*: ${many ? 'more than ' : ''}${number}`);
  }
  for (const { trouble, effects } of dead) {
    lines.push(
      `*Not possible*: ${count(effects, 'post or reaction', 'posts and reactions')} in 7 days (${escapeMrkdwn(trouble ?? 'unknown')})`,
    );
  }
  lines.push(nextSchedule(deps), await lastSettingsChange(deps));
  return lines.filter(Boolean).join('\n');
}
