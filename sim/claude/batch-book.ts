/**
 * All batches: starts, holds, cancels, expires and ends them. A batch ends by the clock: whoever looks
 * at it after it was due finds it ended at its due time. Where the clock is the real one, a timer
 * looks, so that changes are told without being asked for.
 */
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
import type { LatencyDraws } from './latency.ts';
import type { PromptCache } from './prompt-cache.ts';
import { findEnd, measureWork } from './standstill.ts';

/** A canceled batch ends after at most this long, in ms. */
const CANCEL_MS = 100;

export interface BatchBookOptions {
  batchMs: number | ((requestCount: number) => number);
  seed: number;
  draws: LatencyDraws;
  faults: Faults;
  cache: PromptCache;
  now: () => number;
  /** Whether `now` goes on by itself, so that timers make sense. */
  realTime: boolean;
  /** Whether `listAll` has those that were deleted. */
  keepDeleted: boolean;
  onChange: () => void;
}

interface Due {
  batch: Batch;
  at: number;
  rest: Settling['rest'];
}

export class BatchBook {
  readonly #options: BatchBookOptions;
  /** Newest first. */
  #batches: Batch[] = [];
  /** Those that have not ended, oldest first. */
  readonly #open = new Set<Batch>();
  #timer: NodeJS.Timeout | undefined;
  #batchMs: BatchBookOptions['batchMs'];
  #held = false;
  #created = 0;

  constructor(options: BatchBookOptions) {
    this.#options = options;
    this.#batchMs = options.batchMs;
    options.faults.overloads.onStandstill = () => this.#schedule();
  }

  /** Those that the service still has. */
  list(): readonly Batch[] {
    return this.listAll().filter(({ deleted }) => !deleted);
  }

  /** Those that were deleted as well, for whoever looks from outside. */
  listAll(): readonly Batch[] {
    this.endDue();
    return this.#batches;
  }

  find(id: string): Batch | undefined {
    return this.list().find((batch) => batch.id === id);
  }

  countQueued(): number {
    this.endDue();
    let queued = 0;
    for (const { counts } of this.#open) queued += counts.processing;
    return queued;
  }

  create(requests: readonly BatchRequest[]): Batch {
    this.endDue();
    this.#created += 1;
    const now = this.#options.now();
    const takes =
      this.#options.draws.drawBatch(this.#created, now) ??
      (typeof this.#batchMs === 'number' ? this.#batchMs : this.#batchMs(requests.length));
    const seed = this.#options.seed + this.#created;
    const batch = openBatch(requests, now, takes, seed);
    this.#batches.unshift(batch);
    this.#open.add(batch);
    this.#schedule();
    this.#options.onChange();
    return batch;
  }

  /** How long batches that are created from now on take, in ms, whatever the distribution was. */
  setBatchMs(batchMs: BatchBookOptions['batchMs']): void {
    this.#batchMs = batchMs;
    this.#options.draws.set({ batch: null });
  }

  /** While on, no batch ends by itself; when turned off, batches that are due end at once. */
  hold(on: boolean): void {
    this.endDue();
    this.#held = on;
    if (!on) {
      for (const { batch, at } of this.#listDue()) if (at <= this.#options.now()) this.end(batch);
    }
    this.#schedule();
  }

  /** Finishes the first `done` requests, so that a cancel or an expiry leaves them answered. */
  progress(batch: Batch, done: number): void {
    batch.done = Math.min(batch.requests.length, Math.max(batch.done, done));
  }

  /** In progress → canceling, and ended soon after. Requests that are finished by then stay so. */
  cancel(batch: Batch): void {
    if (batch.status !== 'in_progress') return;
    const now = this.#options.now();
    this.#finishBy(batch, now);
    batch.status = 'canceling';
    batch.cancelInitiatedAt = now;
    this.#schedule();
    this.#options.onChange();
  }

  /** Ends a batch now. */
  end(batch: Batch): void {
    const rest = batch.status === 'canceling' ? 'canceled' : 'answered';
    this.#settle({ batch, at: this.#options.now(), rest });
  }

  /** Expires a batch now. */
  expire(batch: Batch): void {
    this.#settle({ batch, at: this.#options.now(), rest: 'expired' });
  }

  remove(batch: Batch): void {
    batch.deleted = true;
    if (!this.#options.keepDeleted) this.#batches = this.#batches.filter((one) => one !== batch);
    this.#options.onChange();
  }

  isArchived(batch: Batch): boolean {
    return isArchived(batch, this.#options.now());
  }

  /** Ends what is due by now, in the order in which it was. */
  endDue(): void {
    const now = this.#options.now();
    for (const due of this.#listDue()) {
      if (due.at > now) break;
      if (due.rest === 'expired') this.#finishBy(due.batch, due.at);
      this.#settle(due);
    }
  }

  /** When the next batch ends by itself, ms since 1970; null when none does. */
  nextDueAt(): number | null {
    const at = this.#listDue()[0]?.at ?? Number.POSITIVE_INFINITY;
    return Number.isFinite(at) ? at : null;
  }

  stop(): void {
    this.#open.clear();
    clearTimeout(this.#timer);
  }

  /** The soonest first. */
  #listDue(): Due[] {
    const due = [...this.#open].map((batch): Due => this.#findDue(batch));
    return due.sort((a, b) => a.at - b.at);
  }

  #findDue(batch: Batch): Due {
    const { createdAt, takesMs, cancelInitiatedAt } = batch;
    if (cancelInitiatedAt !== null) {
      const soon = cancelInitiatedAt + Math.min(CANCEL_MS, takesMs);
      return { batch, at: this.#held ? Number.POSITIVE_INFINITY : soon, rest: 'canceled' };
    }
    const end = this.#held
      ? Number.POSITIVE_INFINITY
      : findEnd(createdAt, takesMs, this.#options.faults.overloads.standstills);
    // A batch that would take longer than its lifetime expires first.
    const expiry = expiryOf(batch);
    if (end >= expiry) return { batch, at: expiry, rest: 'expired' };
    return { batch, at: end, rest: 'answered' };
  }

  /** The items whose own time has come: they are spread evenly over the time of the batch. */
  #finishBy(batch: Batch, at: number): void {
    if (this.#held) return;
    const { createdAt, takesMs, requests } = batch;
    const worked = measureWork(createdAt, at, this.#options.faults.overloads.standstills);
    const { length } = requests;
    batch.finished = takesMs > worked ? Math.floor((worked * length) / takesMs) : length;
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (!this.#options.realTime) return;
    const at = this.nextDueAt();
    if (at === null) return;
    this.#timer = setTimeout(
      () => {
        this.endDue();
        this.#schedule();
      },
      Math.max(0, at - this.#options.now()),
    );
  }

  #settle({ batch, at, rest }: Due): void {
    if (batch.status === 'ended') return;
    this.#open.delete(batch);
    const { faults, cache } = this.#options;
    settleBatch(batch, { faults, cache, now: at, rest });
    this.#options.onChange();
  }
}
