import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { ChangeWatch } from '../../sim/claude/change-watch.ts';

/** One process of the bot, as `npm start` starts it. */
export interface BotProcess {
  /** Waits until it has logged this. @throws when it ends before */
  logged(message: string): Promise<void>;
  /** Sends SIGTERM; resolves when it has ended. */
  stop(): Promise<{ code: number | null; ms: number }>;
  /** The errors that it has logged, and what it said on stderr. */
  errors: string[];
  kill(): void;
}

const ROOT = path.join(import.meta.dirname, '../..');
const PATIENCE_MS = 180_000;
/** pino's level `error`. */
const ERROR = 50;

export function startBot(environment: Record<string, string>): BotProcess {
  const child = spawn(process.execPath, ['src/main.ts'], {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE:
        process.env.NODE_COMPILE_CACHE ?? path.join(ROOT, 'node_modules/.cache/winnow-rolling'),
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = () => void child.kill('SIGKILL');
  // Nobody else is left to stop it when this process ends early.
  process.once('exit', kill);
  const said = new Set<string>();
  const errors: string[] = [];
  const changes = new ChangeWatch();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { msg, level } = JSON.parse(line) as { msg: string; level: number };
    if (level >= ERROR) errors.push(line);
    said.add(msg);
    changes.notify();
  });
  createInterface({ input: child.stderr }).on('line', (line) => void errors.push(line));
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      process.off('exit', kill);
      resolve(code);
    });
  });
  return {
    logged(message) {
      const found = changes.waitFor(() => said.has(message), {
        timeoutMs: PATIENCE_MS,
        what: `"${message}"`,
      });
      const tooEarly = ended.then((code) => {
        const words = errors.join('\n');
        throw new Error(`the bot ended with ${code} before it logged "${message}": ${words}`);
      });
      return Promise.race([found.then(() => {}), tooEarly]);
    },
    async stop() {
      const began = performance.now();
      child.kill('SIGTERM');
      const code = await ended;
      return { code, ms: performance.now() - began };
    },
    errors,
    kill,
  };
}
