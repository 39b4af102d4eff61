import { IDLE_LOAD } from './load.ts';

/**
 * How workspaces are spread over the processes that work for them ("replicas"): by their load. Each replica decides by
 * itself, from the same loads, and does not know what each other one has.
 *
 * Moving a workspace costs its people a second. So a replica gives some back only when it has clearly too much, and every
 * move makes the two replicas more alike: whoever takes a workspace has less afterwards than the one that gave it had
 * before. So the sum of the squares of their loads falls with each move, and at some time nothing moves any more.
 */

/** The load of each workspace that there is. */
type Loads = ReadonlyMap<string, number>;

/**
 * A workspace with more load than a replica's share, called huge, has a replica for itself. The others share the rest.
 * @param replicas how many there are
 */
function divide(loads: Loads, replicas: number) {
  let sharers = Math.max(1, replicas);
  let rest = loads.values().reduce((sum, load) => sum + load, 0);
  for (const load of [...loads.values()].sort((a, b) => b - a)) {
    if (load * sharers <= rest) break;
    rest -= load;
    sharers -= 1;
  }
  /** The share of each of the `sharers` in `rest`. */
  return { share: rest / sharers, rest, sharers };
}

/** @returns the workspaces with their loads, the largest first */
const sort = (teams: readonly string[], loads: Loads) =>
  teams
    .map((team) => ({ team, load: loads.get(team) ?? 0 }))
    .sort((one, other) => other.load - one.load);

const sum = (workspaces: readonly { load: number }[]): number =>
  workspaces.reduce((total, { load }) => total + load, 0);

/**
 * A replica takes what fits into its share. What does not fit goes to one that has less than they have on average.
 * @param owned the workspaces of this replica
 * @param free those that no replica has
 * @returns those of them that this one takes
 */
export function planTaking({
  loads,
  owned,
  free,
  replicas,
}: {
  loads: Loads;
  owned: readonly string[];
  free: readonly string[];
  replicas: number;
}): string[] {
  const { share, rest, sharers } = divide(loads, replicas);
  const candidates = sort(free, loads);
  const small = candidates.filter(({ load }) => load <= share);
  let left = sum(small);
  /** How many replicas have no huge workspace now. */
  const withoutHuge = sharers + candidates.length - small.length;
  let own = sum(sort(owned, loads));
  const taken: string[] = [];
  for (const { team, load } of candidates) {
    // Shares are no whole numbers of workspaces: less than an idle one too much is not too much.
    const fits = own + load < share + IDLE_LOAD;
    const isBelowAverage = own * withoutHuge <= rest - left;
    if (!fits && !isBelowAverage) continue;
    taken.push(team);
    own += load;
    if (load <= share) left -= load;
  }
  return taken;
}

/**
 * @param owned the workspaces of this replica, in the order in which it has taken them
 * @returns those of them that it gives back, the newest of equals; never its largest one
 */
export function planGiving({
  loads,
  owned,
  replicas,
}: {
  loads: Loads;
  owned: readonly string[];
  replicas: number;
}): string[] {
  const { share, sharers } = divide(loads, replicas);
  const [largest] = sort(owned, loads);
  // The newest may not even have been started yet.
  const newest = owned.filter((team) => team !== largest?.team).toReversed();
  const others = sort(newest, loads);
  let excess = (largest?.load ?? 0) + sum(others) - Math.max(share, largest?.load ?? 0);
  const tolerated = Math.max(IDLE_LOAD, share / 10);
  if (excess <= tolerated) return [];
  const given: string[] = [];
  for (const { team, load } of others) {
    if (load > excess) continue;
    given.push(team);
    excess -= load;
  }
  if (given.length > 0) return given;
  // Each is larger than the excess. Whoever takes the smallest has less than the average, and may still be better off.
  const smallest = others.at(-1);
  const gain = excess - ((smallest?.load ?? 0) * (sharers - 1)) / sharers;
  return smallest && gain >= tolerated ? [smallest.team] : [];
}
