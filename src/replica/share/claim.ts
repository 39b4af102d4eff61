import type { Clock } from '../../core/clock.ts';
import { HOUR_MS, SECOND_MS } from '../../core/durations.ts';
import type { Log } from '../../core/log.ts';
import { loadOf } from '../../core/workspaces/load.ts';
import { planGiving, planTaking } from '../../core/workspaces/share.ts';
import type { ControlDb } from '../../store/workspaces/tables.ts';
import { listActiveWorkspaces } from '../../store/workspaces/workspaces.ts';
import type { Place } from '../places/place.ts';
import type { Units } from '../units.ts';

/** A process that dies is noticed by its locks, which nobody announces. */
const EVERY_MS = SECOND_MS;

/** Another replica may not take its share: what nobody has taken for so many rounds is taken by those that can. */
const LEFT_OVER_AFTER = 5;

/** A replica that takes what no other one takes gives nothing back for an hour, unless replicas come or go. */
const KEEP_MS = HOUR_MS;

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
  place: Pick<Place, 'countReplicas' | 'listFree' | 'take'>;
  units: Pick<Units, 'list' | 'has' | 'versionOf' | 'start' | 'stop'>;
  clock: Clock;
  log: Log;
}): () => Promise<number> {
  /** For how many rounds nobody has had each workspace. */
  let waiting = new Map<string, number>();
  /** When what nobody else takes was taken, and beside how many replicas. */
  let leftOver: { at: number; replicas: number } | undefined;
  /** Workspaces that are being stopped count no more. */
  const leaving = new Set<string>();
  const stop = (team: string) => {
    leaving.add(team);
    void units.stop(team).finally(() => leaving.delete(team));
  };
  const endChanged = (versions: ReadonlyMap<string, string>) => {
    for (const team of units.list()) {
      const version = versions.get(team);
      if (leaving.has(team) || version === units.versionOf(team)) continue;
      log.info({ team }, version ? 'a workspace has changed' : 'a workspace has ended');
      stop(team);
    }
  };
  /** Others may be taking as well: it goes on with what they have not taken, until it has its share. */
  const takeShare = async (
    free: readonly string[],
    { loads, replicas }: { loads: ReadonlyMap<string, number>; replicas: number },
  ): Promise<string[]> => {
    const taken: string[] = [];
    for (let rest = free; ; ) {
      const owned = [...units.list(), ...taken];
      const wanted = new Set(planTaking({ loads, owned, free: rest, replicas }));
      if (wanted.size === 0) return taken;
      taken.push(...(await place.take([...wanted])));
      rest = rest.filter((team) => !wanted.has(team));
    }
  };
  const takeLeftOver = async (free: readonly string[], replicas: number) => {
    const ignored = free.filter((team) => (waiting.get(team) ?? 0) > LEFT_OVER_AFTER);
    const taken = await place.take(ignored);
    if (taken.length > 0) leftOver = { at: clock.now(), replicas };
    return taken;
  };
  const keepsAll = (replicas: number) =>
    leftOver?.replicas === replicas && Math.abs(clock.now() - leftOver.at) < KEEP_MS;

  return async () => {
    const active = await listActiveWorkspaces(control);
    const versions = new Map(active.map(({ team, version }) => [team, version]));
    const loads = new Map(active.map(({ team, writesPerHour }) => [team, loadOf(writesPerHour)]));
    const replicas = await place.countReplicas();
    endChanged(versions);
    const owned = units.list().filter((team) => !leaving.has(team));
    const others = [...versions.keys()].filter((team) => !units.has(team));
    const free = await place.listFree(others);
    waiting = new Map(free.map((team) => [team, (waiting.get(team) ?? 0) + 1]));
    const share = await takeShare(free, { loads, replicas });
    const taken = share.length > 0 ? share : await takeLeftOver(free, replicas);
    for (const team of taken) units.start(team, versions.get(team) ?? '');
    if (taken.length > 0) {
      log.info({ workspaces: taken.length, replicas }, 'workspaces are taken');
      // There may be something left that did not fit while others had not taken theirs.
      return clock.now();
    }
    const given = keepsAll(replicas) ? [] : planGiving({ loads, owned, replicas });
    for (const team of given) stop(team);
    if (given.length > 0) {
      log.info({ workspaces: given.length, replicas }, 'workspaces are given to other replicas');
    }
    return clock.now() + EVERY_MS;
  };
}
