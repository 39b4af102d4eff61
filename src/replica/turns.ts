import type { Clock } from '../core/clock.ts';
import type { Turn } from '../jobs/runner.ts';

/** When the jobs of many workspaces run: by turns, and after the people who wait for an answer. */

/** Jobs look at much when they begin. Those of many workspaces begin by turns, so that people are answered meanwhile. */
const BETWEEN_BEGINNINGS_MS = 20;

/** Workspaces that are taken over start before any of their jobs begin, unless that takes longer. */
const STARTED_WITHIN_MS = 15_000;

/** As long as so much of what Slack has sent is being handled at once, or a workspace starts, jobs are let in slowly. */
const CROWD = 8;

/** So many of the jobs that wait are let in, and then there is a pause: a long one while Slack waits as well. */
const CROWDED = { jobs: 1, pauseMs: 10 };
const CALM = { jobs: 10, pauseMs: 1 };

/** The parts after the point of its multiples are spread evenly, however many they are. */
const GOLDEN_RATIO = (1 + Math.sqrt(5)) / 2;

export interface Turns {
  /** Handles what Slack has sent: it goes before jobs. */
  handle<T>(work: () => Promise<T>): Promise<T>;
  /** Starts a workspace, for which people wait. */
  start<T>(work: () => Promise<T>): Promise<T>;
  /** The turn of another workspace. */
  next(): Turn;
}

export function createTurns(clock: Clock): Turns {
  let last = Promise.resolve();
  let count = 0;
  let handling = 0;
  let starting = 0;
  let startingSince = 0;
  const isCrowded = () => handling >= CROWD || starting > 0;
  const untilStarted = async () => {
    while (starting > 0 && clock.now() - startingSince < STARTED_WITHIN_MS)
      await clock.sleep(BETWEEN_BEGINNINGS_MS);
  };
  const waiting = new Set<() => void>();
  let isLettingIn = false;

  const letIn = async () => {
    if (isLettingIn) return;
    isLettingIn = true;
    while (waiting.size > 0) {
      const { jobs, pauseMs } = isCrowded() ? CROWDED : CALM;
      for (const run of [...waiting.values().take(jobs)]) run();
      await clock.sleep(pauseMs);
    }
    isLettingIn = false;
  };
  const mayRun = async (signal: AbortSignal) => {
    if (signal.aborted || (!isCrowded() && waiting.size === 0)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const run = () => {
      waiting.delete(run);
      resolve();
    };
    waiting.add(run);
    signal.addEventListener('abort', run, { once: true });
    void letIn();
    await promise;
    signal.removeEventListener('abort', run);
  };
  return {
    async handle(work) {
      handling += 1;
      try {
        return await work();
      } finally {
        handling -= 1;
      }
    },
    async start(work) {
      if (starting === 0) startingSince = clock.now();
      starting += 1;
      try {
        return await work();
      } finally {
        starting -= 1;
      }
    },
    next() {
      const begin = last.then(untilStarted);
      last = begin.then(() => clock.sleep(BETWEEN_BEGINNINGS_MS));
      count += 1;
      return { begin, firstPause: (count * GOLDEN_RATIO) % 1, mayRun };
    },
  };
}
