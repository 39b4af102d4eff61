import { type BotExit, type BotProcess, type LogLine, startBot } from './bot-process.ts';

/**
 * Starts, stops, kills and restarts the bot's process, so that people can try what the bot promises.
 * All processes use the same database, one at a time: the next starts after the previous has ended.
 */

export type BotState =
  | { kind: 'starting' | 'running' | 'stopping'; pid: number | undefined }
  /** `failed`: it ended by itself, as `words` say; otherwise a person stopped it. */
  | { kind: 'stopped'; failed: boolean; words: string };

type BotNews =
  | { kind: 'state'; state: BotState }
  | { kind: 'log'; line: LogLine; pid: number | undefined };

export interface BotKeeper {
  state(): BotState;
  /** How many times it has been started. */
  starts(): number;
  /** Resolves when it is connected or has ended. */
  settled(): Promise<void>;
  onNews(listener: (news: BotNews) => void): () => void;
  /** Starts it; if it is running, stops it with SIGTERM first. */
  restart(): Promise<void>;
  /** SIGTERM: it finishes its work and ends. */
  stop(): Promise<void>;
  /** SIGKILL: it ends at once. */
  kill(): Promise<void>;
  /** Stops it for good, with SIGKILL after a timeout. */
  end(): Promise<void>;
}

interface Running {
  bot: BotProcess;
  /** How a person ended it; undefined while nobody has. */
  wanted: string | undefined;
}

/** Longer than the bot's own timeout for draining. */
const PATIENCE_MS = 10_000;

export function keepBot(environment: Record<string, string>): BotKeeper {
  const listeners = new Set<(news: BotNews) => void>();
  const notify = (news: BotNews) => {
    for (const listener of listeners) listener(news);
  };
  let state: BotState = { kind: 'stopped', failed: false, words: 'not started yet' };
  let running: Running | undefined;
  let starts = 0;
  let ended = false;
  let restarting: Promise<void> | undefined;

  const enter = (next: BotState) => {
    state = next;
    notify({ kind: 'state', state });
  };
  const start = () => {
    if (running || ended) return;
    const bot = startBot(environment, (line) => notify({ kind: 'log', line, pid: bot.pid }));
    const mine: Running = { bot, wanted: undefined };
    running = mine;
    starts += 1;
    enter({ kind: 'starting', pid: bot.pid });
    bot.ready.then(
      () => {
        if (state.kind === 'starting') enter({ kind: 'running', pid: bot.pid });
      },
      () => {},
    );
    void bot.exited.then((exit) => {
      running = undefined;
      const { wanted } = mine;
      enter({ kind: 'stopped', failed: !wanted, words: wanted ?? describeExit(exit) });
    });
  };
  const stop = async () => {
    if (!running) return;
    running.wanted ??= 'stopped with SIGTERM';
    if (state.kind !== 'stopping') enter({ kind: 'stopping', pid: running.bot.pid });
    await running.bot.stop();
  };
  const kill = async () => {
    if (!running) return;
    running.wanted = 'killed with SIGKILL';
    await running.bot.kill();
  };
  start();
  return {
    state: () => state,
    starts: () => starts,
    async settled() {
      await running?.bot.ready.catch(() => running?.bot.exited);
    },
    onNews(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    restart() {
      restarting ??= stop()
        .then(start)
        .finally(() => {
          restarting = undefined;
        });
      return restarting;
    },
    stop,
    kill,
    async end() {
      ended = true;
      const gaveUp = new AbortController();
      const timer = setTimeout(() => gaveUp.abort(), PATIENCE_MS);
      gaveUp.signal.addEventListener('abort', () => void kill());
      await stop();
      clearTimeout(timer);
    },
  };
}

function describeExit({ code, signal, words }: BotExit): string {
  const how = signal ? `ended by ${signal}` : `ended with ${code}`;
  return words ? `${how}: ${words}` : how;
}
