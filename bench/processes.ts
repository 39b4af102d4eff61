import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import manifest from '../package.json' with { type: 'json' };

/** The settings of `npm start`: docs/decisions/two-memory-settings.md. */
export const MEMORY_SETTINGS = manifest.scripts.start
  .split(' ')
  .filter((word) => word.startsWith('--max-'));

/** A stand-in keeps the requests of a hundred thousand messages until their batches are deleted. */
const STAND_IN_SETTINGS = ['--max-old-space-size=4096'];
const STAND_INS = new Set(['claude-process.ts', 'slack-process.ts', 'many/cloud-process.ts']);

/** Starts a script of this folder as a process; resolves with it and its first message. */
export async function startProcess<T>(
  script: string,
  args: string[] = [],
): Promise<{ child: ChildProcess; first: T }> {
  const settings = STAND_INS.has(script) ? STAND_IN_SETTINGS : MEMORY_SETTINGS;
  const child = fork(path.join(import.meta.dirname, script), args, {
    execArgv: ['--expose-gc', ...settings],
  });
  return { child, first: await nextMessage<T>(child) };
}

export function nextMessage<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) =>
      reject(new Error(`a process of the benchmark ended with ${code}`));
    child.once('exit', onExit);
    child.once('message', (message) => {
      child.off('exit', onExit);
      resolve(message as T);
    });
  });
}

/** The p-th percentile of some figures, 0 < p ≤ 100. */
export function percentile(figures: number[], p: number): number {
  const sorted = figures.toSorted((a, b) => a - b);
  return (
    sorted[Math.min(sorted.length - 1, Math.ceil((p / 100) * sorted.length) - 1)] ?? Number.NaN
  );
}
