import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';

/** `npm run sim` prints what a bot of one's own is started with. */

const ROOT = path.join(import.meta.dirname, '../..');

function start(file: string, args: string[] = [], settings: Record<string, string> = {}) {
  const child = spawn(process.execPath, [path.join(ROOT, file), ...args], {
    env: { PATH: process.env.PATH, ...settings },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const stop = async () => {
    child.kill('SIGTERM');
    await once(child, 'close');
  };
  return { lines: createInterface({ input: child.stdout }), stop };
}

async function startSim() {
  const { lines, stop } = start('sim/main.ts', ['--slack-port', '0', '--claude-port', '0']);
  const environment: Record<string, string> = {};
  for await (const line of lines) {
    const [, name, value] = /^export (\w+)=(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) environment[name] = value;
    else if (Object.keys(environment).length > 0) break;
  }
  return { environment, stop };
}

test('a bot starts with it, also with the workspace of the next time', async () => {
  for (let n = 0; n < 2; n++) {
    const sim = await startSim();
    const bot = start('src/main.ts', [], sim.environment);
    const messages: unknown[] = [];
    for await (const line of bot.lines) {
      messages.push((JSON.parse(line) as { msg: unknown }).msg);
      if (messages.at(-1) === 'ready') break;
    }
    expect(messages).toContain('ready');
    await bot.stop();
    await sim.stop();
  }
});
