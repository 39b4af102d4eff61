import { SHOWN } from '../../claude/prompt.ts';
import { NEVER } from '../../core/durations.ts';
import { FINISH_MS } from '../../core/runs/lane.ts';
import type { Tx } from '../../store/db/tables.ts';
import { findPostingHold } from '../../store/delivery/holds.ts';
import { listMemberChannels } from '../../store/intake/channels.ts';
import { hasPending, measurePending } from '../../store/intake/pending.ts';
import { hasClaimable } from '../../store/runs/claims.ts';
import { findOpenRun, openRun, type Run, setExpected, updateRun } from '../../store/runs/runs.ts';
import { type Context, isWatched, type NextAt } from '../context.ts';
import { createPause } from '../slices.ts';
import { chooseLane, estimateRun, readBudget } from './price.ts';
import { nextTime } from './schedule.ts';

/**
 * Judging messages as they come: a channel has one live run between two summaries. Each new message is
 * claimed by it and asked express. Its post appears with the first message that needs attention, and
 * becomes the summary when that is due.
 */
export async function judgeAsTheyCome(context: Context): Promise<NextAt> {
  const { db, settings } = context;
  if (!settings.asTheyCome) return null;
  for (const { id } of await listMemberChannels(db)) {
    if (!isWatched(context, id)) continue;
    await db.transaction().execute((tx) => takeNew(tx, context, id));
  }
  return null;
}

async function takeNew(tx: Tx, context: Context, channel: string): Promise<void> {
  const { clock, settings } = context;
  const now = clock.now();
  const run = await findOpenRun(tx, channel);
  if (run?.cause === 'live' && isOutdated(run, context)) {
    // New messages are judged under the new categories: what it has judged is for the next summary.
    return updateRun(tx, run.id, { with_digest: 0, due_at: null });
  }
  if (run && !takesMore(run)) return;
  if (!(await hasPending(tx, channel)) || (await findPostingHold(tx, channel))) return;
  const pending = await measurePending(tx, channel, SHOWN, createPause());
  const prices = await estimateRun(tx, context, channel, pending);
  const { express } = prices;
  const { messages } = pending;
  const dueAt = nextTime(settings.summarySchedule, settings.timeZone, now + FINISH_MS) ?? NEVER;
  const facts = { cause: 'live' as const, messages, dueAt };
  const lane = chooseLane(context, facts, prices, await readBudget(tx, context));
  // The schedule judges them as a batch, if that fits the budget.
  if (lane?.lane !== 'express') return;
  if (run) {
    const claimUntil = Math.max(now, run.claim_until);
    if (!(await hasClaimable(tx, { ...run, claim_until: claimUntil }))) return;
    await updateRun(tx, run.id, { stage: 'claiming', claim_until: claimUntil });
    const before = run.expected_nano_usd === null ? null : run.expected_nano_usd / 1e9;
    await setExpected(tx, run.id, {
      messages: run.expected_messages + messages,
      usd: before === null || express === null ? null : before + express,
    });
    return;
  }
  await openRun(
    tx,
    {
      channel,
      cause: 'live',
      requestedBy: null,
      withDigest: true,
      taxonomyVersion: settings.taxonomyVersion,
      model: settings.model,
      lane,
      dueAt,
      expected: { messages, usd: express },
    },
    now,
  );
}

/** It has begun under other categories, and nobody has seen anything of it. */
const isOutdated = (run: Run, { settings }: Context) =>
  run.published_at === null && run.taxonomy_version !== settings.taxonomyVersion;

const takesMore = ({ cause, stage, canceled_by, due_at, finishing_at, with_digest }: Run) =>
  cause === 'live' &&
  stage === 'judging' &&
  canceled_by === null &&
  due_at !== null &&
  finishing_at === null &&
  with_digest === 1;
