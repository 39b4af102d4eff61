import type { ClaudeAnswer } from '../../claude/batches.ts';
import { type ExpressAnswer, requestVerdict } from '../../claude/express.ts';
import { costOf, TIERS } from '../../claude/pricing.ts';
import { backoffMs } from '../../core/delivery/backoff.ts';
import { PRIORITY } from '../../core/delivery/effects.ts';
import { MINUTE_MS } from '../../core/durations.ts';
import { nameLimits, pauseUntil } from '../../core/runs/pace.ts';
import { isForAPerson } from '../../core/runs/trouble.ts';
import { type Cost, type Judgement, readResult } from '../../core/runs/verdict.ts';
import { renderRehearsalDone } from '../../slack/blocks/settings/rehearsal.ts';
import { addEffects } from '../../store/delivery/outbox.ts';
import { readTaxonomy } from '../../store/runs/taxonomies.ts';
import {
  findSampledChannel,
  giveUpQuestions,
  leaveOutGone,
  listOpenQuestions,
  type Question,
  recordAnswer,
} from '../../store/settings/rehearsal-verdicts.ts';
import {
  addRehearsalCost,
  findRehearsal,
  listJudgingRehearsals,
  type Rehearsal,
  updateRehearsal,
} from '../../store/settings/rehearsals.ts';
import type { Context, NextAt } from '../context.ts';
import type { Event } from '../job.ts';
import { LaneCalls } from '../runs/lanes/lane-calls.ts';
import { causeOf, releaseAccount } from '../runs/trouble.ts';
import { beginCalls, type Call, type Taxonomies } from './rehearsal-requests.ts';

/**
 * Asks what a rehearsal has to know, in the express lane: judging → done. That a call begins is committed
 * before it, its answer and cost right after it. A crash loses at most the answers in flight, which are
 * asked again. Nothing that anybody sees in a channel follows from it.
 */

/** Somebody waits for it: by then it is done with what there is. */
const GIVE_UP_MS = 15 * MINUTE_MS;

const LANE = 'rehearsal ';

/** A lane for each rehearsal that judges. */
export async function listRehearsalLanes({ db }: Pick<Context, 'db'>): Promise<string[]> {
  return (await listJudgingRehearsals(db)).map((id) => `${LANE}${id}`);
}

/** @returns when to go on; null when it is done or has ended */
export async function runRehearsalLane(
  context: Context,
  lane: string,
  signal: AbortSignal,
  emit: (event: Event) => void,
): Promise<NextAt> {
  const { db, clock } = context;
  const id = Number(lane.slice(LANE.length));
  const calls = new LaneCalls(context, lane);
  try {
    for (;;) {
      const rehearsal = await findRehearsal(db, id);
      if (rehearsal?.stage !== 'judging' || signal.aborted) return null;
      calls.throwFailure();
      const now = clock.now();
      const giveUpAt = (rehearsal.asked_at ?? now) + GIVE_UP_MS;
      const taxonomies = await readTaxonomies(context, rehearsal);
      if (now >= giveUpAt || !taxonomies) {
        await calls.waitForAll();
        await finish(context, rehearsal, { giveUp: true });
        emit('judged');
        return null;
      }
      if (rehearsal.next_at > now) return Math.min(rehearsal.next_at, giveUpAt);
      await db.transaction().execute((tx) => leaveOutGone(tx, id));
      const open = await listOpenQuestions(db, id);
      // Again: a call that has failed meanwhile is no longer under way, and would be made again.
      calls.throwFailure();
      const queue = open.filter((question) => !calls.isUnderWay(nameOf(question)));
      if (queue.length === 0) {
        if (calls.size > 0) await calls.waitForOwn();
        else if (await finish(context, rehearsal, { giveUp: false })) {
          emit('judged');
          return null;
        }
        continue;
      }
      const may = calls.mayBegin();
      const next = queue.slice(0, may.calls);
      if (next.length === 0) {
        if (!(await calls.waitForAny())) return Math.min(may.nextAt, giveUpAt);
        continue;
      }
      const begun = await calls.reserve(next.length, () =>
        beginCalls(context, rehearsal, taxonomies, next),
      );
      for (const call of begun) {
        const asking = { rehearsal, taxonomies, calls };
        calls.begin(nameOf(call.question), call.request, () => ask(context, asking, call));
      }
    }
  } finally {
    await calls.leave();
  }
}

const nameOf = ({ side, channel, ts }: Question) => `${side} ${channel} ${ts}`;

/** @returns undefined when the settings to try can no longer be read */
async function readTaxonomies(
  { db }: Pick<Context, 'db'>,
  { content, taxonomy_version }: Rehearsal,
): Promise<Taxonomies | undefined> {
  if (content === null) return undefined;
  return { before: await readTaxonomy(db, taxonomy_version), after: content.taxonomy };
}

interface Asking {
  rehearsal: Rehearsal;
  taxonomies: Taxonomies;
  calls: LaneCalls;
}

async function ask(
  context: Context,
  { rehearsal, taxonomies, calls }: Asking,
  { question, request }: Call,
): Promise<void> {
  const { claude, clock } = context;
  const answer = await requestVerdict(claude, request);
  if (answer.kind === 'ok') {
    calls.noteAnswer();
    const { message, limits } = answer.value;
    context.pace = nameLimits(context.pace, limits, clock.now());
    const reading = readResult({ type: 'succeeded', message }, taxonomies[question.side]);
    const { usage } = reading;
    const cost = usage ? costOf(rehearsal.model, usage, TIERS.express) : null;
    const judged = reading.kind === 'judged' ? reading.judgement : null;
    await storeAnswer(context, rehearsal, question, { judged, cost });
    return releaseAccount(context);
  }
  if (calls.isRefusedAlone(answer)) {
    return storeAnswer(context, rehearsal, question, { judged: null, cost: null });
  }
  await postpone(context, rehearsal, answer);
}

/** An answer and its cost are one commit. */
async function storeAnswer(
  { db }: Context,
  { id, attempts }: Rehearsal,
  question: Question,
  { judged, cost }: { judged: Judgement | null; cost: Cost | null },
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await recordAnswer(tx, id, question, judged);
    if (cost) await addRehearsalCost(tx, id, cost);
    // A call that began before the last failure does not tell that it is over.
    if (attempts > 0 && (await findRehearsal(tx, id))?.attempts === attempts) {
      await updateRehearsal(tx, id, { attempts: 0 });
    }
  });
}

/** The rest is asked later. */
async function postpone(
  context: Context,
  rehearsal: Rehearsal,
  answer: Exclude<ClaudeAnswer<ExpressAnswer>, { kind: 'ok' }>,
): Promise<void> {
  const { db, clock, log } = context;
  const { id } = rehearsal;
  const now = clock.now();
  await db.transaction().execute(async (tx) => {
    const before = (await findRehearsal(tx, id))?.attempts ?? 0;
    // Calls that begin together and fail together have failed once.
    const attempts = before === rehearsal.attempts ? before + 1 : Math.max(1, before);
    const pause = (answer.kind === 'later' && answer.afterMs) || backoffMs(attempts);
    await updateRehearsal(tx, id, { attempts, next_at: now + pause });
    // What a person has to mend is not mended by asking less.
    if (!isForAPerson(causeOf(answer))) {
      context.pace = pauseUntil(context.pace, now + pause, now);
    }
  });
  log.warn({ rehearsal: id, reason: answer.reason }, 'a rehearsal waits for Claude');
}

/** judging → done, which the person is told in a channel that they are in. @returns false when something has no outcome yet */
async function finish(
  { db, clock, log }: Context,
  { id, person }: Rehearsal,
  { giveUp }: { giveUp: boolean },
): Promise<boolean> {
  const over = await db.transaction().execute(async (tx) => {
    if ((await findRehearsal(tx, id))?.stage !== 'judging') return true;
    if (giveUp) await giveUpQuestions(tx, id);
    if ((await listOpenQuestions(tx, id)).length > 0) return false;
    const now = clock.now();
    await updateRehearsal(tx, id, { stage: 'done', judged_at: now });
    const channel = await findSampledChannel(tx, id);
    if (channel === undefined) return true;
    const effect = { kind: 'ephemeral' as const, user: person, ...renderRehearsalDone(id) };
    const key = `rehearsal-${id}`;
    await addEffects(tx, [{ key, channel, priority: PRIORITY.person, effect }], now);
    return true;
  });
  if (over) log.info({ rehearsal: id, giveUp }, 'a rehearsal is done');
  return over;
}
