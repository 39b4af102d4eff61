import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../core/clock.ts';
import { backoffMs } from '../core/delivery/backoff.ts';
import { MINUTE_MS } from '../core/durations.ts';
import type { Log } from '../core/log.ts';
import type { NextAt } from './context.ts';

/**
 * The only owner of timers. A job is a function that does what is due now and says when it wants
 * to be run next; a loop runs it then, or when it is woken, and never twice at once.
 */

export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(ms, signal) {
    // An abort ends the wait, it is not a failure.
    await sleep(Math.min(ms, MAX_TIMER_MS), undefined, { signal }).catch(() => {});
  },
};

/** Timers of Node hold 31 bits; a longer one would end at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

const SLICE_MS = MINUTE_MS;

export interface Loop {
  /** Runs the job now, or once more if it is running. */
  wake(): void;
  /** Lets the job finish what it is doing; resolves when it has. */
  stop(): Promise<void>;
}

export function startLoop(
  name: string,
  job: () => Promise<NextAt>,
  {
    clock,
    log,
    onIdle,
  }: {
    clock: Clock;
    log: Log;
    /** Ends the loop once the job waits for no time and nothing has woken it. */
    onIdle?: () => void;
  },
): Loop {
  let stopped = false;
  let woken = false;
  let waiting = new AbortController();

  const run = async () => {
    let failures = 0;
    while (!stopped) {
      woken = false;
      let nextAt: NextAt;
      try {
        nextAt = await job();
        failures = 0;
      } catch (error) {
        // An error that the job did not expect: a bug, or a service that is down. This is the only
        // place that logs it.
        failures++;
        nextAt = clock.now() + backoffMs(failures);
        log.error({ err: error, job: name, failures, nextAt }, 'a job failed; it is tried again');
      }
      if (stopped || woken) continue;
      if (nextAt === null && onIdle) return onIdle();
      waiting = new AbortController();
      await sleepUntil(nextAt, waiting.signal);
    }
  };

  /** In slices: the clock may be set, or the machine sleep, while the job waits. */
  const sleepUntil = async (time: NextAt, signal: AbortSignal) => {
    let left = time === null ? Number.POSITIVE_INFINITY : time - clock.now();
    while (left > 0 && !signal.aborted && (time === null || clock.now() < time)) {
      const slice = Math.min(left, SLICE_MS);
      await clock.sleep(slice, signal);
      left -= slice;
    }
  };
  const running = run();

  const wake = () => {
    woken = true;
    waiting.abort();
  };
  return {
    wake,
    stop() {
      stopped = true;
      wake();
      return running;
    },
  };
}
