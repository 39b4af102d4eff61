import {
  EXAMPLES_SHOWN,
  measureExamples,
  measurePrefix,
  measureThemes,
  SHOWN,
  THEMES_SHOWN,
} from '../../claude/prompt.ts';
import { fitsBudget } from '../../core/runs/budget.ts';
import { lookFirst, URGENT } from '../../core/runs/first-look.ts';
import { canHurry, type Lane, timeLeft } from '../../core/runs/lane.ts';
import type { Tx } from '../../store/db/tables.ts';
import { measurePending } from '../../store/intake/pending.ts';
import { countExamples } from '../../store/people/examples.ts';
import {
  deleteBatch,
  listBatches,
  measureBatch,
  openBatch,
  updateBatch,
} from '../../store/runs/batches.ts';
import {
  type Candidate,
  claimMessages,
  countClaimable,
  listCandidates,
  readWaitingAuthors,
} from '../../store/runs/claims.ts';
import { findOpenRun, isHurried, type Run } from '../../store/runs/runs.ts';
import { readTaxonomy } from '../../store/runs/taxonomies.ts';
import { countThemes } from '../../store/themes/words.ts';
import type { Context } from '../context.ts';
import { createPause } from '../slices.ts';
import { estimateRun, readBudget } from './price.ts';

/** Claude allows 256 MB. What is built and sent in one piece is in memory several times. */
const MAX_CHARACTERS = 2_500_000;

/** Messages to claim, or to look at, between two looks at the time. */
const ROWS_AT_ONCE = 50;

/**
 * Claims the pending messages of a channel into batches: first those that look urgent, then the
 * others. After a crash the run continues claiming; what it has claimed is in its requests.
 * @returns a function that claims the next few; false when nothing is left to claim
 */
export async function startClaiming(
  context: Context,
  run: Run,
): Promise<(tx: Tx) => Promise<boolean>> {
  const { db, clock, log } = context;
  const { id, channel, taxonomy_version, model } = run;
  const each =
    measurePrefix(await readTaxonomy(db, taxonomy_version), model) +
    measureExamples(await countExamples(db, channel, EXAMPLES_SHOWN)) +
    measureThemes(await countThemes(db, channel, THEMES_SHOWN));
  const plan = await db.transaction().execute((tx) => planClaiming(tx, context, run));
  const { lane, most, urgentFirst } = plan;
  const waiting = await db.transaction().execute((tx) => readWaitingAuthors(tx, channel));
  const look = ({ author, text }: Candidate) =>
    lookFirst(text, { waiting: author !== null && waiting.has(author) });
  let filling: Filling | undefined = plan.left;
  /** The urgent messages up to here are claimed; null: the rest is being claimed. */
  let lookedAt: string | null = urgentFirst ? '' : null;

  return async (tx) => {
    const open = await findOpenRun(tx, channel);
    if (!open || open.canceled_by !== null) return false;
    const batch = filling ?? {
      id: (await openBatch(tx, id, lane, clock.now())).id,
      messages: 0,
      characters: 0,
    };
    let only: string[] | undefined;
    if (lookedAt !== null) {
      const page = await listCandidates(tx, open, lookedAt, ROWS_AT_ONCE);
      only = page.flatMap((message) => (look(message) >= URGENT ? message.ts : []));
      lookedAt = page.length < ROWS_AT_ONCE ? null : (page.at(-1)?.ts ?? null);
    }
    const limit = Math.min(ROWS_AT_ONCE, most - batch.messages);
    const claimed =
      only?.length === 0
        ? { messages: 0, characters: 0 }
        : await claimMessages(tx, open, batch.id, { limit, look, ...(only && { only }) });
    const messages = batch.messages + claimed.messages;
    const characters = batch.characters + claimed.characters;
    const done = only === undefined && claimed.messages === 0;
    if (messages === 0 && done) await deleteBatch(tx, batch.id);
    const full = messages >= most || characters + messages * each > MAX_CHARACTERS;
    if (messages > 0 && (done || full)) {
      await updateBatch(tx, batch.id, { stage: 'ready' });
      log.info({ run: id, batch: batch.id, messages }, 'a batch is ready');
      filling = undefined;
      // The others follow in the order in which they were posted.
      lookedAt = null;
    } else {
      filling = { id: batch.id, messages, characters };
    }
    return !done;
  };
}

interface Filling {
  id: number;
  messages: number;
  characters: number;
}

interface Plan {
  lane: Lane;
  /** How many requests a batch holds. */
  most: number;
  urgentFirst: boolean;
  /** The batch that a crash has left half full. */
  left: Filling | undefined;
}

/** Whether the budget allows what is pending to be judged express. */
async function isWithinBudget(tx: Tx, context: Context, channel: string): Promise<boolean> {
  const { express } = await estimateRun(
    tx,
    context,
    channel,
    await measurePending(tx, channel, SHOWN, createPause()),
  );
  return fitsBudget(await readBudget(tx, context), express);
}

async function planClaiming(tx: Tx, context: Context, run: Run): Promise<Plan> {
  const { clock, shardSize } = context;
  const { summaryLatenessMs } = context.settings;
  const batches = (await listBatches(tx, run.id)).filter(({ stage }) => stage !== 'collected');
  let known = 0;
  let left: Filling | undefined;
  for (const { id, stage } of batches) {
    const size = await measureBatch(tx, id);
    known += size.messages;
    // What is added from now on is counted.
    if (stage === 'filling') left = { id, ...size };
  }
  const claimable = await countClaimable(tx, run, createPause());
  const total = known + claimable;
  // What was posted meanwhile, shortly before a summary is due.
  const finishing = run.due_at !== null && run.finishing_at !== null;
  const timely =
    finishing &&
    canHurry(claimable, timeLeft(run.due_at ?? 0, summaryLatenessMs, clock.now())) &&
    (await isWithinBudget(tx, context, run.channel));
  // A live run may have used up the budget by now. Others were opened with what they need.
  const begun = run.lane === 'express' && !(finishing && run.cause === 'live');
  const lane = begun || isHurried(run) || timely ? 'express' : 'batch';
  // Express calls go by how urgent each message looks, and a single batch has no order.
  const most = lane === 'express' ? Math.max(1, total) : shardSize(total);
  const ready = batches.some(({ stage }) => stage !== 'filling');
  return { lane, most, urgentFirst: lane === 'batch' && !ready && most < total, left };
}
