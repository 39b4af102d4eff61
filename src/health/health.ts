import { type ObservedCall as ClaudeCall, observeFetch } from '../claude/observe.ts';
import type { Clock } from '../core/clock.ts';
import type { DatabasePlace } from '../core/database-place.ts';
import { findErrorCode } from '../core/error-code.ts';
import type { Log } from '../core/log.ts';
import type { Context } from '../jobs/context.ts';
import type { ObservedCall as SlackCall } from '../slack/client.ts';
import type { Db } from '../store/db/tables.ts';
import { createMetrics, type WorkspaceCounts } from './metrics.ts';
import { checkReadiness, checkReplica } from './readiness.ts';
import { startHealthServer, type Watched } from './server.ts';

/** Probes and metrics of one bot, from the beginning of its start to the end of its stop. */
export interface Health {
  observeSlack(call: SlackCall): void;
  /** Options of the client for Claude that let its calls be counted. */
  claudeOptions: { fetch: typeof globalThis.fetch };
  watchDatabase(db: Db, place: DatabasePlace): void;
  /** The bot that `/readyz` speaks of from now on. */
  watchBot(context: Context): void;
  /** The same, for a process that works for many workspaces. */
  watchReplica(replica: WatchedReplica): void;
  /** Resolves once the port is listened on. @throws when it cannot be */
  listening: Promise<void>;
  stop(): Promise<void>;
}

interface WatchedReplica {
  log: Log;
  tryDatabase(): Promise<void>;
  count(): Promise<WorkspaceCounts>;
}

/** Between two tries to get the port. */
const POLL_MS = 200;

/**
 * @param options.takeOverMs how long it is tried to get the port: in a rolling deploy, the process that is about to stop
 * still has it. Meanwhile everything else can be begun
 */
export function startHealth(
  port: number,
  { takeOverMs, clock, log }: { takeOverMs: number; clock: Clock; log: Log },
): Health {
  const metrics = createMetrics(clock);
  let watched: Watched | undefined;
  const stopping = new AbortController();
  const listen = () => startHealthServer(port, { watched: () => watched, metrics });
  const server = takeOver(listen, clock, {
    ...{ forMs: takeOverMs, signal: stopping.signal },
    onTaken: () => log.info({ port, takeOverMs }, 'HEALTH_PORT is in use; waiting for it'),
  });
  const listening = server.then(() => {});
  // The start reports a failure once it gets there.
  listening.catch(() => {});
  const observeClaude = (call: ClaudeCall) => metrics.recordCall({ service: 'claude', ...call });
  return {
    observeSlack: (call) => metrics.recordCall({ service: 'slack', ...call }),
    claudeOptions: { fetch: observeFetch(observeClaude, clock) },
    watchDatabase: metrics.watchDatabase,
    watchBot(context) {
      watched = { log: context.log, checkReadiness: () => checkReadiness(context) };
    },
    watchReplica(replica) {
      watched = { log: replica.log, checkReadiness: () => checkReplica(replica) };
      metrics.watchWorkspaces(replica.count);
    },
    listening,
    async stop() {
      stopping.abort();
      const taken = await server.catch(() => undefined);
      if (!taken) return;
      await new Promise<void>((resolve) => {
        taken.close(() => resolve());
        taken.closeAllConnections();
      });
    },
  };
}

async function takeOver<T>(
  listen: () => Promise<T>,
  clock: Clock,
  { forMs, signal, onTaken }: { forMs: number; signal: AbortSignal; onTaken: () => void },
): Promise<T> {
  const until = clock.now() + forMs;
  for (let waited = false; ; waited = true) {
    try {
      return await listen();
    } catch (error) {
      const isOver = clock.now() >= until || signal.aborted;
      if (findErrorCode(error) !== 'EADDRINUSE' || isOver) throw error;
      if (!waited) onTaken();
      await clock.sleep(POLL_MS, signal);
    }
  }
}
