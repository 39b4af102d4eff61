import { MINUTE_MS } from '../core/durations.ts';
import type { Context } from '../jobs/context.ts';
import { tryWriting } from '../store/health/facts.ts';

/** Whether the bot can do its work now: it hears Slack, it can write, and it reads history. */

export interface Readiness {
  ready: boolean;
  /** What is wrong with each, in a few words; null where nothing is. */
  checks: Record<string, string | null>;
}

/** A sweep comes every three minutes. */
const SWEEP_LATE_MS = 15 * MINUTE_MS;

export async function checkReadiness({
  db,
  clock,
  connection,
}: Pick<Context, 'db' | 'clock' | 'connection'>): Promise<Readiness> {
  const { sweptAt } = connection;
  const checks = {
    connection: connection.isConnected ? null : 'not connected to Slack',
    database: await tryWriting(db).then(
      () => null,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    ),
    sweep:
      sweptAt !== null && Math.abs(clock.now() - sweptAt) < SWEEP_LATE_MS
        ? null
        : 'no channel history was read in the last 15 minutes',
  };
  return { ready: Object.values(checks).every((wrong) => wrong === null), checks };
}

/** A process that works for many workspaces: one that has trouble of its own keeps no other from being served. */
export async function checkReplica({
  tryDatabase,
}: {
  /** @throws when nothing can be stored */
  tryDatabase(): Promise<void>;
}): Promise<Readiness> {
  const wrong = await tryDatabase().then(
    () => null,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  return { ready: wrong === null, checks: { database: wrong } };
}
