/** The service is overloaded: calls are refused, and batches may wait. */
import { drawUniform } from './latency.ts';
import type { Standstill } from './standstill.ts';

/** 529 `overloaded_error` for everything that costs money, until the fault is removed. */
export interface Overload {
  kind: 'overloaded';
  /** The share of the calls that is refused, decided by seed; default 1. With 0 only batches wait. */
  share?: number;
  /** Ms since 1970; default when the fault is added. */
  from?: number;
  /** Ms since 1970; default when the fault is removed. */
  until?: number;
  /** Batches make no progress meanwhile and go on afterwards; default false. */
  batchesWait?: boolean;
}

export interface OverloadsOptions {
  /** Decides which calls are refused. */
  seed: number;
  now: () => number;
}

export class Overloads {
  /** In these, batches wait. */
  readonly standstills: Standstill[] = [];
  /** Called when `standstills` has changed. */
  onStandstill: () => void = () => {};
  readonly #options: OverloadsOptions;
  /** How many calls have been decided about. */
  #decided = 0;

  constructor(options: OverloadsOptions) {
    this.#options = options;
  }

  /** Returns the overload with its period; give this to the other methods. */
  begin<T extends Overload>(overload: T): T {
    const from = overload.from ?? this.#options.now();
    const begun = { ...overload, from, until: overload.until ?? Number.POSITIVE_INFINITY };
    if (overload.batchesWait) {
      this.standstills.push(begun);
      this.onStandstill();
    }
    return begun;
  }

  end(begun: Overload): void {
    begun.until = Math.min(begun.until ?? Number.POSITIVE_INFINITY, this.#options.now());
    if (begun.batchesWait) this.onStandstill();
  }

  refuses({ from = 0, until = 0, share = 1 }: Overload): boolean {
    const now = this.#options.now();
    if (now < from || now >= until) return false;
    this.#decided += 1;
    return drawUniform(`${this.#options.seed} overload ${this.#decided}`) < share;
  }
}
