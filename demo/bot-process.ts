import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** The real bot, as a process of its own: what `npm start` runs. */
export interface BotProcess {
  /** Resolves when it logs that it is connected; rejects with its words when it ends before. */
  ready: Promise<void>;
  /** SIGTERM, and its exit code. */
  stop(): Promise<number | null>;
}

export function startBot(environment: Record<string, string>): BotProcess {
  const root = path.join(import.meta.dirname, '..');
  const child = spawn(process.execPath, ['src/main.ts'], {
    cwd: root,
    // Only what is documented, so that a setting of this terminal's changes nothing.
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    words += chunk;
  });
  const ready = new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.includes('"msg":"ready"')) resolve();
      // Warnings and errors of the bot are worth seeing, whatever is shown besides.
      if (/"level":[4-6]0/.test(line)) console.error(line);
    });
    child.once('exit', (code) => reject(new Error(`The bot ended with ${code}.\n${words}`)));
  });
  // Ending after it was ready is no failure of `ready`.
  ready.catch(() => {});
  return {
    ready,
    async stop() {
      child.kill('SIGTERM');
      return exited;
    },
  };
}
