import type pg from 'pg';
import type { Clock } from '../../../core/clock.ts';
import { backoffMs } from '../../../core/delivery/backoff.ts';
import { SECOND_MS } from '../../../core/durations.ts';
import type { Log } from '../../../core/log.ts';
import type { Guard } from './lane.ts';
import {
  ask,
  beginEpoch,
  connect,
  listFree,
  POLL_MS,
  readEpoch,
  tryLocks,
  unlock,
} from './lock-session.ts';
import { passIfLost } from './lost.ts';

/**
 * The workspaces that this process owns. A workspace belongs to one process at a time. The owner holds a lock of
 * PostgreSQL's for as long as its connection lives, so that another process can take over as soon as the owner, its
 * machine or its network has died. All locks of a process are held by one connection. An owner that does not know yet
 * that it has lost a workspace must neither write nor act: every transaction compares the owner's number, its epoch, and
 * every call to Slack or Claude waits until the lock is known to be held.
 */
export interface Locks {
  /** @returns those of the workspaces that no process has */
  listFree(teams: readonly string[]): Promise<string[]>;
  /** @returns those of the workspaces whose locks are held now; others have the rest */
  lock(teams: readonly string[]): Promise<string[]>;
  /**
   * Begins the time of a new owner, once what the one before has begun to write is done.
   * @param onLost is called when another process has taken the workspace over
   * @returns its epoch
   * @throws NotLockedError when its lock was lost with its connection, and another process may have the workspace
   */
  own(team: string, onLost: Guard['onLost']): Promise<number>;
  /**
   * Resolves when the lock of a workspace is known to be held.
   * @throws when this process has given it up; the signal's reason when it aborts first
   */
  held(team: string, signal?: AbortSignal | null): Promise<void>;
  /** Makes statements on the connection that holds the locks now. */
  ask<T>(work: (session: pg.Client) => Promise<T>): Promise<T>;
  /** Lets others take a workspace over at once. */
  release(team: string): Promise<void>;
  /** Releases all of them. */
  close(): Promise<void>;
}

/** How often the owner asks whether the connection of its locks still lives. */
const BEAT_MS = SECOND_MS;

/** The server frees the locks six seconds after it last heard of a machine (see KEEPALIVE). The owner stops before. */
const HELD_MS = 4 * SECOND_MS;

/** The lock was lost with its connection before the workspace was owned. */
export class NotLockedError extends Error {
  constructor(team: string) {
    super(`the lock of ${team} was lost before it was used`);
    this.name = 'NotLockedError';
  }
}

interface Owned {
  epoch: number;
  onLost: Guard['onLost'];
  isHeld: boolean;
}

/**
 * @param onConnected is called with each connection that is to hold the locks, before it does
 * @throws UnreachableDatabaseError
 */
export async function openLocks(
  url: string,
  {
    clock,
    log,
    onConnected = async () => {},
  }: { clock: Clock; log: Log; onConnected?: (session: pg.Client) => Promise<void> },
): Promise<Locks> {
  const begin = async () => {
    const next = await connect(url);
    try {
      await onConnected(next);
      // Others may have the locks from then on.
      next.once('end', () => {
        if (next === session) forget();
      });
      return next;
    } catch (error) {
      void next.end();
      throw error;
    }
  };
  const locked = new Set<string>();
  const owned = new Map<string, Owned>();
  const forget = () => {
    locked.clear();
    for (const workspace of owned.values()) workspace.isHeld = false;
  };
  let session = await begin();
  let answeredAt = clock.now();
  const ending = new AbortController();
  const { signal } = ending;

  const lose = (team: string, { onLost }: Owned) => {
    owned.delete(team);
    locked.delete(team);
    onLost();
  };
  /** Tries again to get what a lost connection has held. */
  const regain = async () => {
    const missing = [...owned].filter(([, { isHeld }]) => !isHeld);
    if (missing.length === 0) return;
    const free = new Set(
      await tryLocks(
        session,
        missing.map(([team]) => team),
      ),
    );
    for (const [team, workspace] of missing) {
      if (!owned.has(team)) continue;
      if ((await readEpoch(session, team)) !== workspace.epoch) {
        if (free.has(team)) await unlock(session, team);
        lose(team, workspace);
      } else if (free.has(team)) {
        workspace.isHeld = true;
        locked.add(team);
        log.info({ team }, 'the lock of the workspace is held again');
      }
    }
  };
  const beat = async () => {
    while (!signal.aborted) {
      const askedAt = clock.now();
      await ask(session, 'select');
      answeredAt = askedAt;
      await regain();
      const isWhole = owned.values().every(({ isHeld }) => isHeld);
      await clock.sleep(isWhole ? BEAT_MS : POLL_MS, signal);
    }
  };
  const reconnect = async () => {
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        const next = await begin();
        if (signal.aborted) void next.end();
        session = next;
        return;
      } catch (error) {
        log.debug({ err: error, failures }, 'the connection of the locks was tried in vain');
        await clock.sleep(Math.min(backoffMs(failures), 2 * SECOND_MS), signal);
      }
    }
  };
  const keep = async () => {
    while (!signal.aborted) {
      try {
        await beat();
      } catch (error) {
        if (signal.aborted) return;
        const reason = (error as Error).message;
        log.warn(
          { workspaces: owned.size, reason },
          'the locks of workspaces are lost with their connection',
        );
        void session.end();
        forget();
        await reconnect();
      }
    }
  };
  void keep();

  return {
    listFree: (teams) => listFree(session, teams),
    async lock(teams) {
      // A session that has a lock would get it once more.
      const others = teams.filter((team) => !locked.has(team) && !owned.has(team));
      const asked = session;
      const free = await tryLocks(asked, others);
      if (asked !== session) return [];
      for (const team of free) locked.add(team);
      return free;
    },
    async own(team, onLost) {
      const asked = session;
      if (!locked.has(team)) throw new NotLockedError(team);
      const epoch = await beginEpoch(asked, team, { clock, log });
      // Otherwise it is held once the next connection has its lock, unless another process has begun its time since.
      owned.set(team, { epoch, onLost, isHeld: asked === session && locked.has(team) });
      return epoch;
    },
    async held(team, waiting) {
      for (;;) {
        const workspace = owned.get(team);
        if (!workspace) throw new Error(`this Winnow does not work for ${team} any more`);
        const isAnswered = Math.abs(clock.now() - answeredAt) < HELD_MS;
        if (workspace.isHeld && isAnswered) return;
        waiting?.throwIfAborted();
        await clock.sleep(POLL_MS, waiting ?? undefined);
      }
    },
    ask: (work) => work(session),
    async release(team) {
      owned.delete(team);
      locked.delete(team);
      // Without its connection, the lock is gone as well.
      await unlock(session, team).catch(passIfLost);
    },
    async close() {
      ending.abort();
      owned.clear();
      await session.end();
    },
  };
}
