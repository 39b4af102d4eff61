import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from './processes.ts';
import { work } from './work.ts';

/**
 * Times the same work again and again, in a process of its own: how much of a core the machine gives
 * to a process that wants 10 ms of it. Its first message is the median before anything else runs.
 */
export interface Sample {
  /** Milliseconds since the epoch. */
  at: number;
  ms: number;
}

const QUIET_SAMPLES = 50;
/** 10 ms of work in 200 ms take a twentieth of a core from what is measured. */
const REST_MS = 190;

function sample(): Sample {
  const began = performance.now();
  work();
  return { at: performance.timeOrigin + began, ms: performance.now() - began };
}

const quiet = Array.from({ length: QUIET_SAMPLES }, sample);
process.send?.(
  percentile(
    quiet.map(({ ms }) => ms),
    50,
  ),
);

const samples: Sample[] = [];
process.on('message', () => process.send?.(samples));
process.once('disconnect', () => process.exit(0));
for (;;) {
  await sleep(REST_MS);
  samples.push(sample());
}
