import { costOf } from '../../claude/pricing.ts';
import { ASKS_AT_ONCE, requestTopics } from '../../claude/topics.ts';
import { backoffMs } from '../../core/delivery/backoff.ts';
import { readTopicsAnswer } from '../../core/themes/topics.ts';
import { readForgottenMark } from '../../store/privacy/forgettings.ts';
import { findOpenRun, type Run } from '../../store/runs/runs.ts';
import { addGroupingCost, type Grouping, updateGrouping } from '../../store/themes/groupings.ts';
import {
  listTopicTitles,
  listUnsorted,
  markSorted,
  proposeTopics,
} from '../../store/themes/topics.ts';
import { releaseAccount } from '../runs/trouble.ts';
import { createPause } from '../slices.ts';
import { type Grouper, MAX_TRIES, PATIENCE_MS } from './grouper.ts';

/**
 * naming → naming, until Claude has said which themes are sides of a topic, time is up or there is nothing
 * to ask: → done. The try is committed before; the bill and the proposals are one commit.
 */
export async function nameTopics(context: Grouper, run: Run, grouping: Grouping): Promise<void> {
  const { db, claude, clock, log, settings } = context;
  const end = () => updateGrouping(db, run.id, { stage: 'done' });
  // Read first: the titles below may have words of what is forgotten from now on.
  const mark = await readForgottenMark(db);
  const asks = await listUnsorted(db, run.channel, {
    now: clock.now(),
    limit: ASKS_AT_ONCE,
    pause: createPause(),
  });
  const known = await listTopicTitles(db, run.channel);
  const canceled = (await findOpenRun(db, run.channel))?.canceled_by != null;
  const late = clock.now() - grouping.since > PATIENCE_MS;
  if (!isWorthAsking(asks, known) || canceled || late || grouping.attempts >= MAX_TRIES) {
    return end();
  }
  const attempts = grouping.attempts + 1;
  await updateGrouping(db, run.id, { attempts, next_at: clock.now() + backoffMs(attempts) });
  const answer = await requestTopics(claude, { asks, known }, run.model, settings);
  const now = clock.now();
  switch (answer.kind) {
    case 'ok': {
      await releaseAccount(context);
      const ids = asks.map(({ id }) => id);
      const reading = readTopicsAnswer(answer.value, ids, known);
      const proposed = await db.transaction().execute(async (tx) => {
        if (reading.usage) {
          await addGroupingCost(tx, run.id, costOf(run.model, reading.usage, 'standard'));
        }
        if (reading.kind === 'bad') return 0;
        // A later run asks again.
        if ((await readForgottenMark(tx)) !== mark) {
          await updateGrouping(tx, run.id, { stage: 'done' });
          return 0;
        }
        await markSorted(tx, ids);
        await updateGrouping(tx, run.id, { stage: 'done' });
        return proposeTopics(tx, { channel: run.channel, run: run.id }, reading.topics, now);
      });
      const outcome = reading.kind === 'bad' ? { reason: reading.reason } : { proposed };
      log.info({ run: run.id, asks: ids.length, ...outcome }, 'topics were asked for');
      return;
    }
    case 'later':
    case 'unclear': {
      const wait = (answer.kind === 'later' && answer.afterMs) || backoffMs(attempts);
      log.warn({ run: run.id, reason: answer.reason, attempts }, 'no topics from Claude yet');
      // They can wait for a later run; the summary does not wait long.
      if (now + wait - grouping.since > PATIENCE_MS) return end();
      return updateGrouping(db, run.id, { next_at: now + wait });
    }
    case 'refused':
    case 'blocked':
      log.warn({ run: run.id, reason: answer.reason }, 'no topics from Claude');
      return end();
    default:
      answer satisfies never;
  }
}

/** There has to be something new, and two asks that several people have; one is enough for a known topic. */
function isWorthAsking(asks: { people: number; sorted: number }[], known: string[]): boolean {
  const several = asks.filter(({ people }) => people > 1);
  const enough = several.length >= 2 || (several.length === 1 && known.length > 0);
  return enough && asks.some(({ sorted }) => sorted === 0);
}
