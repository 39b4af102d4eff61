import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../src/core/clock.ts';

/** More turns of the event loop than anything takes that happens within the process. */
const QUIET_TURNS = 10;

interface Sleeper {
  at: number;
  wake(): void;
}

/**
 * A clock that stands still while anything happens. Several may sleep at once; `moveTo` wakes those
 * whose time has come.
 */
export class VirtualClock implements Clock {
  #now: number;
  #happened = 0;
  readonly #sleepers = new Set<Sleeper>();

  /** @param start ms since 1970 */
  constructor(start: number) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.notice();
    if (ms <= 0 || signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        this.notice();
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const sleeper: Sleeper = { at: this.#now + ms, wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', wake);
    });
  }

  /** Something has happened: the clock is not moved on yet. */
  notice(): void {
    this.#happened += 1;
  }

  /**
   * Resolves when nothing happens any more, and everything waits for time to pass.
   * @param isCalling whether an HTTP call is under way that will end without that
   */
  async untilQuiet(isCalling: () => boolean): Promise<void> {
    for (let turns = 0; turns < QUIET_TURNS; ) {
      const before = this.#happened;
      await nextTurn();
      turns = this.#happened === before && !isCalling() ? turns + 1 : 0;
    }
  }

  /** When the next sleeper wakes; null when nobody sleeps. */
  nextAt(): number | null {
    let next: number | null = null;
    for (const { at } of this.#sleepers) if (next === null || at < next) next = at;
    return next;
  }

  moveTo(time: number): void {
    this.#now = Math.max(this.#now, time);
    const due = [...this.#sleepers].filter(({ at }) => at <= this.#now);
    for (const { wake } of due.sort((a, b) => a.at - b.at)) wake();
  }
}
