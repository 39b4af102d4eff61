import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { flatten } from '../../bench/flatten.ts';

/** The benchmark is run by hand: what it measures changes while nobody looks. Its figures are not judged here. */

const run = promisify(execFile);
const MAIN = path.join(import.meta.dirname, '../../bench/main.ts');

// They mostly wait for Slack's limits.
test.concurrent.each([
  { parts: ['publishing', 'intake'] },
  { parts: ['reacting', 'collecting', 'command'] },
])('these parts of the benchmark come to their end: $parts', async ({ parts }) => {
  const args = ['--only', parts.join(','), '--rows', '300', '--json'];
  const { stdout } = await run(process.execPath, [MAIN, ...args]);
  const figures = JSON.parse(stdout) as Record<string, object>;
  expect(Object.keys(figures)).toEqual(expect.arrayContaining(parts));
  const missing = Object.entries(flatten(figures)).filter(([, value]) => !Number.isFinite(value));
  expect(missing).toEqual([]);
});
