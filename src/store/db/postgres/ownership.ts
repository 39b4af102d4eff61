import type { Clock } from '../../../core/clock.ts';
import type { Log } from '../../../core/log.ts';
import type { Guard } from './lane.ts';
import { POLL_MS } from './lock-session.ts';
import { type Locks, openLocks } from './locks.ts';

/** A process that owns one workspace: see locks.ts. */
export interface Ownership {
  epoch: number;
  /**
   * Resolves when the lock is known to be held.
   * @throws the signal's reason when it aborts first
   */
  held(signal?: AbortSignal | null): Promise<void>;
  /** Lets others take the workspace over at once. */
  release(): Promise<void>;
}

/** Another process has the workspace, and has not left in time. */
export class WorkspaceInUseError extends Error {
  constructor(team: string) {
    super(
      `another Winnow is running for the workspace ${team} on this database; stop it first, or give this one another DATABASE_URL`,
    );
    this.name = 'WorkspaceInUseError';
  }
}

interface Options {
  /** How long to wait for another process to leave, in ms. A process that takes over is ready soon after. */
  takeOverMs: number;
  clock: Clock;
  log: Log;
  /** Brings the tables up to date. Is called once the lock is held, before anything is written. */
  prepare(): Promise<void>;
  /** Is called when another process has taken the workspace over. */
  onLost: Guard['onLost'];
}

/** @throws WorkspaceInUseError when another process has not left in time */
export async function takeOver(url: string, team: string, options: Options): Promise<Ownership> {
  const locks = await openLocks(url, options);
  try {
    await lockWhenFree(locks, team, options);
    await options.prepare();
    return {
      epoch: await locks.own(team, options.onLost),
      held: (signal) => locks.held(team, signal),
      release: () => locks.close(),
    };
  } catch (error) {
    await locks.close();
    throw error;
  }
}

async function lockWhenFree(
  locks: Locks,
  team: string,
  { takeOverMs, clock, log }: Options,
): Promise<void> {
  const until = clock.now() + takeOverMs;
  for (let waited = false; (await locks.lock([team])).length === 0; waited = true) {
    if (clock.now() >= until) throw new WorkspaceInUseError(team);
    if (!waited) {
      log.info({ takeOverMs }, 'another Winnow has the database; waiting for it to stop');
    }
    await clock.sleep(POLL_MS);
  }
}
