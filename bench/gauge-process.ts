import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from './processes.ts';
import { work } from './work.ts';

/**
 * Repeatedly times the same 10 ms of work in a separate process, to show how much of a core the machine
 * gives it. The first message is the median before anything else runs.
 */
export interface Sample {
  /** Milliseconds since the epoch. */
  at: number;
  ms: number;
}

const QUIET_SAMPLES = 50;
/** With 10 ms of work, one sample every 200 ms uses a twentieth of a core. */
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
