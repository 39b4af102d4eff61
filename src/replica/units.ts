import { backoffMs } from '../core/delivery/backoff.ts';
import { MINUTE_MS } from '../core/durations.ts';
import { InFlight } from '../listeners/in-flight.ts';
import type { Stopped } from '../start/workspace.ts';
import { NotLockedError } from '../store/db/postgres/locks.ts';
import type { Place } from './places/place.ts';
import { createTurns, type Turns } from './turns.ts';
import { NotInstalledError, type Shared, startUnit, type Unit } from './unit.ts';

/** The workspaces that this process works for, and those that it has and cannot start yet. */
export interface Units {
  /** The workspaces that this process has, running or not. */
  list(): string[];
  has(team: string): boolean;
  /** @returns the workspace, if it runs: the same for as long as it does */
  find(team: string): RunningUnit | undefined;
  /** Whether it was tried in vain to start a workspace; it is tried again. */
  couldNotStart(team: string): boolean;
  /** What a workspace was started with: it is to be started again when that has changed. */
  versionOf(team: string): string | undefined;
  /** Starts a workspace that this process has taken; tries again until it runs, or is stopped. */
  start(team: string, version: string): void;
  /** Stops a workspace and lets others take it. */
  stop(team: string): Promise<Stopped>;
  /** @returns `too long` when one of them was not done in time, or could not be closed */
  stopAll(): Promise<Stopped>;
}

export interface RunningUnit extends Omit<Unit, 'drain' | 'close'> {
  /** Lets nobody take the workspace before the work is done. */
  track<T>(work: Promise<T>): Promise<T>;
}

interface Entry {
  version: string;
  /** Undefined until it has started. */
  unit?: Unit;
  /** The unit, as long as it takes work. */
  running?: RunningUnit;
  couldNotStart: boolean;
  handling: InFlight;
  stopping: AbortController;
  started: Promise<void>;
  /** Resolves when it has ended. */
  ended?: Promise<Stopped>;
}

/** A start reads much of a workspace's database: a process that takes over hundreds does so many at once. */
const AT_ONCE = 8;

/** @param onRunning is called when a workspace has begun to run */
export function createUnits(
  shared: Shared,
  place: Place,
  { onRunning, onReleased }: { onRunning(team: string): void; onReleased(team: string): void },
): Units {
  const { clock, log } = shared;
  const entries = new Map<string, Entry>();
  const slots = createSlots(AT_ONCE);
  const turns = createTurns(clock);

  const startPatiently = async (team: string, entry: Entry) => {
    const { signal } = entry.stopping;
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        const startNow = async () => {
          if (signal.aborted) return undefined;
          const onLost = () => {
            // Each transaction that has begun says so.
            if (entry.ended) return;
            log.error({ team }, 'another Winnow has taken over a workspace; it ends here');
            void end(team);
          };
          const open = (begun: AsyncDisposableStack) => place.open(team, begun, onLost);
          return startUnit(shared, team, { open, turn: turns.next() });
        };
        const unit = await turns.start(() => slots(startNow));
        if (!unit) return;
        entry.unit = unit;
        entry.running = runUntilClosed(unit, entry.handling, turns);
        return onRunning(team);
      } catch (error) {
        // What takes and gives back workspaces stops it, within a second.
        if (error instanceof NotInstalledError) return;
        // Another process may have it, or this one takes it again.
        if (error instanceof NotLockedError) return void end(team);
        entry.couldNotStart = true;
        const waitMs = Math.min(backoffMs(failures), 5 * MINUTE_MS);
        log.error({ err: error, team, failures }, 'a workspace could not be started; trying again');
        await clock.sleep(waitMs, signal);
      }
    }
  };
  const stopEntry = async (team: string, entry: Entry): Promise<Stopped> => {
    entry.stopping.abort();
    await entry.started;
    const { unit } = entry;
    try {
      // People are answered until the jobs are done.
      const drained = await unit?.drain();
      delete entry.running;
      await entry.handling.drained();
      await unit?.close();
      return drained ?? 'drained';
    } finally {
      await place.release(team);
    }
  };
  const end = async (team: string): Promise<Stopped> => {
    const entry = entries.get(team);
    if (!entry) return 'drained';
    entry.ended ??= stopEntry(team, entry)
      .catch((error: unknown) => {
        log.error({ err: error, team }, 'a workspace did not end as it should');
        return 'too long' as const;
      })
      .finally(() => {
        entries.delete(team);
        onReleased(team);
      });
    return entry.ended;
  };
  return {
    list: () => [...entries.keys()],
    has: (team) => entries.has(team),
    find: (team) => entries.get(team)?.running,
    couldNotStart(team) {
      const entry = entries.get(team);
      return entry !== undefined && !entry.unit && entry.couldNotStart;
    },
    versionOf: (team) => entries.get(team)?.version,
    start(team, version) {
      const entry: Entry = {
        version,
        couldNotStart: false,
        handling: new InFlight(),
        stopping: new AbortController(),
        started: Promise.resolve(),
      };
      entries.set(team, entry);
      entry.started = startPatiently(team, entry);
    },
    stop: end,
    async stopAll() {
      const all = await Promise.all([...entries.keys()].map(end));
      return all.includes('too long') ? 'too long' : 'drained';
    },
  };
}

/** The unit is not closed before what it does by this is done. */
const runUntilClosed = (unit: Unit, handling: InFlight, turns: Turns): RunningUnit => ({
  ...unit,
  handle: (event) => handling.track(turns.handle(() => unit.handle(event))),
  measure: () => handling.track(unit.measure()),
  track: (work) => handling.track(work),
});

/** Lets so many tasks go on at once; the others wait for their turn. */
function createSlots(free: number) {
  const waiting: (() => void)[] = [];
  let left = free;
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (left === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    else left -= 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else left += 1;
    }
  };
}
