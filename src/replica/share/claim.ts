import type { Clock } from '../../core/clock.ts';
import { SECOND_MS } from '../../core/durations.ts';
import type { Log } from '../../core/log.ts';
import { planShare } from '../../core/workspaces/share.ts';
import type { ControlDb } from '../../store/workspaces/tables.ts';
import { listActiveWorkspaces } from '../../store/workspaces/workspaces.ts';
import type { Place } from '../places/place.ts';
import type { Units } from '../units.ts';

/** A process that dies is noticed by its locks, which nobody announces. */
const EVERY_MS = SECOND_MS;

/** Another replica may not take its share: what nobody has taken for so many rounds is taken by those that can. */
const LEFT_OVER_AFTER = 5;

/**
 * Decides which workspaces this process works for: it takes its share of those that no process has, gives back what is
 * too much, and ends what has been uninstalled.
 * @returns the job; it says when it wants to run next
 */
export function createClaim({
  control,
  place,
  units,
  clock,
  log,
}: {
  control: ControlDb;
  place: Place;
  units: Units;
  clock: Clock;
  log: Log;
}): () => Promise<number> {
  /** For how many rounds nobody has had each workspace. */
  let waiting = new Map<string, number>();
  /** Workspaces that are being stopped count no more. */
  const leaving = new Set<string>();
  const stop = (team: string) => {
    leaving.add(team);
    void units.stop(team).finally(() => leaving.delete(team));
  };
  return async () => {
    const active = new Map(
      (await listActiveWorkspaces(control)).map(({ team, version }) => [team, version]),
    );
    const replicas = await place.countReplicas();
    for (const team of units.list()) {
      const version = active.get(team);
      if (leaving.has(team) || version === units.versionOf(team)) continue;
      log.info({ team }, version ? 'a workspace has changed' : 'a workspace has ended');
      stop(team);
    }
    const owned = units.list().filter((team) => !leaving.has(team));
    const others = [...active.keys()].filter((team) => !units.has(team));
    const change = planShare({ active: active.size, owned: owned.length, replicas });
    const free = await place.listFree(others);
    waiting = new Map(free.map((team) => [team, (waiting.get(team) ?? 0) + 1]));
    const leftOver = free.filter((team) => (waiting.get(team) ?? 0) > LEFT_OVER_AFTER);
    const taken =
      change > 0 ? await place.take(free, change) : await place.take(leftOver, leftOver.length);
    for (const team of taken) units.start(team, active.get(team) ?? '');
    if (taken.length > 0) {
      log.info({ workspaces: taken.length, replicas }, 'workspaces are taken');
    } else if (change < 0) {
      for (const team of owned.slice(change)) stop(team);
      log.info({ workspaces: -change, replicas }, 'workspaces are given to other replicas');
    }
    return clock.now() + EVERY_MS;
  };
}
