/**
 * A stand-in for the Claude service over real HTTP: Messages, Message Batches, token counts and
 * models. **Its answers come from simple keyword rules, not from a model**: every message's id
 * starts with `msg_sim_` and every response carries `x-simulated: keyword-rules`. It means to be as
 * strict as the service; what is known of that is of November 2026.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Batch, type BatchCounts, makeResultRow, type ResultRow } from './batch.ts';
import { BatchBook } from './batch-book.ts';
import type { BatchRequest } from './batch-intake.ts';
import { ChangeWatch, type WaitOptions } from './change-watch.ts';
import { Faults } from './faults.ts';
import type { MessageParams } from './params.ts';
import { PromptCache } from './prompt-cache.ts';
import { RequestLimit } from './rate-limit.ts';
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
  /** 0 (the default) takes any free port. The results' host always takes any. */
  port?: number;
  /** How long a batch is in progress, in ms; default 500. */
  batchMs?: number | ((requestCount: number) => number);
  /** The key that is accepted; default 'sk-ant-sim'. */
  apiKey?: string;
  /** For the order of results; default 1. */
  seed?: number;
  /** Requests in the queue of all batches together; default 200,000. */
  maxQueued?: number;
  /** A pool for batches and one for messages; default 1,000 each. */
  requestsPerMinute?: number;
  /** Default 256 MB, the service's own. */
  maxBatchBytes?: number;
  /** The stand-in's clock, ms since 1970 (expiry after 24 h, results for 29 days). */
  now?: () => number;
  /** Told of each call that a `hang` leaves without an answer, a `results_stall` with a part of it. */
  onHang?: OnHang;
}

interface SimBatch {
  id: string;
  createdAt: number;
  endedAt: number | null;
  status: 'in_progress' | 'canceling' | 'ended';
  counts: BatchCounts;
  requests: readonly BatchRequest[];
  /** Made anew at each reading, in the order in which they are streamed; undefined until the end. */
  readonly results: ResultRow[] | undefined;
}

export interface ClaudeSim {
  url: string;
  /** Where results are fetched: another host than `url`. */
  resultsUrl: string;
  apiKey: string;
  /** Newest first. */
  batches(): SimBatch[];
  /** Every call so far, oldest first, those to the results' host included. */
  calls: ApiCall[];
  /** What was asked for outside batches lately, oldest first. */
  asked: MessageParams[];
  faults: Faults;
  setBatchMs(batchMs: number | ((requestCount: number) => number)): void;
  /** While held, batches stay as they are until `endBatch` or `holdBatches(false)`. */
  holdBatches(on: boolean): void;
  /** Ends one batch now, or all when no id is given. A batch being canceled ends as canceled. */
  endBatch(id?: string): void;
  /** Expires a batch now: what `progressBatch` called done is answered, the rest has expired. */
  expireBatch(id: string): void;
  /** Says that the first `done` requests are finished, before a cancel or an expiry. */
  progressBatch(id: string, done: number): void;
  /** Of batches only those whose results have been read. */
  tokens(): TokenCounts;
  /** Calls at every change, until the function that it answers is called. */
  onChange(listener: () => void): () => void;
  waitFor<T>(predicate: () => T, options?: WaitOptions): Promise<T>;
  stop(): Promise<void>;
}

const ASKED_KEPT = 100;

export async function startClaudeSim(options: ClaudeSimOptions = {}): Promise<ClaudeSim> {
  const now = options.now ?? Date.now;
  const apiKey = options.apiKey ?? 'sk-ant-sim';
  const perMinute = options.requestsPerMinute ?? 1000;
  const faults = new Faults();
  const cache = new PromptCache();
  const watch = new ChangeWatch();
  const onChange = () => watch.notify();
  const calls: ApiCall[] = [];
  const asked: MessageParams[] = [];
  const tally = startTally();
  const { batchMs = 500, seed = 1 } = options;
  const batches = new BatchBook({ batchMs, seed, faults, cache, now, onChange });
  const endBatch = (id?: string) => {
    if (id !== undefined) return batches.end(findBatch(batches, id));
    for (const batch of batches.list()) batches.end(batch);
  };
  let resultsUrl = '';
  const wire: Wire = {
    batches,
    faults,
    cache,
    apiKey,
    calls,
    now,
    onChange,
    onHang: options.onHang,
    maxQueued: options.maxQueued ?? 200_000,
    maxBatchBytes: options.maxBatchBytes ?? 256_000_000,
    maxBodyBytes: 32_000_000,
    limits: {
      messages: new RequestLimit(perMinute, now()),
      batches: new RequestLimit(perMinute, now()),
    },
    resultsUrl: () => resultsUrl,
    keepAsked: (params) => {
      asked.push(params);
      if (asked.length > ASKED_KEPT) asked.shift();
    },
    spend: (usage) => addMessage(tally, usage),
    onStreamed: (batch, streamed) => addResults(tally, batch, streamed),
    control: {
      readState: () => describeState(tally, batches.list(), calls),
      setBatchMs: (ms) => batches.setBatchMs(ms),
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
    batches: () => batches.list().map(showBatch),
    setBatchMs: (ms) => batches.setBatchMs(ms),
    holdBatches: (on) => batches.hold(on),
    endBatch,
    expireBatch: (id) => batches.expire(findBatch(batches, id)),
    progressBatch: (id, done) => batches.progress(findBatch(batches, id), done),
    tokens: () => countTokens(tally),
    onChange: (listener) => watch.listen(listener),
    waitFor: (predicate, waiting) => watch.waitFor(predicate, waiting),
    stop: async () => {
      batches.stop();
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
  const { id, createdAt, endedAt, status, counts, requests } = batch;
  return {
    id,
    createdAt,
    endedAt,
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
      // A reader that goes away in the middle is its own affair; anything else is a bug in here.
      if (!request.destroyed) console.error('claude-sim:', error);
      response.destroy();
    });
  });
  // Like a server far away, it keeps idle connections longer than a client does.
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
