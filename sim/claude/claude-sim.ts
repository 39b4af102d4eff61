/**
 * A stand-in for the Claude service over real HTTP: Messages, Message Batches, token counts and
 * models. **Its answers come from simple keyword rules, not from a model**: every message's id
 * starts with `msg_sim_` and every response has the header `x-simulated: keyword-rules`. It aims to be
 * as strict as the service was in November 2026.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Batch, type BatchCounts, makeResultRow, type ResultRow } from './batch.ts';
import { BatchBook } from './batch-book.ts';
import type { BatchRequest } from './batch-intake.ts';
import { CallsInFlight } from './calls-in-flight.ts';
import { ChangeWatch, type WaitOptions } from './change-watch.ts';
import { Faults } from './faults.ts';
import { type Latencies, LatencyDraws } from './latency.ts';
import type { MessageParams } from './params.ts';
import { PromptCache } from './prompt-cache.ts';
import { MessageLimits, RequestLimit, START_TIER } from './rate-limit.ts';
import type { OnHang } from './results-stream.ts';
import { type ApiCall, serveRequest, type Wire } from './server.ts';
import {
  addMessage,
  addResults,
  countTokens,
  describeState,
  startTally,
  type TokenCounts,
} from './tally.ts';

export interface ClaudeSimOptions {
  /** 0, the default, takes any free port. The results' host always does. */
  port?: number;
  /** How long a batch takes, in ms; default 500. */
  batchMs?: number | ((requestCount: number) => number);
  /** How long batches and messages take, as distributions; default: `batchMs`, and no time at all. */
  latency?: Latencies;
  /** The accepted key; default 'sk-ant-sim'. */
  apiKey?: string;
  /** Seeds the order of results, all latencies and what an overload refuses; default 1. */
  seed?: number;
  /** Whether batches that were deleted can still be looked at from outside; default true. */
  keepDeleted?: boolean;
  /** How many requests all batches together may queue; default 200,000. */
  maxQueued?: number;
  /** For batches, token counts and messages of each model separately; default 1,000 each. */
  requestsPerMinute?: number;
  /** For messages of each model, without what is read from the cache; default 2,000,000. */
  inputTokensPerMinute?: number;
  /** For messages of each model; default 400,000. */
  outputTokensPerMinute?: number;
  /** Default 256 MB, the service's own. */
  maxBatchBytes?: number;
  /**
   * The clock, ms since 1970; default the real one. Everything ends by it: with a clock of a test's
   * own whenever somebody looks (a request, `batches()`, `tick()`), for no timer knows how it goes on.
   */
  now?: () => number;
  /**
   * Moves the test's own clock on to a time, ms since 1970. Called when nothing happens any more
   * but that somebody waits for the answer to a message, which is due then.
   */
  advance?: (to: number) => void;
  /** Told of each call that a `hang` leaves without an answer, a `results_stall` with a part of it. */
  onHang?: OnHang;
}

interface SimBatch {
  id: string;
  createdAt: number;
  endedAt: number | null;
  deleted: boolean;
  status: 'in_progress' | 'canceling' | 'ended';
  counts: BatchCounts;
  requests: readonly BatchRequest[];
  /** In the order of the stream, rendered on every read; undefined until the batch has ended. */
  readonly results: ResultRow[] | undefined;
}

export interface ClaudeSim {
  url: string;
  /** The host of the results, different from `url`. */
  resultsUrl: string;
  apiKey: string;
  /** Newest first; those that were deleted as well. */
  batches(): SimBatch[];
  /** Every call so far, oldest first, including those to the results' host. */
  calls: ApiCall[];
  /** The latest requests outside batches, oldest first. */
  asked: MessageParams[];
  faults: Faults;
  /** How long batches take that are created from now on, in ms; ends a distribution of their times. */
  setBatchMs(batchMs: number | ((requestCount: number) => number)): void;
  /** How long batches and messages take that are asked for from now on; changes those it names. */
  setLatency(latencies: Latencies): void;
  /** Ends the batches and answers the messages that are due by the clock. Every request does so. */
  tick(): void;
  /** When the next batch ends or message is answered, ms since 1970; null when nothing will. */
  nextDueAt(): number | null;
  /** Calls of `POST /v1/messages` that are under way, and the most there ever were at once. */
  inFlight: { readonly count: number; readonly most: number };
  /** While on, batches stay in progress until `endBatch` or `holdBatches(false)`. */
  holdBatches(on: boolean): void;
  /** Ends one batch now, or all without an id. A batch that is being canceled ends as canceled. */
  endBatch(id?: string): void;
  /** Expires a batch now: requests that `progressBatch` finished are answered, the others expire. */
  expireBatch(id: string): void;
  /** Finishes the first `done` requests, so that a cancel or an expiry leaves them answered. */
  progressBatch(id: string, done: number): void;
  /** Counts a batch only once its results have been read. */
  tokens(): TokenCounts;
  /** Calls the listener at every change. Returns a function that stops this. */
  onChange(listener: () => void): () => void;
  waitFor<T>(predicate: () => T, options?: WaitOptions): Promise<T>;
  stop(): Promise<void>;
}

const ASKED_KEPT = 100;

export async function startClaudeSim(options: ClaudeSimOptions = {}): Promise<ClaudeSim> {
  const now = options.now ?? Date.now;
  const apiKey = options.apiKey ?? 'sk-ant-sim';
  const realTime = options.now === undefined;
  const requests = options.requestsPerMinute ?? START_TIER.requests;
  const { batchMs = 500, seed = 1, keepDeleted = true } = options;
  const faults = new Faults({ seed, now });
  const draws = new LatencyDraws(seed, options.latency);
  const cache = new PromptCache();
  const watch = new ChangeWatch();
  const onChange = () => {
    inFlight.notice();
    watch.notify();
  };
  const { advance } = options;
  const inFlight = new CallsInFlight({ now, realTime, advance, onChange });
  const calls: ApiCall[] = [];
  const asked: MessageParams[] = [];
  const tally = startTally();
  const batches = new BatchBook({
    batchMs,
    seed,
    draws,
    faults,
    cache,
    now,
    keepDeleted,
    realTime,
    onChange,
  });
  const tick = () => {
    batches.endDue();
    inFlight.answerDue();
  };
  const endBatch = (id?: string) => {
    if (id !== undefined) return batches.end(findBatch(batches, id));
    for (const batch of batches.list()) batches.end(batch);
  };
  let resultsUrl = '';
  const wire: Wire = {
    batches,
    faults,
    cache,
    draws,
    inFlight,
    apiKey,
    calls,
    now,
    endDue: tick,
    onChange,
    onHang: options.onHang,
    maxQueued: options.maxQueued ?? 200_000,
    maxBatchBytes: options.maxBatchBytes ?? 256_000_000,
    maxBodyBytes: 32_000_000,
    limits: {
      messages: new MessageLimits({
        requests,
        inputTokens: options.inputTokensPerMinute ?? START_TIER.inputTokens,
        outputTokens: options.outputTokensPerMinute ?? START_TIER.outputTokens,
      }),
      counting: new RequestLimit(requests, now()),
      batches: new RequestLimit(requests, now()),
    },
    resultsUrl: () => resultsUrl,
    keepAsked: (params) => {
      asked.push(params);
      if (asked.length > ASKED_KEPT) asked.shift();
    },
    spend: (usage) => addMessage(tally, usage),
    onStreamed: (batch, streamed) => addResults(tally, batch, streamed),
    control: {
      readState: () => describeState(tally, batches.listAll(), calls, inFlight),
      setBatchMs: (ms) => batches.setBatchMs(ms),
      setLatency: (latencies) => draws.set(latencies),
      holdBatches: (on) => batches.hold(on),
      endBatch: (id) => {
        if (id !== undefined && batches.find(id) === undefined) return false;
        endBatch(id);
        return true;
      },
    },
  };
  const api = await listen(wire, options.port ?? 0);
  const results = await listen(wire, 0);
  resultsUrl = urlOf(results);
  return {
    url: urlOf(api),
    resultsUrl,
    apiKey,
    calls,
    asked,
    faults,
    batches: () => batches.listAll().map(showBatch),
    setBatchMs: (ms) => batches.setBatchMs(ms),
    setLatency: (latencies) => draws.set(latencies),
    tick,
    nextDueAt: () => {
      const times = [batches.nextDueAt(), inFlight.nextDueAt()].filter((at) => at !== null);
      return times.length > 0 ? Math.min(...times) : null;
    },
    inFlight,
    holdBatches: (on) => batches.hold(on),
    endBatch,
    expireBatch: (id) => batches.expire(findBatch(batches, id)),
    progressBatch: (id, done) => batches.progress(findBatch(batches, id), done),
    tokens: () => countTokens(tally),
    onChange: (listener) => watch.listen(listener),
    waitFor: (predicate, waiting) => watch.waitFor(predicate, waiting),
    stop: async () => {
      batches.stop();
      inFlight.stop();
      await Promise.all([close(api), close(results)]);
    },
  };
}

function findBatch(batches: BatchBook, id: string): Batch {
  const batch = batches.find(id);
  if (batch === undefined) throw new Error(`the stand-in has no batch ${id}`);
  return batch;
}

function showBatch(batch: Batch): SimBatch {
  const { id, createdAt, endedAt, deleted, status, counts, requests } = batch;
  return {
    id,
    createdAt,
    endedAt,
    deleted,
    status,
    counts,
    requests,
    get results() {
      if (batch.status !== 'ended') return undefined;
      return Array.from({ length: batch.order.length }, (_, place) => makeResultRow(batch, place));
    },
  };
}

async function listen(wire: Wire, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    serveRequest(wire, request, response).catch((error: unknown) => {
      // A client may go away in the middle; any other error is a bug here.
      if (!request.destroyed) console.error('claude-sim:', error);
      response.destroy();
    });
  });
  // Keeps idle connections open for longer than clients do, as the service does.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
