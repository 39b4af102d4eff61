import {
  type ClaudeAnswer,
  createBatch,
  listOrphans,
  readResults,
  retrieveBatch,
} from '../../src/claude/batches.ts';
import { SECOND_MS } from '../../src/core/durations.ts';
import { formatCustomId, parseCustomId } from '../../src/core/runs/custom-id.ts';
import { shardSize } from '../../src/core/runs/shards.ts';
import type { Taxonomy } from '../../src/core/runs/taxonomy.ts';
import { readResult, resultLineSchema } from '../../src/core/runs/verdict.ts';
import type { KeptBatch } from './answers.ts';
import { type Asking, keep, refusedResult, waitAfter } from './asking.ts';
import type { Question } from './question.ts';

/**
 * The batch lane. That a batch is about to be made is written down before the call, its id after it: an
 * evaluation that was killed looks for the batch and fetches its results, which were paid for.
 */

const CHANNEL = 'EVAL';

/** A new batch is listed a moment after it was made. */
const SETTLE_MS = 10 * SECOND_MS;

/** Questions that Claude has not come to are asked again in new batches this often. */
const ROUNDS = 3;

/** Results that break off are read from their start this often. */
const READS = 6;

/** Asks until every question has its answer. @throws PlainError when it cannot go on */
export async function askBatches(
  asking: Asking,
  questions: Question[],
  taxonomy: Taxonomy,
): Promise<void> {
  const { answers, judge, say } = asking;
  const wanted = new Set(questions.map(({ key }) => key));
  const isOpen = ({ key }: Question) => !answers.find(key, 'batch', judge);
  const batches: KeptBatch[] = [];
  for (const kept of answers.listOpenBatches(judge)) {
    if (!kept.keys.some((key) => wanted.has(key))) continue;
    const found = kept.batch === null ? await adopt(asking, kept) : kept;
    if (found) batches.push(found);
  }
  if (batches.length > 0) say('Fetching the results of batches that were made before');
  await collectAll(asking, batches, taxonomy);
  for (let round = 0; round < ROUNDS; round++) {
    const open = questions.filter(isOpen);
    if (open.length === 0) return;
    const size = shardSize(open.length);
    const made: KeptBatch[] = [];
    for (let from = 0; from < open.length; from += size) {
      const batch = await submit(asking, open.slice(from, from + size));
      if (batch) made.push(batch);
    }
    say(`Asked in ${made.length === 1 ? 'one batch' : `${made.length} batches`}`);
    await collectAll(asking, made, taxonomy);
  }
}

/** Makes a batch. @returns undefined when Claude refuses each of its requests */
async function submit(asking: Asking, questions: Question[]): Promise<KeptBatch | undefined> {
  const { claude, clock, answers, judge } = asking;
  let rest = questions;
  let failures = 0;
  while (rest.length > 0) {
    const intent = {
      kind: 'batch' as const,
      judge,
      run: answers.nextRun(clock.now()),
      keys: rest.map(({ key }) => key),
      at: clock.now(),
      batch: null,
    };
    answers.add(intent);
    const answer = await createBatch(
      claude,
      rest.map(({ params }, index) => ({ custom_id: formatId(intent.run, index), params })),
    );
    if (answer.kind === 'ok') {
      const made = { ...intent, batch: answer.value.id };
      answers.add(made);
      return made;
    }
    if (answer.kind === 'unclear') {
      await clock.sleep(SETTLE_MS);
      const found = await adopt(asking, intent);
      if (found) return found;
    } else {
      // It was not made.
      answers.add({ ...intent, keys: [] });
    }
    const named = answer.kind === 'refused' ? rest[answer.request ?? -1] : undefined;
    if (named && answer.kind === 'refused') {
      keep(asking, 'batch', named, refusedResult(answer.reason));
      rest = rest.filter((question) => question !== named);
      continue;
    }
    await clock.sleep(waitAfter(answer, ++failures, answers));
  }
  return undefined;
}

const formatId = (run: number, index: number) =>
  formatCustomId({ channel: CHANNEL, ts: `${index}.0`, run });

/** The number of a request of the batch, or undefined when it is not one of its requests. */
function readIndex(customId: string, { run }: KeptBatch): number | undefined {
  const identity = parseCustomId(customId);
  return identity?.channel === CHANNEL && identity.run === run
    ? Number.parseInt(identity.ts, 10)
    : undefined;
}

/** Looks for the batch of a lost answer. */
async function adopt(asking: Asking, intent: KeptBatch): Promise<KeptBatch | undefined> {
  const { claude, answers } = asking;
  const orphans = await insist(asking, () =>
    listOrphans(claude, {
      since: intent.at,
      requests: intent.keys.length,
      known: answers.listBatchIds(),
    }),
  );
  // The oldest: of several tries only the first could be unknown. Its custom ids tell whether it is ours.
  const orphan = orphans.at(-1);
  const settled = orphan ? { ...intent, batch: orphan.id } : { ...intent, keys: [] };
  answers.add(settled);
  return orphan ? settled : undefined;
}

/** Makes a call that may be repeated until it succeeds. @throws PlainError when it does not */
async function insist<T>(
  { clock, answers }: Asking,
  work: () => Promise<ClaudeAnswer<T>>,
): Promise<T> {
  for (let failures = 1; ; failures++) {
    const answer = await work();
    if (answer.kind === 'ok') return answer.value;
    // A new batch may be unknown for a moment.
    const unknown = answer.kind === 'refused' && answer.status === 404;
    const failure = unknown ? { kind: 'unclear' as const, reason: answer.reason } : answer;
    await clock.sleep(waitAfter(failure, failures, answers));
  }
}

async function collectAll(asking: Asking, batches: KeptBatch[], taxonomy: Taxonomy): Promise<void> {
  const { claude, clock, pollMs, say } = asking;
  let open = batches;
  while (open.length > 0) {
    const running: KeptBatch[] = [];
    for (const batch of open) {
      const { status } = await insist(asking, () => retrieveBatch(claude, batch.batch ?? ''));
      if (status !== 'ended') running.push(batch);
      else await collect(asking, batch, taxonomy);
    }
    if (running.length > 0 && running.length < open.length)
      say(`${running.length} of ${batches.length} batches are not done yet`);
    open = running;
    if (open.length > 0) await clock.sleep(pollMs);
  }
}

async function collect(asking: Asking, batch: KeptBatch, taxonomy: Taxonomy): Promise<void> {
  const { claude, clock, answers, judge } = asking;
  for (let reads = 1; ; reads++) {
    const seen = new Set<number>();
    const lines = readResults(claude, batch.batch ?? '', clock);
    let next = await lines.next();
    for (; !next.done; next = await lines.next()) {
      const line = resultLineSchema.safeParse(next.value);
      const index = line.success ? readIndex(line.data.custom_id, batch) : undefined;
      if (!line.success || index === undefined) continue;
      seen.add(index);
      const key = batch.keys[index] ?? '';
      const reading = readResult(line.data.result, taxonomy);
      // What Claude has not come to is asked again.
      const usable = reading.kind === 'judged' || reading.counts;
      // Answers to another evaluation's questions are kept too: they were paid for.
      if (usable && !answers.find(key, 'batch', judge)) {
        keep(asking, 'batch', { key }, line.data.result);
      }
    }
    const end = next.value;
    if (end.kind === 'unavailable' && end.answer.kind === 'blocked')
      waitAfter(end.answer, 1, answers);
    if (seen.size >= batch.keys.length || reads >= READS) break;
    const reason = end.kind === 'unavailable' ? end.answer.reason : 'the results broke off';
    await clock.sleep(waitAfter({ kind: 'unclear', reason }, reads, answers));
  }
  // What has not come by now never will.
  answers.add({ ...batch, keys: [] });
}
