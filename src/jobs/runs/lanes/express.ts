import type { ClaudeAnswer } from '../../../claude/batches.ts';
import { type ExpressAnswer, requestVerdict } from '../../../claude/express.ts';
import type { BatchRequest } from '../../../claude/outgoing.ts';
import { costOf, TIERS } from '../../../claude/pricing.ts';
import { backoffMs } from '../../../core/delivery/backoff.ts';
import { parseCustomId } from '../../../core/runs/custom-id.ts';
import { nameLimits, pauseUntil } from '../../../core/runs/pace.ts';
import type { Taxonomy } from '../../../core/runs/taxonomy.ts';
import { isForAPerson } from '../../../core/runs/trouble.ts';
import { readResult } from '../../../core/runs/verdict.ts';
import { markStale } from '../../../store/digest/stale.ts';
import { type Batch, findBatch, updateBatch } from '../../../store/runs/batches.ts';
import {
  beginAsking,
  finishAsking,
  forgetAsk,
  listAskingBatches,
  listUnanswered,
} from '../../../store/runs/express.ts';
import { CANCELED, giveBackUnanswered } from '../../../store/runs/give-back.ts';
import { type Result, storeResults } from '../../../store/runs/results.ts';
import { findOpenRunById, findRun, type Run } from '../../../store/runs/runs.ts';
import type { Context, NextAt } from '../../context.ts';
import type { Event } from '../../job.ts';
import { applyVerdicts } from '../../people/apply-decision.ts';
import { nextTryAt } from '../retry.ts';
import { causeOf, endTrouble, releaseAccount, reportTrouble } from '../trouble.ts';
import { LaneCalls } from './lane-calls.ts';
import { lookUpShown, prepareRequests } from './prepare.ts';

/**
 * The express lane: the requests of a batch in stage `asking` are asked one by one, a few at once, the
 * most urgent first. That a call begins is committed before it, its answer right after it. A crash
 * loses at most the answers in flight: these messages are asked again, and may be paid twice.
 */

const LANE = 'express ';
const laneOf = (batch: number) => `${LANE}${batch}`;

/** A lane for each batch whose requests are being asked. */
export async function listExpressLanes({ db }: Context): Promise<string[]> {
  return (await listAskingBatches(db)).map(laneOf);
}

export function runExpressLane(
  context: Context,
  lane: string,
  signal: AbortSignal,
  emit: (event: Event) => void,
): Promise<NextAt> {
  return askExpress(context, Number(lane.slice(LANE.length)), signal, emit);
}

/** ready → asking. */
export async function startAsking(
  { db, clock, log }: Context,
  run: Run,
  batch: Batch,
): Promise<void> {
  const now = clock.now();
  await updateBatch(db, batch.id, {
    stage: 'asking',
    lane: 'express',
    submitted_at: now,
    attempts: 0,
    next_at: now,
  });
  log.info({ run: run.id, batch: batch.id }, 'a batch is asked express');
}

/** Asks until every request has an outcome, or Claude wants a pause. @returns when to go on */
async function askExpress(
  context: Context,
  id: number,
  signal: AbortSignal,
  emit: (event: Event) => void,
): Promise<NextAt> {
  const { db, clock } = context;
  const calls = new LaneCalls(context, laneOf(id));
  let queue: string[] | undefined;
  try {
    for (;;) {
      const batch = await findBatch(db, id);
      const run = batch && (await findOpenRunById(db, batch.run));
      if (!batch || !run || batch.stage !== 'asking' || signal.aborted) return null;
      if (run.canceled_by !== null) {
        await calls.waitForAll();
        await withdraw(context, run, batch);
        emit('judged');
        return null;
      }
      calls.throwFailure();
      const now = clock.now();
      const caughtUpAt = context.catchUp.waitFor(run.channel, now, run.created_at);
      const waitsUntil = Math.max(batch.next_at, caughtUpAt ?? 0);
      if (waitsUntil > now) return waitsUntil;
      queue ??= await listUnanswered(db, id);
      // Again: a call that has failed meanwhile is no longer under way, and would be made again.
      calls.throwFailure();
      queue = queue.filter((ts) => !calls.isUnderWay(ts));
      if (queue.length === 0) {
        if (calls.size > 0) {
          await calls.waitForOwn();
          continue;
        }
        // What had to be asked again, or was moved here meanwhile.
        queue = await listUnanswered(db, id);
        if (queue.length > 0) continue;
        if (!(await finish(context, run, batch))) continue;
        emit('judged');
        return null;
      }
      const may = calls.mayBegin();
      const next = queue.splice(0, may.calls);
      if (next.length === 0) {
        if (!(await calls.waitForAny())) return may.nextAt;
        continue;
      }
      const begun = await calls.reserve(next.length, () => beginCalls(context, run, batch, next));
      for (const { request, taxonomy } of begun) {
        const ts = parseCustomId(request.custom_id)?.ts ?? '';
        const target = { run, batch, taxonomy, calls };
        calls.begin(
          ts,
          request,
          () => askOne(context, target, ts, request),
          () => emit('judged'),
        );
      }
    }
  } finally {
    await calls.leave();
  }
}

/** Commits that these calls begin. Some of the messages may have been deleted. */
async function beginCalls(
  context: Context,
  run: Run,
  batch: Batch,
  ts: string[],
): Promise<{ request: BatchRequest; taxonomy: Taxonomy }[]> {
  const shown = await lookUpShown(context, run, batch, ts);
  const requests = await context.db.transaction().execute(async (tx) => {
    await beginAsking(tx, batch.id, ts);
    return prepareRequests(context, tx, { run, batch }, shown, ts);
  });
  return requests.map((request) => ({ request, taxonomy: shown.taxonomy }));
}

async function askOne(
  context: Context,
  { calls, ...target }: { run: Run; batch: Batch; taxonomy: Taxonomy; calls: LaneCalls },
  ts: string,
  request: BatchRequest,
): Promise<void> {
  const { run, batch, taxonomy } = target;
  const { clock } = context;
  const answer = await requestVerdict(context.claude, request);
  const now = clock.now();
  if (answer.kind === 'ok') {
    calls.noteAnswer();
    context.pace = nameLimits(context.pace, answer.value.limits, now);
    const reading = readResult({ type: 'succeeded', message: answer.value.message }, taxonomy);
    const cost = reading.usage ? costOf(run.model, reading.usage, TIERS.express) : null;
    await storeAnswer(context, target, { ts, reading, cost });
    return releaseAccount(context);
  }
  if (calls.isRefusedAlone(answer)) {
    const reading = { kind: 'again' as const, reason: answer.reason, counts: true };
    return storeAnswer(context, target, { ts, reading, cost: null });
  }
  await postponeAsking(context, run, batch, ts, answer);
}

/** The rest of a batch is asked later. */
async function postponeAsking(
  context: Context,
  run: Run,
  batch: Batch,
  ts: string,
  answer: Exclude<ClaudeAnswer<ExpressAnswer>, { kind: 'ok' }>,
): Promise<void> {
  const cause = causeOf(answer);
  await context.db.transaction().execute(async (tx) => {
    const now = context.clock.now();
    const before = (await findBatch(tx, batch.id))?.attempts ?? 0;
    // Calls that begin together and fail together have failed once.
    const attempts = before === batch.attempts ? before + 1 : Math.max(1, before);
    // Only an answer that was lost may have been billed.
    const lost = answer.kind === 'unclear' && !answer.overloaded;
    if (!lost) await forgetAsk(tx, batch.id, ts);
    const latest = (await findRun(tx, run.id)) ?? run;
    if (latest.retried_at !== run.retried_at) {
      // A person asked for another try while this one was under way: it may have begun too early.
      return updateBatch(tx, batch.id, { attempts, next_at: now });
    }
    const pause = (answer.kind === 'later' && answer.afterMs) || backoffMs(attempts);
    const nextAt = isForAPerson(cause) ? nextTryAt(latest, cause, 'ready', now) : now + pause;
    // What a person has to mend concerns this run, which says when it tries again.
    if (!isForAPerson(cause)) context.pace = pauseUntil(context.pace, nextAt, now);
    await updateBatch(tx, batch.id, { attempts, next_at: nextAt });
    // A moment's overload is no news.
    if (cause !== 'outage' || attempts > 1) {
      await reportTrouble(tx, context, run, { reason: answer.reason, nextAt, cause });
    }
  });
}

/** An answer, its cost and what follows from it are one commit. */
async function storeAnswer(
  context: Context,
  { run: asked, batch, taxonomy }: { run: Run; batch: Batch; taxonomy: Taxonomy },
  result: Result,
): Promise<void> {
  const { db, clock, log } = context;
  await db.transaction().execute(async (tx) => {
    const now = clock.now();
    // Meanwhile its channel may have got another id, or somebody may have canceled it.
    const run = { ...((await findRun(tx, asked.id)) ?? asked), model: asked.model };
    const stored = await storeResults(tx, { run, batch, taxonomy }, [result], now);
    if (stored.strayThemes > 0) log.warn({ run: run.id }, 'a theme that was not offered');
    await applyVerdicts(tx, context, run.channel, stored.judged);
    // A call that began before the last failure does not tell that it is over.
    if ((await findBatch(tx, batch.id))?.attempts === batch.attempts) {
      await updateBatch(tx, batch.id, { attempts: 0 });
      if (asked.trouble !== null) await endTrouble(tx, context, run.id);
    }
    await markStale(tx, run.id, now);
  });
}

/** asking → collected. @returns false when messages were moved into it meanwhile */
async function finish({ db, clock, log }: Context, run: Run, batch: Batch): Promise<boolean> {
  const over = await db.transaction().execute((tx) => finishAsking(tx, batch.id, clock.now()));
  if (over) log.info({ run: run.id, batch: batch.id }, 'an express batch was answered');
  return over;
}

/** asking → collected, because a person has canceled the run. */
async function withdraw({ db, clock }: Context, run: Run, batch: Batch): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const now = clock.now();
    await giveBackUnanswered(tx, run, batch, CANCELED, now);
    await updateBatch(tx, batch.id, { stage: 'collected', ended_at: now, next_at: now });
  });
}
