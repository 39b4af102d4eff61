/** The answer to `GET /sim/state`: batches, calls and tokens. */
import type { SimMessage } from './answer.ts';
import type { Batch } from './batch.ts';
import type { StreamedResults } from './results-stream.ts';
import type { ApiCall } from './server.ts';

const BATCHES_SHOWN = 100;

export interface TokenCounts {
  input: number;
  cacheRead: number;
  cacheWritten: number;
  output: number;
}

export interface Tally extends TokenCounts {
  /** How many batches `output` includes: it is known once their results were read to the end. */
  counted: Set<string>;
}

export function startTally(): Tally {
  return { input: 0, cacheRead: 0, cacheWritten: 0, output: 0, counted: new Set() };
}

export function addMessage(tally: Tally, usage: SimMessage['usage']): void {
  tally.input += usage.input_tokens;
  tally.cacheRead += usage.cache_read_input_tokens;
  tally.cacheWritten += usage.cache_creation_input_tokens;
  tally.output += usage.output_tokens;
}

export function addResults(tally: Tally, batch: Batch, streamed: StreamedResults): void {
  if (tally.counted.has(batch.id) || streamed.rows < batch.order.length) return;
  tally.counted.add(batch.id);
  tally.output += streamed.outputTokens;
  for (const settled of batch.settled) {
    if (settled.kind !== 'succeeded') continue;
    tally.input += settled.use.input;
    tally.cacheRead += settled.use.read;
    tally.cacheWritten += settled.use.written5m + settled.use.written1h;
  }
}

export const countTokens = ({ input, cacheRead, cacheWritten, output }: Tally): TokenCounts => ({
  input,
  cacheRead,
  cacheWritten,
  output,
});

export function describeState(
  tally: Tally,
  batches: readonly Batch[],
  calls: readonly ApiCall[],
  inFlight: { count: number; most: number },
) {
  const byKind: Record<string, number> = {};
  for (const { method, path, status } of calls) {
    const kind = `${method} ${path.replace(/msgbatch_[^/]+/u, ':id')} ${status}`;
    byKind[kind] = (byKind[kind] ?? 0) + 1;
  }
  return {
    simulated: 'keyword-rules',
    batches: batches.slice(0, BATCHES_SHOWN).map((batch) => ({
      id: batch.id,
      status: batch.status,
      created_at: new Date(batch.createdAt).toISOString(),
      requests: batch.requests.length,
      counts: batch.counts,
    })),
    // Counts all batches, including those not shown.
    requests: {
      total: batches.reduce((sum, { requests }) => sum + requests.length, 0),
      open: batches.reduce((sum, { counts }) => sum + counts.processing, 0),
    },
    calls: { total: calls.length, by_kind: byKind },
    // Calls of POST /v1/messages.
    in_flight: { now: inFlight.count, most: inFlight.most },
    // Counts a batch only once its results have been read.
    tokens: {
      input: tally.input,
      cache_read: tally.cacheRead,
      cache_written: tally.cacheWritten,
      output: tally.output,
    },
  };
}
