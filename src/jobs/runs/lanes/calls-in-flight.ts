import { CALLS_AT_ONCE } from '../../../core/runs/pace.ts';

/** Express calls that have no answer yet, of all lanes: Claude's limits are for all of them together. */
export class CallsInFlight {
  /** By the name of the lane. */
  readonly #calls = new Map<string, number>();
  #released = Promise.withResolvers<void>();

  /** A lane that asks, or waits until it may, has its share of the calls. */
  enter(lane: string): void {
    this.#calls.set(lane, 0);
  }

  leave(lane: string): void {
    this.#calls.delete(lane);
    this.#notify();
  }

  /** How many more calls this lane may begin as far as the other lanes are concerned. */
  shareLeft(lane: string): number {
    const share = Math.max(1, Math.floor(CALLS_AT_ONCE / this.#calls.size));
    return Math.max(0, share - (this.#calls.get(lane) ?? 0));
  }

  /** All calls in flight. */
  count(): number {
    return [...this.#calls.values()].reduce((sum, calls) => sum + calls, 0);
  }

  begin(lane: string, calls: number): void {
    this.#calls.set(lane, (this.#calls.get(lane) ?? 0) + calls);
  }

  end(lane: string, calls: number): void {
    this.begin(lane, -calls);
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
