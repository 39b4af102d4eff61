/**
 * How workspaces are spread over the processes that work for them ("replicas"): each has as many as any other. A little
 * unevenness costs less than moving workspaces, so a replica gives some back only when it has clearly too many.
 * @param active how many workspaces there are
 * @param owned how many of them this replica has
 * @param replicas how many replicas there are, this one included
 * @returns how many more it may take (positive), or gives back (negative)
 */
export function planShare({
  active,
  owned,
  replicas,
}: {
  active: number;
  owned: number;
  replicas: number;
}): number {
  const share = Math.ceil(active / Math.max(1, replicas));
  if (owned <= share) return share - owned;
  const tolerated = share + Math.max(1, Math.floor(share / 10));
  return owned > tolerated ? share - owned : 0;
}
