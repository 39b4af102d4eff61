import { hash } from 'node:crypto';
import { countHonesty, type Honesty, PERIOD_MS, pickQuestions } from '../../core/people/honesty.ts';
import type { Db } from '../../store/db/tables.ts';
import {
  addDraw,
  type DrawCandidate,
  findLastDraw,
  hasDraw,
  listCandidates,
} from '../../store/people/draws.ts';
import { readHonestySample } from '../../store/people/honesty.ts';
import type { Run } from '../../store/runs/runs.ts';
import type { Context } from '../context.ts';
import { createPause } from '../slices.ts';

/** Candidates to read at once. */
const PAGE = 500;

/**
 * Draws what a run's digest asks about: one commit, before the digest is written. A second time it does
 * nothing, so that whoever writes the digest again asks the same.
 * @param now when the digest is published, in ms
 */
export async function drawQuestions({ db, log }: Context, run: Run, now: number): Promise<void> {
  if (await hasDraw(db, run.id)) return;
  const { id, channel } = run;
  const last = await findLastDraw(db, channel);
  const candidates: DrawCandidate[] = [];
  const pause = createPause();
  let lastVerdict = last?.last_verdict ?? 0;
  for (;;) {
    const page = { after: lastVerdict, since: now - PERIOD_MS, limit: PAGE };
    const some = await listCandidates(db, channel, page);
    candidates.push(...some);
    lastVerdict = some.at(-1)?.verdict ?? lastVerdict;
    if (some.length < PAGE) break;
    await pause();
  }
  const found = new Map(candidates.map((candidate) => [candidate.ts, candidate]));
  const messages: Record<string, number> = {};
  for (const { category } of candidates) messages[category] = (messages[category] ?? 0) + 1;
  const rankOf = (ts: string) => hash('sha1', JSON.stringify([channel, id, ts]));
  const questions = pickQuestions(candidates, rankOf).flatMap((ts) => found.get(ts) ?? []);
  await db.transaction().execute(async (tx) => {
    // Another writer of the same digest may have drawn meanwhile.
    if (await hasDraw(tx, id)) return;
    await addDraw(tx, { run: id, channel, lastVerdict, messages, questions }, now);
  });
  log.info({ run: id, channel, questions: questions.length }, 'messages were picked at random');
}

/**
 * How often a channel's verdicts are right.
 * @param to the end of the period that counts, in ms
 * @param upTo the run whose draw is the last one that counts; null: the newest
 * @returns null when nothing was ever drawn
 */
export async function readHonesty(
  db: Db,
  channel: string,
  { to, upTo }: { to: number; upTo: number | null },
): Promise<Honesty | null> {
  const sample = await readHonestySample(db, channel, { from: to - PERIOD_MS, upTo });
  return sample.draws.length === 0 ? null : countHonesty(sample, to);
}
