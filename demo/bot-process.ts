import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** A line of the bot's log: pino's level (30 info, 40 a warning, 50 an error) and its message. */
export interface LogLine {
  level: number;
  msg: string;
  reason?: string;
}

export interface BotExit {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** What it said on stderr. */
  words: string;
}

/** The real bot, as a process of its own: what `npm start` runs. */
export interface BotProcess {
  pid: number | undefined;
  /** Resolves when it logs that it is connected; rejects with its words when it ends before. */
  ready: Promise<void>;
  exited: Promise<BotExit>;
  /** SIGTERM, and its exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL: it can do nothing more, not even let go of what it holds. */
  kill(): Promise<void>;
}

/** @param onLine told of every line that it logs; left out, warnings and errors go to stderr */
export function startBot(
  environment: Record<string, string>,
  onLine: (line: LogLine, text: string) => void = showTrouble,
): BotProcess {
  const root = path.join(import.meta.dirname, '..');
  const { NODE_COMPILE_CACHE } = process.env;
  const child = spawn(process.execPath, ['src/main.ts'], {
    cwd: root,
    // Only what is documented, so that a setting of this terminal's changes nothing.
    env: {
      PATH: process.env.PATH,
      ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE }),
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    words = (words + chunk).slice(-LAST_WORDS);
  });
  // `close`: after its exit, when its last words have been read.
  const exited = new Promise<BotExit>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal, words: words.trim() })),
  );
  const ready = new Promise<void>((resolve, reject) => {
    child.once('error', (error) => reject(error));
    createInterface({ input: child.stdout }).on('line', (text) => {
      const line = readLine(text);
      if (!line) return;
      if (line.msg === 'ready') resolve();
      onLine(line, text);
    });
    void exited.then(({ code }) => reject(new Error(`The bot ended with ${code}.\n${words}`)));
  });
  // Ending after it was ready is no failure of `ready`.
  ready.catch(() => {});
  return {
    pid: child.pid,
    ready,
    exited,
    async stop() {
      child.kill('SIGTERM');
      return (await exited).code;
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** A stack is cut rather than kept for ever. */
const LAST_WORDS = 10_000;

function readLine(text: string): LogLine | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    // Half a line: it was killed while it wrote.
    return undefined;
  }
}

/** Warnings and errors of the bot are worth seeing, whatever is shown besides. */
function showTrouble({ level }: LogLine, text: string): void {
  if (level >= 40) console.error(text);
}
