import { CALLS_AT_ONCE } from '../../../core/runs/pace.ts';

/** Express calls that have no answer yet, of all lanes: Claude's limits are for all of them together. */
export class CallsInFlight {
  /** By batch. */
  readonly #calls = new Map<number, number>();
  #released = Promise.withResolvers<void>();

  /** A lane that asks, or waits until it may, has its share of the calls. */
  enter(batch: number): void {
    this.#calls.set(batch, 0);
  }

  leave(batch: number): void {
    this.#calls.delete(batch);
    this.#notify();
  }

  /** How many more calls this lane may begin as far as the other lanes are concerned. */
  shareLeft(batch: number): number {
    const share = Math.max(1, Math.floor(CALLS_AT_ONCE / this.#calls.size));
    return Math.max(0, share - (this.#calls.get(batch) ?? 0));
  }

  /** All calls in flight. */
  count(): number {
    return [...this.#calls.values()].reduce((sum, calls) => sum + calls, 0);
  }

  begin(batch: number, calls: number): void {
    this.#calls.set(batch, (this.#calls.get(batch) ?? 0) + calls);
  }

  end(batch: number, calls: number): void {
    this.begin(batch, -calls);
    this.#notify();
  }

  /** Resolves when a call of any lane has ended. */
  released(): Promise<void> {
    return this.#released.promise;
  }

  #notify(): void {
    this.#released.resolve();
    this.#released = Promise.withResolvers<void>();
  }
}
