/**
 * One batch: in_progress → (canceling →) ended. The outcomes of all items are decided at the end, in
 * request order, so that the counts and the results always agree. The messages are rendered only
 * while the results are streamed.
 */
import { hash, randomBytes } from 'node:crypto';
import { makeMessage, readJudgedText, type SimMessage } from './answer.ts';
import type { BatchRequest } from './batch-intake.ts';
import { type ApiError, errorEnvelope, invalidRequest, makeError } from './errors.ts';
import type { Faults, Twist } from './faults.ts';
import { checkMessageParams, type MessageParams } from './params.ts';
import type { InputUse, PromptCache } from './prompt-cache.ts';

const DAY = 86_400_000;

type BatchStatus = 'in_progress' | 'canceling' | 'ended';

type Settled =
  | { kind: 'succeeded'; params: MessageParams; use: InputUse; twist: Twist | undefined }
  | { kind: 'errored'; error: ApiError }
  | { kind: 'canceled' }
  | { kind: 'expired' };

const CANCELED: Settled = { kind: 'canceled' };
const EXPIRED: Settled = { kind: 'expired' };

export interface BatchCounts {
  processing: number;
  succeeded: number;
  errored: number;
  canceled: number;
  expired: number;
}

export type ResultRow = {
  custom_id: string;
  result:
    | { type: 'succeeded'; message: SimMessage }
    | { type: 'errored'; error: ReturnType<typeof errorEnvelope> }
    | { type: 'canceled' }
    | { type: 'expired' };
};

export interface Batch {
  id: string;
  createdAt: number;
  /** How long it takes by itself, in ms. */
  takesMs: number;
  requests: readonly BatchRequest[];
  status: BatchStatus;
  cancelInitiatedAt: number | null;
  endedAt: number | null;
  /** It is no longer there for anybody who asks the service. */
  deleted: boolean;
  counts: BatchCounts;
  /** How many of the first requests are finished even if the others are canceled or expire. */
  done: number;
  /** How many are finished as well because their own time had come, in an order of their own. */
  finished: number;
  /** Decides the order in which requests finish and the order of the results. */
  seed: number;
  settled: readonly Settled[];
  /** The shuffled order of the results. */
  order: Uint32Array;
}

export function openBatch(
  requests: readonly BatchRequest[],
  now: number,
  takesMs: number,
  seed: number,
): Batch {
  return {
    id: `msgbatch_${randomBytes(18).toString('base64').replace(/[+/]/gu, '0')}`,
    createdAt: now,
    takesMs,
    requests,
    status: 'in_progress',
    cancelInitiatedAt: null,
    endedAt: null,
    deleted: false,
    counts: { processing: requests.length, succeeded: 0, errored: 0, canceled: 0, expired: 0 },
    done: 0,
    finished: 0,
    seed,
    settled: [],
    order: new Uint32Array(0),
  };
}

export function expiryOf(batch: Batch): number {
  return batch.createdAt + DAY;
}

/** Results stay for 29 days after the batch was created, not after it ended. */
export function isArchived(batch: Batch, now: number): boolean {
  return now >= batch.createdAt + 29 * DAY;
}

export interface Settling {
  faults: Faults;
  cache: PromptCache;
  /** When the batch ends. */
  now: number;
  /** The outcome of requests that are not finished: answered, canceled or expired. */
  rest: 'answered' | 'canceled' | 'expired';
}

export function settleBatch(batch: Batch, settling: Settling): void {
  const { rest } = settling;
  const undone = rest === 'canceled' ? CANCELED : EXPIRED;
  const isDone = rest === 'answered' ? () => true : findDone(batch);
  const settled = batch.requests.map((request, index) =>
    isDone(index) ? settleItem(request, settling) : undone,
  );
  batch.settled = settled;
  batch.counts = { processing: 0, succeeded: 0, errored: 0, canceled: 0, expired: 0 };
  for (const { kind } of settled) batch.counts[kind] += 1;
  batch.order = shuffleOrder(settled.length, batch.seed);
  batch.status = 'ended';
  batch.endedAt = settling.now;
}

function findDone({ requests, done, finished, seed }: Batch): (index: number) => boolean {
  const early = new Set(shuffleOrder(requests.length, -seed).subarray(0, finished));
  return (index) => index < done || early.has(index);
}

function settleItem({ custom_id, params }: BatchRequest, settling: Settling): Settled {
  const checked = checkMessageParams(params, settling.now);
  if (checked.kind === 'invalid') return { kind: 'errored', error: checked.error };
  if (checked.params.stream === true) {
    return {
      kind: 'errored',
      error: invalidRequest('stream: streaming is not supported in batches'),
    };
  }
  const fault = settling.faults.hasItems()
    ? settling.faults.takeItem(custom_id, readJudgedText(checked.params))
    : undefined;
  switch (fault?.outcome) {
    case 'errored':
      return { kind: 'errored', error: makeError(fault.errorType, fault.message ?? 'Simulated') };
    case 'canceled':
      return CANCELED;
    case 'expired':
      return EXPIRED;
  }
  // Nine out of ten requests find the prefix that another request of the batch has cached.
  const missed = hash('sha1', custom_id, 'buffer').readUInt8(0) % 10 === 0;
  const use = settling.cache.use(checked.params, settling.now, missed);
  return { kind: 'succeeded', params: checked.params, use, twist: fault?.outcome };
}

/** A Fisher-Yates shuffle; the same seed gives the same order. */
function shuffleOrder(length: number, seed: number): Uint32Array {
  const order = Uint32Array.from({ length }, (_, index) => index);
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  for (let last = length - 1; last > 0; last -= 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const other = Math.floor((state / 4_294_967_296) * (last + 1));
    const kept = order[last] ?? 0;
    order[last] = order[other] ?? 0;
    order[other] = kept;
  }
  return order;
}

/** Renders the row at this position of the shuffled results. */
export function makeResultRow(batch: Batch, place: number): ResultRow {
  const index = batch.order[place] ?? 0;
  const customId = batch.requests[index]?.custom_id ?? '';
  return { custom_id: customId, result: makeResult(batch, index, customId) };
}

function makeResult(batch: Batch, index: number, customId: string): ResultRow['result'] {
  const settled = batch.settled[index] ?? EXPIRED;
  switch (settled.kind) {
    case 'succeeded': {
      const { params, use, twist } = settled;
      const seed = `${batch.id} ${customId}`;
      return { type: 'succeeded', message: makeMessage(params, use, 'batch', seed, twist) };
    }
    case 'errored':
      return { type: 'errored', error: errorEnvelope(settled.error, null) };
    case 'canceled':
    case 'expired':
      return { type: settled.kind };
    default:
      return settled satisfies never;
  }
}
