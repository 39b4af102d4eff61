/** All batches and their timers: starts, holds, cancels, expires and ends them. */
import {
  type Batch,
  expiryOf,
  isArchived,
  openBatch,
  type Settling,
  settleBatch,
} from './batch.ts';
import type { BatchRequest } from './batch-intake.ts';
import type { Faults } from './faults.ts';
import type { PromptCache } from './prompt-cache.ts';

/** A canceled batch ends after at most this long, in ms. */
const CANCEL_MS = 100;

export interface BatchBookOptions {
  batchMs: number | ((requestCount: number) => number);
  seed: number;
  faults: Faults;
  cache: PromptCache;
  now: () => number;
  onChange: () => void;
}

export class BatchBook {
  readonly #options: BatchBookOptions;
  /** Newest first. */
  #batches: Batch[] = [];
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #batchMs: BatchBookOptions['batchMs'];
  #held = false;
  #created = 0;

  constructor(options: BatchBookOptions) {
    this.#options = options;
    this.#batchMs = options.batchMs;
  }

  list(): readonly Batch[] {
    for (const batch of this.#batches) this.#expireIfDue(batch);
    return this.#batches;
  }

  find(id: string): Batch | undefined {
    return this.list().find((batch) => batch.id === id);
  }

  countQueued(): number {
    return this.list().reduce((sum, { counts }) => sum + counts.processing, 0);
  }

  create(requests: readonly BatchRequest[]): Batch {
    const takes =
      typeof this.#batchMs === 'number' ? this.#batchMs : this.#batchMs(requests.length);
    const batch = openBatch(requests, this.#options.now(), takes);
    this.#created += 1;
    this.#batches.unshift(batch);
    this.#startTimer(batch, takes);
    this.#options.onChange();
    return batch;
  }

  /** How long batches that are created from now on take, in ms. */
  setBatchMs(batchMs: BatchBookOptions['batchMs']): void {
    this.#batchMs = batchMs;
  }

  /** While on, no batch ends by itself; when turned off, batches that are due end at once. */
  hold(on: boolean): void {
    this.#held = on;
    if (on) return;
    for (const batch of this.#batches) {
      if (batch.status !== 'ended' && !this.#timers.has(batch.id)) this.end(batch);
    }
  }

  /** Finishes the first `done` requests, so that a cancel or an expiry leaves them answered. */
  progress(batch: Batch, done: number): void {
    batch.done = Math.min(batch.requests.length, Math.max(batch.done, done));
  }

  /** In progress → canceling, and ended soon after. Finished requests stay finished. */
  cancel(batch: Batch): void {
    if (batch.status !== 'in_progress') return;
    const now = this.#options.now();
    const share = batch.takesMs > 0 ? (now - batch.createdAt) / batch.takesMs : 1;
    if (!this.#held) this.progress(batch, Math.floor(share * batch.requests.length));
    batch.status = 'canceling';
    batch.cancelInitiatedAt = now;
    this.#startTimer(batch, Math.min(CANCEL_MS, batch.takesMs));
    this.#options.onChange();
  }

  end(batch: Batch): void {
    this.#settle(batch, batch.status === 'canceling' ? 'canceled' : 'answered');
  }

  expire(batch: Batch): void {
    this.#settle(batch, 'expired');
  }

  remove(batch: Batch): void {
    this.#batches = this.#batches.filter((kept) => kept !== batch);
    this.#options.onChange();
  }

  isArchived(batch: Batch): boolean {
    return isArchived(batch, this.#options.now());
  }

  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #startTimer(batch: Batch, ms: number): void {
    clearTimeout(this.#timers.get(batch.id));
    // A batch that would take longer than its lifetime expires first.
    const lives = expiryOf(batch) - batch.createdAt;
    const timer = setTimeout(
      () => {
        this.#timers.delete(batch.id);
        if (this.#held) return;
        if (ms >= lives) this.expire(batch);
        else this.end(batch);
      },
      Math.min(ms, lives),
    );
    this.#timers.set(batch.id, timer);
  }

  #expireIfDue(batch: Batch): void {
    if (batch.status === 'in_progress' && this.#options.now() >= expiryOf(batch)) {
      this.expire(batch);
    }
  }

  #settle(batch: Batch, rest: Settling['rest']): void {
    if (batch.status === 'ended') return;
    clearTimeout(this.#timers.get(batch.id));
    this.#timers.delete(batch.id);
    const { faults, cache, seed } = this.#options;
    const now = this.#options.now();
    settleBatch(batch, { faults, cache, now, seed: seed + this.#created, rest });
    this.#options.onChange();
  }
}
