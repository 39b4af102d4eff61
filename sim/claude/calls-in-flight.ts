/**
 * The calls of `POST /v1/messages` that are under way: each takes its time on the service's clock. In
 * real time a timer answers them. A clock of a test's own answers them when it has reached their time
 * and somebody looks: `tick`, or any request.
 *
 * A program that waits for an answer cannot move such a clock itself. With `advance` the clock is moved
 * on to the next answer as soon as all that happens is waiting: nothing has come or gone for some turns
 * of the event loop, so every call that is going to be made at this time has been made.
 */
import { setImmediate } from 'node:timers/promises';

/** More than a client in the same process needs to read an answer, commit it and call again. */
const QUIET_TURNS = 50;

export interface CallsInFlightOptions {
  now: () => number;
  /** Whether `now` goes on by itself, so that timers make sense. */
  realTime: boolean;
  /** Moves the clock on to this time, ms since 1970. */
  advance: ((to: number) => void) | undefined;
  /** Called when a call begins to wait. */
  onChange: () => void;
}

interface Waiting {
  at: number;
  answer: () => void;
}

export class CallsInFlight {
  readonly #options: CallsInFlightOptions;
  readonly #waiting = new Set<Waiting>();
  #count = 0;
  #most = 0;
  /** Grows with whatever happens at the service. */
  #happened = 0;
  #watching = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: CallsInFlightOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#count;
  }

  /** The most that were under way at once. */
  get most(): number {
    return this.#most;
  }

  /** Counts a call. Returns what ends it, which may be called twice. */
  enter(): () => void {
    this.#count += 1;
    this.#most = Math.max(this.#most, this.#count);
    let open = true;
    return () => {
      if (open) this.#count -= 1;
      open = false;
    };
  }

  /** Something came or went. */
  notice(): void {
    this.#happened += 1;
  }

  /** Resolves when the clock has reached this time. */
  async waitUntil(at: number, gone: AbortSignal): Promise<void> {
    if (at <= this.#options.now()) return;
    await new Promise<void>((resolve) => {
      const waiting = { at, answer: () => {} };
      waiting.answer = () => {
        this.#waiting.delete(waiting);
        gone.removeEventListener('abort', waiting.answer);
        resolve();
      };
      this.#waiting.add(waiting);
      gone.addEventListener('abort', waiting.answer);
      this.#schedule();
      this.#options.onChange();
      void this.#advanceWhenQuiet();
    });
  }

  /** Answers what is due by now, in the order in which it was. */
  answerDue(): void {
    const now = this.#options.now();
    const due = [...this.#waiting].filter(({ at }) => at <= now);
    for (const { answer } of due.sort((a, b) => a.at - b.at)) answer();
    if (due.length > 0) this.#schedule();
  }

  /** When the next call is answered, ms since 1970; null when none is under way. */
  nextDueAt(): number | null {
    const times = [...this.#waiting].map(({ at }) => at);
    return times.length > 0 ? Math.min(...times) : null;
  }

  stop(): void {
    for (const { answer } of [...this.#waiting]) answer();
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    const at = this.nextDueAt();
    if (!this.#options.realTime || at === null) return;
    this.#timer = setTimeout(
      () => {
        this.answerDue();
        this.#schedule();
      },
      Math.max(0, at - this.#options.now()),
    );
  }

  async #advanceWhenQuiet(): Promise<void> {
    const { advance, now, realTime } = this.#options;
    if (!advance || realTime || this.#watching) return;
    this.#watching = true;
    let next = this.nextDueAt();
    while (next !== null) {
      const before = this.#happened;
      let turns = 0;
      while (turns < QUIET_TURNS && this.#happened === before) {
        await setImmediate();
        turns += 1;
      }
      next = this.nextDueAt();
      if (turns < QUIET_TURNS || next === null) continue;
      if (next > now()) advance(next);
      this.answerDue();
      next = this.nextDueAt();
    }
    this.#watching = false;
  }
}
