import { spawn } from 'node:child_process';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';

/** `npm run demo` in a terminal, as a process of its own: its options, and what it counts. */

const ROOT = path.join(import.meta.dirname, '../..');
const { PATH, NODE_COMPILE_CACHE } = process.env;

async function runDemo(...args: string[]) {
  const child = spawn(process.execPath, ['demo/main.ts', ...args], {
    cwd: ROOT,
    env: { PATH, NODE_COMPILE_CACHE },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [said, warned] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await ended, said, warned };
}

test.each(['batch', 'express'])('%s: it counts the workspace and says its lane', async (lane) => {
  const options = ['--once', '--json', '--messages', '30', '--lane', lane];
  const { code, said, warned } = await runDemo(...options);
  expect(warned).toBe('');
  expect(code).toBe(0);
  const counted = JSON.parse(said);
  expect(counted).toMatchObject({ collected: 30, classified: 30, digests: 1, dead: 0, lane });
  // A batch of its stand-in takes two seconds, an express call none.
  expect(counted.firstReactionS).toBeGreaterThan(lane === 'batch' ? 2 : 0);
});

test('with no messages there is no run, no lane and no reaction', async () => {
  const { code, said } = await runDemo('--once', '--json', '--messages', '0');
  expect(code).toBe(0);
  expect(JSON.parse(said)).toMatchObject({ collected: 0, lane: null, firstReactionS: null });
});

test.each([
  [['--lane', 'fast'], '--lane takes batch or express, not "fast".'],
  [['--lane='], '--lane takes batch or express, not "".'],
  [['--messages', 'many'], '--messages takes a whole number from 0 to 20000, not "many".'],
  [['--messages='], '--messages takes a whole number from 0 to 20000, not "".'],
  [['--port', '-1.5x'], '--port'],
  [['--lanes'], "Unknown option '--lanes'"],
])('%j is refused in plain words', async (options, words) => {
  const { code, said, warned } = await runDemo('--once', '--json', ...options);
  expect(code).toBe(2);
  expect(said).toBe('');
  expect(warned).toContain(words);
  expect(warned).toContain('--help');
  expect(warned).not.toContain('    at ');
});

test('--help explains every option', async () => {
  const { code, said, warned } = await runDemo('--help');
  expect([code, warned]).toEqual([0, '']);
  const options = ['no-open', 'fake', 'port', 'once', 'json', 'people', 'messages', 'lane'];
  for (const option of options) expect(said).toContain(`--${option}`);
  expect(said).toMatch(/batch.*express/);
});
