import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';

/** `npm run demo` as a separate process: it prints its address, and Ctrl-C leaves nothing behind. */

const ROOT = path.join(import.meta.dirname, '../..');
const { PATH, NODE_COMPILE_CACHE } = process.env;
const ENVIRONMENT = { PATH, NODE_COMPILE_CACHE };

interface Running {
  child: ChildProcess;
  /** The folder for its files and the bot's. */
  folder: string;
  /** The address that it prints. */
  url: Promise<string>;
  ended: Promise<number | null>;
}

function runDemo(settings: Record<string, string> = {}): Running {
  const folder = mkdtempSync(path.join(tmpdir(), 'winnow-test-'));
  const child = spawn(process.execPath, ['demo/main.ts', '--no-open', '--port', '0'], {
    cwd: ROOT,
    env: { ...ENVIRONMENT, TMPDIR: folder, ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
    // Its own process group, so that the test can check whether any process is left.
    detached: true,
  });
  onTestFinished(() => {
    if (isAnybodyLeft(child)) process.kill(-Number(child.pid), 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  const url = new Promise<string>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [found] = /http:\/\/\S+/.exec(line) ?? [];
      if (found) resolve(found);
    });
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { child, folder, url, ended };
}

function isAnybodyLeft({ pid }: ChildProcess): boolean {
  try {
    return process.kill(-Number(pid), 0);
  } catch {
    return false;
  }
}

/** Resolves when it has created its folder. */
function begun(folder: string): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(folder, check);
    function check() {
      if (!readdirSync(folder).some((name) => name.startsWith('winnow-demo-'))) return;
      watcher.close();
      resolve();
    }
    check();
  });
}

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s while it runs', async (signal) => {
  const { child, folder, url, ended } = runDemo();
  const address = await url;
  expect((await fetch(address)).status).toBe(200);
  expect(readdirSync(folder)).not.toEqual([]);
  child.kill(signal);
  expect(await ended).toBe(0);
  expect(isAnybodyLeft(child)).toBe(false);
  expect(readdirSync(folder)).toEqual([]);
  await expect(fetch(address)).rejects.toThrow();
});

test.each(['SIGINT', 'SIGTERM'] as const)('%s while it starts', async (signal) => {
  const { child, folder, ended } = runDemo();
  await begun(folder);
  child.kill(signal);
  expect(await ended).toBe(0);
  expect(isAnybodyLeft(child)).toBe(false);
  expect(readdirSync(folder)).toEqual([]);
});

test('Ctrl-C in a terminal also reaches the bot directly', async () => {
  const { child, folder, url, ended } = runDemo();
  await url;
  process.kill(-Number(child.pid), 'SIGINT');
  expect(await ended).toBe(0);
  expect(isAnybodyLeft(child)).toBe(false);
  expect(readdirSync(folder)).toEqual([]);
});

test('a second demo uses another port', async () => {
  const one = runDemo();
  const { port } = new URL(await one.url);
  const other = spawn(process.execPath, ['demo/main.ts', '--no-open', '--port', port], {
    cwd: ROOT,
    env: { ...ENVIRONMENT, TMPDIR: one.folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void other.kill('SIGKILL'));
  const ended = new Promise((resolve) => other.once('exit', resolve));
  const words = await new Promise<string>((resolve) => {
    let said = '';
    other.stdout.on('data', (chunk) => {
      said += chunk;
      if (said.includes('Ctrl-C')) resolve(said);
    });
  });
  expect(words).toMatch(/http:\/\/127\.0\.0\.1:\d+\//);
  expect(words).not.toContain(`:${port}/`);
  other.kill('SIGINT');
  expect(await ended).toBe(0);
  expect((await fetch(await one.url)).status).toBe(200);
  one.child.kill('SIGINT');
  await one.ended;
});
