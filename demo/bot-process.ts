import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** A line of the bot's log: pino's level (30 info, 40 warning, 50 error) and the message. */
export interface LogLine {
  level: number;
  msg: string;
  reason?: string;
}

export interface BotExit {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** The end of its stderr. */
  words: string;
}

/** The real bot as a separate process, as `npm start` runs it. */
export interface BotProcess {
  pid: number | undefined;
  /** Resolves when the bot logs that it is connected; rejects with its stderr if it ends before. */
  ready: Promise<void>;
  exited: Promise<BotExit>;
  /** Sends SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** Sends SIGKILL: the process ends without any clean-up. */
  kill(): Promise<void>;
}

/** @param onLine called for every log line; by default warnings and errors go to stderr */
export function startBot(
  environment: Record<string, string>,
  onLine: (line: LogLine, text: string) => void = showTrouble,
): BotProcess {
  const root = path.join(import.meta.dirname, '..');
  const { NODE_COMPILE_CACHE } = process.env;
  const child = spawn(process.execPath, ['src/main.ts'], {
    cwd: root,
    // Only these settings, so that the terminal's own environment changes nothing.
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
  // `close` comes after the exit, when stderr has been read.
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
  // Nobody may be waiting for `ready` when it rejects.
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

/** How many characters of stderr are kept. */
const LAST_WORDS = 10_000;

function readLine(text: string): LogLine | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    // An incomplete line: the process was killed while writing.
    return undefined;
  }
}

/** Prints the bot's warnings and errors. */
function showTrouble({ level }: LogLine, text: string): void {
  if (level >= 40) console.error(text);
}
