import { type ResultsEnd, readResults } from '../../../claude/batches.ts';
import { costOf } from '../../../claude/pricing.ts';
import { backoffMs } from '../../../core/delivery/backoff.ts';
import { parseCustomId } from '../../../core/runs/custom-id.ts';
import type { Taxonomy } from '../../../core/runs/taxonomy.ts';
import { readResult, resultLineSchema } from '../../../core/runs/verdict.ts';
import { markStale } from '../../../store/digest/stale.ts';
import {
  type Batch,
  measureBatch,
  recordForeignBatch,
  updateBatch,
} from '../../../store/runs/batches.ts';
import { countMoved } from '../../../store/runs/express.ts';
import { type Result, storeResults } from '../../../store/runs/results.ts';
import { findRun, type Run } from '../../../store/runs/runs.ts';
import { readTaxonomy } from '../../../store/runs/taxonomies.ts';
import type { Context } from '../../context.ts';
import { applyVerdicts } from '../../people/apply-decision.ts';
import { chunksOf, commitEach, createPause } from '../../slices.ts';
import { clearTrouble } from '../trouble.ts';
import { release } from './hurry.ts';
import { claudeIdOf, postpone } from './submit.ts';

/** Results come in any order. Those of one chunk are written in order, so that they share pages. */
const CHUNK = 500;

/** Results to read, or to store, between two looks at the time. */
const ROWS_AT_ONCE = 25;

/**
 * A stream that keeps breaking off is read from its start this often; then the rest is given up.
 */
const MAX_READS = 6;

/**
 * ended → collected. A result's verdict, cost and effects are one commit, shared with a few other
 * results. After a crash or a cut the stream is read again, and what is stored is skipped.
 */
export async function collect(context: Context, run: Run, batch: Batch): Promise<void> {
  const { db, clock, log } = context;
  const taxonomy = await readTaxonomy(db, run.taxonomy_version);
  const claudeId = claudeIdOf(batch);
  const ids = { run: run.id, batch: claudeId };
  const target = { batch, taxonomy };

  let rows = 0;
  let strangers = 0;
  let strayThemes = 0;
  let unasked = 0;
  let chunk: Result[] = [];
  const pause = createPause();
  const commit = async () => {
    const results = chunk.sort((a, b) => (a.ts < b.ts ? -1 : 1));
    chunk = [];
    await commitEach(db, chunksOf(results, ROWS_AT_ONCE), async (tx, some) => {
      // Meanwhile somebody may have pressed a button, or the channel may have got another id.
      const latest = (await findRun(tx, run.id)) ?? run;
      const stored = await storeResults(tx, { ...target, run: latest }, some, clock.now());
      strayThemes += stored.strayThemes;
      unasked += stored.unasked;
      await applyVerdicts(tx, context, latest.channel, stored.judged);
    });
  };

  const lines = readResults(context.claude, claudeId, clock);
  let next = await lines.next();
  for (; !next.done; next = await lines.next()) {
    rows++;
    const result = toResult(context, next.value, run, taxonomy);
    if (result) chunk.push(result);
    else strangers++;
    if (chunk.length >= CHUNK) await commit();
    // Lines that have arrived already come without a pause.
    else if (rows % ROWS_AT_ONCE === 0) await pause();
  }
  const end = next.value;
  if (chunk.length > 0) await commit();
  if (end.kind === 'unavailable' && end.answer.kind !== 'refused') {
    // Claude is down, or refuses: paid results stay there for 29 days. Broken streams are counted
    // from zero afterwards.
    return postpone(context, run, { ...batch, attempts: 0 }, end.answer, 'ended');
  }
  // It was found by its size and time after a lost answer, and nothing in it is ours.
  if (batch.adopted && end.kind === 'ended' && strangers > 0 && strangers === rows) {
    return rejectForeignBatch(context, batch, claudeId);
  }
  if (strangers > 0) log.warn({ ...ids, strangers }, 'results that no request asked for');

  if (strayThemes > 0) log.warn({ ...ids, strayThemes }, 'themes that were not offered');

  // A stream that ends cleanly but too early looks complete: only the unanswered requests tell.
  const missing = (await measureBatch(db, batch.id)).unanswered;
  const unanswered = missing - unasked + (await countMoved(db, batch.id));
  const now = clock.now();
  const err = describeEnd(end);
  if (unanswered > 0 && batch.attempts + 1 < MAX_READS) {
    const attempts = batch.attempts + 1;
    log.warn({ ...ids, err, rows, unanswered, attempts }, 'results broke off; reading again');
    await updateBatch(db, batch.id, { attempts, next_at: now + backoffMs(attempts) });
    return;
  }
  await db.transaction().execute(async (tx) => {
    if (unanswered > 0) {
      log.error({ ...ids, err, unanswered }, 'a batch brought no result for some messages');
    }
    if (missing > 0) {
      const why = { reason: 'no result came back', doubtful: unanswered > 0 };
      await release(tx, run, batch, why, now);
    }
    await updateBatch(tx, batch.id, { stage: 'collected', next_at: now });
    // A summary that has not waited for the batch shows other costs now.
    await markStale(tx, run.id, now);
    await clearTrouble(tx, context, run, batch);
  });
  log.info({ ...ids, rows, unanswered }, 'a batch was collected');
}

function describeEnd(end: ResultsEnd): unknown {
  switch (end.kind) {
    case 'ended':
      return undefined;
    case 'broken':
      return end.error;
    case 'unavailable':
      return end.answer.reason;
    default:
      return end satisfies never;
  }
}

function toResult(
  { channelIds }: Context,
  line: unknown,
  run: Run,
  taxonomy: Taxonomy,
): Result | undefined {
  const parsed = resultLineSchema.safeParse(line);
  if (!parsed.success) return undefined;
  const identity = parseCustomId(parsed.data.custom_id);
  if (identity?.run !== run.id) return undefined;
  const { channel } = identity;
  if (channel !== run.channel && channelIds.current(channel) !== run.channel) return undefined;
  const reading = readResult(parsed.data.result, taxonomy);
  const cost = reading.usage ? costOf(run.model, reading.usage) : null;
  return { ts: identity.ts, reading, cost };
}

/** Records a foreign batch, and goes on looking for ours. */
async function rejectForeignBatch(
  { db, clock, log }: Context,
  batch: Batch,
  claudeId: string,
): Promise<void> {
  log.warn({ batch: claudeId }, 'an adopted batch was not ours');
  await db.transaction().execute(async (tx) => {
    await recordForeignBatch(tx, claudeId);
    await updateBatch(tx, batch.id, {
      stage: 'submitting',
      claude_id: null,
      adopted: 0,
      next_at: clock.now(),
    });
  });
}
