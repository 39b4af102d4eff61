import { expect, test } from 'vitest';
import { playDay } from './day.ts';
import { drawMixtures, type Mixture } from './mixture.ts';
import { listBroken } from './promises.ts';

/**
 * Random mixtures of faults, each with a day in the middle of them: whatever fails, everything is
 * judged and shown once when it is over. `FAULT_SEED=n` draws others; a failure says its seed.
 * `FAULT_MIXTURES=n` plays more or fewer. Four test files play a quarter of them each, so that they
 * run side by side.
 */

const SEED = Number(process.env.FAULT_SEED ?? 20_261_122);
const COUNT = Number(process.env.FAULT_MIXTURES ?? 200);

/** Days side by side: they mostly wait for faults. */
const AT_ONCE = 8;

const mixtures = drawMixtures(SEED, COUNT).map((mixture, index) => ({ ...mixture, index }));

const QUARTER = Math.ceil(COUNT / 4);

export function playQuarter(quarter: 1 | 2 | 3 | 4): void {
  const begin = (quarter - 1) * QUARTER;
  const groups = Array.from({ length: Math.ceil(QUARTER / AT_ONCE) }, (_, group) => ({
    first: begin + group * AT_ONCE,
    last: Math.min(COUNT, begin + Math.min(QUARTER, (group + 1) * AT_ONCE)) - 1,
  }));
  test.each(groups)(`mixtures $first to $last of seed ${SEED}`, async ({ first, last }) => {
    const broken = await Promise.all(mixtures.slice(first, last + 1).map(describeBroken));
    expect(broken.filter(Boolean).join('\n\n')).toBe('');
  });
}

async function describeBroken({ index, ...mixture }: Mixture & { index: number }): Promise<string> {
  const broken = await playDay(mixture)
    .then(listBroken)
    .catch((error: unknown) => [error instanceof Error ? (error.stack ?? error.message) : error]);
  if (broken.length === 0) return '';
  const faults = mixture.faults.map(({ moment, name }) => `  before moment ${moment}: ${name}`);
  return [`FAULT_SEED=${SEED}, mixture ${index}:`, ...faults, ...broken].join('\n');
}
