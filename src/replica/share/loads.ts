import type { Clock } from '../../core/clock.ts';
import { MINUTE_MS, SECOND_MS } from '../../core/durations.ts';
import { averageWrites, isMuchElse, loadOf } from '../../core/workspaces/load.ts';
import type { ControlDb } from '../../store/workspaces/tables.ts';
import { listActiveWorkspaces, setWritesPerHour } from '../../store/workspaces/workspaces.ts';
import type { RunningUnit, Units } from '../units.ts';

const EVERY_MS = 10 * SECOND_MS;

/** How many loads are stored each time: a thousand that all change are stored within half an hour. */
const AT_ONCE = 5;

/** The load of a workspace is stored no sooner after its start, or after the last time. */
const STORED_MS = 10 * MINUTE_MS;

interface Measured {
  at: number;
  /** How many statements had changed its database by then. */
  writes: number;
  perHour: number;
  storedAt: number;
}

/**
 * Keeps the load of each workspace that this process works for, and tells the other processes of it by the control
 * database. An owner goes on with what the one before has stored.
 * @returns the job; it says when it wants to run next
 */
export function createLoads({
  control,
  units,
  clock,
}: {
  control: ControlDb;
  units: Pick<Units, 'find'>;
  clock: Clock;
}): () => Promise<number> {
  const known = new WeakMap<RunningUnit, Measured>();

  const measure = (unit: RunningUnit, stored: number): Measured => {
    const at = clock.now();
    const writes = unit.writes();
    const last = known.get(unit);
    const measured = last
      ? {
          ...last,
          at,
          writes,
          perHour: averageWrites(last.perHour, writes - last.writes, at - last.at),
        }
      : { at, writes, perHour: stored, storedAt: at };
    known.set(unit, measured);
    return measured;
  };
  return async () => {
    const due: { team: string; measured: Measured }[] = [];
    for (const { team, writesPerHour: stored } of await listActiveWorkspaces(control)) {
      const unit = units.find(team);
      if (!unit) continue;
      const measured = measure(unit, stored);
      const isDue = Math.abs(measured.at - measured.storedAt) >= STORED_MS;
      if (isDue && isMuchElse(loadOf(measured.perHour), loadOf(stored)))
        due.push({ team, measured });
    }
    due.sort((one, other) => one.measured.storedAt - other.measured.storedAt);
    for (const { team, measured } of due.slice(0, AT_ONCE)) {
      await setWritesPerHour(control, team, measured.perHour);
      measured.storedAt = clock.now();
    }
    return clock.now() + EVERY_MS;
  };
}
