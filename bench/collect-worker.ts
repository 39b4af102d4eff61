import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createClaude } from '../src/claude/batches.ts';
import type { Clock } from '../src/core/clock.ts';
import { systemClock } from '../src/jobs/loop.ts';
import { advanceRuns } from '../src/jobs/runs/advance.ts';
import { requestRun } from '../src/jobs/runs/request.ts';
import { openDatabase } from '../src/store/db/open.ts';
import { createBenchContext, quiet } from './context.ts';
import { controlClaude } from './control-claude.ts';
import { BENCH_CHANNEL } from './fill.ts';

/**
 * Collects the results of `rows` messages with the real jobs, store and SDK, and times it. Then
 * streams the same results again with the SDK and does nothing with them, as the baseline.
 * Arguments: rows, database file, Claude's address, key.
 */
export interface CollectFigures {
  collectMs: number;
  /** Grouping into themes, after collecting; includes the stand-in's time to answer. */
  groupMs: number;
  streamMs: number;
  rows: number;
  /** Of the whole process, including claiming and submitting. */
  peakRssMb: number;
  /** While collecting and grouping. */
  longestBlockMs: number;
  /** When collecting began and grouping ended, in ms since the epoch. */
  beganAt: number;
  endedAt: number;
}

const [, , rowsArgument, file = '', url = '', apiKey = ''] = process.argv;
const rows = Number(rowsArgument);
const db = await openDatabase(file);

// Polls are due at once, so that waiting is not measured.
let ahead = 0;
const clock: Clock = { now: () => Date.now() + ahead, sleep: systemClock.sleep };
let collectedAt = Number.NaN;
const context = {
  ...(await createBenchContext({ db, claude: createClaude({ apiKey, baseUrl: url }), clock })),
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
  requestRun(tx, context, {
    channel: BENCH_CHANNEL,
    cause: 'command',
    requestedBy: null,
    // Verdicts and reactions only: a summary is not part of collecting.
    withDigest: false,
  }),
);
await advanceRuns(context);
await stand.hold(false);
await stand.untilEnded();
globalThis.gc?.();

const delay = monitorEventLoopDelay({ resolution: 1 });
ahead = 120_000;
delay.enable();
const began = performance.now();
await advanceRuns(context);
const collectMs = collectedAt - began;
const ended = performance.now();
const groupMs = ended - collectedAt;
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
  for await (const _ of await context.claude.messages.batches.results(claude_id ?? '')) streamed++;
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
  beganAt: performance.timeOrigin + began,
  endedAt: performance.timeOrigin + ended,
} satisfies CollectFigures);
process.disconnect?.();
