import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createClaude } from '../src/claude/batches.ts';
import type { Clock } from '../src/core/clock.ts';
import { systemClock } from '../src/jobs/loop.ts';
import { advanceRuns } from '../src/jobs/runs/advance.ts';
import { requestRun } from '../src/jobs/runs/request.ts';
import { openDatabase } from '../src/store/db/open.ts';
import { controlClaude } from './control-claude.ts';
import { createDeps, quiet } from './deps.ts';
import { BENCH_CHANNEL } from './fill.ts';

/**
 * Collects the results of so many messages with the real jobs, store and SDK, and says how long it
 * took; then streams the same results again with the SDK and no work, as the baseline.
 * Arguments: rows, database file, Claude's address, key.
 */
export interface CollectFigures {
  collectMs: number;
  /** From then on: what several ask for is grouped. The stand-in's part of it is in it. */
  groupMs: number;
  streamMs: number;
  rows: number;
  /** Of the whole process: claiming, submitting and collecting. */
  peakRssMb: number;
  /** While collecting and grouping. */
  longestBlockMs: number;
}

const [, , rowsArgument, file = '', url = '', apiKey = ''] = process.argv;
const rows = Number(rowsArgument);
const db = await openDatabase(file);

// Polls are due at once: waiting is not what is measured.
let ahead = 0;
const clock: Clock = { now: () => Date.now() + ahead, sleep: systemClock.sleep };
let collectedAt = Number.NaN;
const deps = {
  ...(await createDeps({ db, claude: createClaude({ apiKey, baseUrl: url }), clock })),
  log: {
    ...quiet,
    info(_fields: object, message: string) {
      if (message === 'a batch was collected') collectedAt = performance.now();
    },
  },
};

const stand = controlClaude(url);
await stand.hold(true);
await db.transaction().execute((tx) =>
  requestRun(tx, deps, {
    channel: BENCH_CHANNEL,
    cause: 'command',
    requestedBy: null,
    // Verdicts and reactions, no summary: that is not part of collecting.
    withDigest: false,
  }),
);
await advanceRuns(deps);
await stand.hold(false);
await stand.untilEnded();
globalThis.gc?.();

const delay = monitorEventLoopDelay({ resolution: 1 });
ahead = 120_000;
delay.enable();
const began = performance.now();
await advanceRuns(deps);
const collectMs = collectedAt - began;
const groupMs = performance.now() - collectedAt;
delay.disable();

const judged = await db
  .selectFrom('messages')
  .select((eb) => eb.fn.countAll<number>().as('messages'))
  .where('state', '=', 'judged')
  .executeTakeFirstOrThrow();
if (judged.messages !== rows) throw new Error(`only ${judged.messages} of ${rows} were judged`);
const peakRssMb = process.resourceUsage().maxRSS / 1024;

const batches = await db.selectFrom('batches').select('claude_id').execute();
const streamBegan = performance.now();
let streamed = 0;
for (const { claude_id } of batches) {
  for await (const _ of await deps.claude.messages.batches.results(claude_id ?? '')) streamed++;
}
const streamMs = performance.now() - streamBegan;
if (streamed !== rows) throw new Error(`only ${streamed} of ${rows} rows were streamed`);

process.send?.({
  collectMs,
  groupMs,
  streamMs,
  rows,
  peakRssMb,
  longestBlockMs: delay.max / 1e6,
} satisfies CollectFigures);
process.disconnect?.();
