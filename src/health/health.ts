import { type ObservedCall as ClaudeCall, observeFetch } from '../claude/observe.ts';
import type { Clock } from '../core/clock.ts';
import { findErrorCode } from '../core/error-code.ts';
import type { Context } from '../jobs/context.ts';
import type { ObservedCall as SlackCall } from '../slack/client.ts';
import type { Db } from '../store/db/tables.ts';
import { createMetrics } from './metrics.ts';
import { startHealthServer } from './server.ts';

/** Probes and metrics of one bot, from the beginning of its start to the end of its stop. */
export interface Health {
  observeSlack(call: SlackCall): void;
  /** Options of the client for Claude that let its calls be counted. */
  claudeOptions: { fetch: typeof globalThis.fetch };
  watchDatabase(db: Db, file: string): void;
  /** The bot that `/readyz` speaks of from now on. */
  watchBot(context: Context): void;
  stop(): Promise<void>;
}

/** Between two tries to get the port. */
const POLL_MS = 200;

/**
 * @param takeOverMs in a rolling deploy the process that is about to stop has the port for so long at most
 * @throws when the port cannot be listened on
 */
export async function startHealth(port: number, clock: Clock, takeOverMs: number): Promise<Health> {
  const metrics = createMetrics(clock);
  let bot: Context | undefined;
  const listen = () => startHealthServer(port, { context: () => bot, metrics });
  const server = await takeOver(listen, clock, takeOverMs);
  const observeClaude = (call: ClaudeCall) => metrics.recordCall({ service: 'claude', ...call });
  return {
    observeSlack: (call) => metrics.recordCall({ service: 'slack', ...call }),
    claudeOptions: { fetch: observeFetch(observeClaude, clock) },
    watchDatabase: metrics.watchDatabase,
    watchBot(context) {
      bot = context;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function takeOver<T>(listen: () => Promise<T>, clock: Clock, forMs: number): Promise<T> {
  const until = clock.now() + forMs;
  for (;;) {
    try {
      return await listen();
    } catch (error) {
      if (findErrorCode(error) !== 'EADDRINUSE' || clock.now() >= until) throw error;
      await clock.sleep(POLL_MS);
    }
  }
}
