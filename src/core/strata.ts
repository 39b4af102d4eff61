/** How a sample is divided among groups of different sizes. */

export interface Group {
  /** Its share of the sample follows from this, in any unit. */
  size: number;
  /** How many of it can be picked. */
  pickable: number;
}

/**
 * Divides a sample: one seat for each group that has something to pick, the others in proportion to the
 * sizes. There are more seats than asked for only if there are more groups.
 * @returns the seats of each group, in the given order
 */
export function divideSeats(groups: Group[], seats: number): number[] {
  const given = groups.map(({ pickable }): number => (pickable > 0 ? 1 : 0));
  const open = given.filter((some) => some > 0).length;
  for (let left = seats - open; left > 0; left--) {
    // Sainte-Laguë: the next seat is for the group that is furthest from its share.
    let next: number | undefined;
    let furthest = -1;
    for (const [index, { size, pickable }] of groups.entries()) {
      const has = given[index] ?? 0;
      if (has >= pickable) continue;
      const claim = size / (2 * has + 1);
      if (claim > furthest) [next, furthest] = [index, claim];
    }
    if (next === undefined) break;
    given[next] = (given[next] ?? 0) + 1;
  }
  return given;
}
