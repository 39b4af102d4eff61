import type { ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import type { BatchLatency, Latency } from '../../sim/claude/latency.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/core/durations.ts';
import { nextMessage, startProcess } from '../processes.ts';
import type { ChannelFigures } from './figures.ts';
import { type Goal, judge } from './goals.ts';
import { MODES, type Mode, type Simulation } from './simulate.ts';

/** Simulates every kind of channel under every kind of Claude. README.md says where the figures come from. */

/** A short answer by a small model; one in a hundred is slow. */
const MESSAGE: Latency = {
  p50Ms: 2 * SECOND_MS,
  p90Ms: 4 * SECOND_MS,
  tail: { share: 0.01, factor: 5 },
};

interface Weather {
  name: string;
  batch: BatchLatency;
  /** How often the bot looks; its own default is a minute. */
  pollMs: number;
}

const USUAL: Weather = {
  name: 'p50 7 min, p90 60 min',
  batch: { p50Ms: 7 * MINUTE_MS, p90Ms: 60 * MINUTE_MS },
  pollMs: MINUTE_MS,
};
const WEATHERS: Weather[] = [
  USUAL,
  {
    name: 'p50 2 min, p90 10 min',
    batch: { p50Ms: 2 * MINUTE_MS, p90Ms: 10 * MINUTE_MS },
    pollMs: MINUTE_MS,
  },
  {
    name: 'p50 3 h, p90 8 h',
    batch: { p50Ms: 3 * HOUR_MS, p90Ms: 8 * HOUR_MS },
    pollMs: 5 * MINUTE_MS,
  },
];

/** The share of their times that batches in progress have in common. */
const COMMON = [0, 0.5];

/** Messages a day, and for how many days where `--days` does not say so. */
const VOLUMES = [
  { perDay: 20, days: 5, commons: COMMON },
  { perDay: 200, days: 2, commons: COMMON },
  // A single day of it takes as long as ten of the one before.
  { perDay: 2_000, days: 1, commons: [0] },
];
const USUAL_PER_DAY = 200;
const USUAL_DAYS = 30;
const SEED = 1;

interface Cell {
  perDay: number;
  days: number;
  weather: Weather;
  common: number;
}

type Row = { perDay: number; days: number; batch: string; common: number } & Record<
  Mode,
  ChannelFigures
>;

/** @param days of every simulation; default: as many as take a few minutes */
export async function measureLatency(days?: number) {
  const cells = VOLUMES.flatMap(({ perDay, commons, ...volume }) =>
    WEATHERS.flatMap((weather) =>
      commons.map((common): Cell => {
        const usual = weather === USUAL && common === 0 && perDay === USUAL_PER_DAY;
        return { perDay, days: days ?? (usual ? USUAL_DAYS : volume.days), weather, common };
      }),
    ),
  );
  const simulations = new Map<string, Simulation>();
  const keyOf = (cell: Cell, mode: Mode) => JSON.stringify(toSimulation(cell, mode));
  for (const cell of cells) {
    for (const mode of MODES) simulations.set(keyOf(cell, mode), toSimulation(cell, mode));
  }
  const results = await simulateAll(simulations);
  const figuresOf = (cell: Cell, mode: Mode): ChannelFigures => {
    const figures = results.get(keyOf(cell, mode));
    if (!figures) throw new Error(`nobody has simulated ${keyOf(cell, mode)}`);
    return figures;
  };
  const all = cells.map((cell): Row => {
    const { perDay, weather, common } = cell;
    const [single, sharded, express] = [
      figuresOf(cell, 'single'),
      figuresOf(cell, 'sharded'),
      figuresOf(cell, 'express'),
    ];
    return { perDay, days: cell.days, batch: weather.name, common, single, sharded, express };
  });
  const find = (common: number) => {
    const row = all.find(
      (one) => one.perDay === USUAL_PER_DAY && one.batch === USUAL.name && one.common === common,
    );
    if (!row) throw new Error('the usual channel was not simulated');
    return row;
  };
  const usual = find(0);
  const callS = { p50: MESSAGE.p50Ms / SECOND_MS, p90: MESSAGE.p90Ms / SECOND_MS };
  const goals: Goal[] = judge(usual, find(0.5), callS);
  const { single, sharded, express } = usual;
  return { days: usual.days, callS, single, sharded, express, goals, all };
}

/** Express calls do not depend on how long batches take: one simulation stands for all weathers. */
function toSimulation({ perDay, days, weather, common }: Cell, mode: Mode): Simulation {
  const { batch, pollMs } = mode === 'express' ? USUAL : weather;
  const latency = {
    batch: { ...batch, common: mode === 'express' ? 0 : common },
    message: MESSAGE,
  };
  return { mode, perDay, days, seed: SEED, latency, pollMs };
}

/** A few more than there are cores, for a machine that others use as well. */
const PROCESSES = availableParallelism() + 2;

async function simulateAll(
  simulations: Map<string, Simulation>,
): Promise<Map<string, ChannelFigures>> {
  const results = new Map<string, ChannelFigures>();
  // The longest first, so that none is left alone at the end.
  const size = ({ perDay, days }: Simulation) => perDay * days;
  const queue = [...simulations].sort(([, one], [, other]) => size(other) - size(one)).values();
  const workThrough = async () => {
    const { child } = await startProcess('latency/channel-worker.ts');
    for (const [key, simulation] of queue) {
      results.set(key, await simulateIn(child, simulation));
      process.stderr.write(`latency: ${results.size} of ${simulations.size} simulations\n`);
    }
    child.disconnect();
  };
  await Promise.all(Array.from({ length: PROCESSES }, workThrough));
  return results;
}

function simulateIn(child: ChildProcess, simulation: Simulation): Promise<ChannelFigures> {
  const answer = nextMessage<ChannelFigures>(child);
  child.send(simulation);
  return answer;
}
