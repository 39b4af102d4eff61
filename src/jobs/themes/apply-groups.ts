import type { Group } from '../../core/themes/grouping.ts';
import type { Tx } from '../../store/db/tables.ts';
import { listForgotten } from '../../store/privacy/remembered.ts';
import type { Run } from '../../store/runs/runs.ts';
import type { Ungrouped } from '../../store/themes/groupings.ts';
import { proposeMerges } from '../../store/themes/merges.ts';
import { addThemes, joinThemes, readThemeSizes, resolveTheme } from '../../store/themes/themes.ts';
import { chunksOf, createPause } from '../slices.ts';

/**
 * Turns Claude's groups into themes, in one transaction: new themes, larger themes, and proposed
 * merges.
 */

/** Themes to add between two looks at the time. */
const THEMES_AT_ONCE = 10;

/**
 * @param gists everything that Claude was asked about: what is in no group becomes a theme of its
 * own
 * @returns how many merges are proposed
 */
export async function applyGroups(
  tx: Tx,
  run: Run,
  gists: Ungrouped[],
  groups: Group[],
  now: number,
): Promise<number> {
  // Some may have been forgotten while Claude was asked.
  const forgotten = await listForgotten(
    tx,
    run.channel,
    gists.map(({ ts }) => ts),
  );
  const left = new Set(gists.filter(({ ts }) => !forgotten.has(ts)));
  const joining = new Map<number, Ungrouped[]>();
  const fresh: Ungrouped[][] = [];
  const pairs: [number, number][] = [];
  const pause = createPause();
  for (const group of groups) {
    const members = group.gists
      .flatMap((index) => gists[index] ?? [])
      .filter(({ ts }) => !forgotten.has(ts));
    const known = await sortThemes(tx, group.themes);
    const [theme] = known.several.length > 0 ? known.several : known.alone;
    const allowed: Ungrouped[] = [];
    for (const member of members) {
      if (!(await wasTakenOut(tx, member, theme))) allowed.push(member);
    }
    for (const member of allowed) left.delete(member);
    if (theme === undefined) {
      if (allowed.length > 0) fresh.push(allowed);
      continue;
    }
    for (const member of allowed) push(joining, theme, member);
    // Nobody has seen a theme of one: its message joins as a new one would.
    for (const alone of known.alone) {
      if (alone === theme) continue;
      for (const member of known.membersOf.get(alone) ?? []) push(joining, theme, member);
    }
    pairs.push(...known.several.slice(1).map((other): [number, number] => [theme, other]));
    await pause();
  }
  for (const [theme, members] of joining) {
    await joinThemes(tx, run.channel, new Map([[theme, members]]), now);
    await pause();
  }
  const alone = [...left].map((one) => [one]);
  for (const some of chunksOf([...fresh, ...alone], THEMES_AT_ONCE)) {
    await addThemes(tx, { channel: run.channel, run: run.id }, some, now);
    await pause();
  }
  return proposeMerges(tx, { channel: run.channel, run: run.id }, pairs, now);
}

/**
 * The themes of a group: those of several messages, oldest first, and those of one that no person
 * put there; other themes of one stay where they are.
 */
async function sortThemes(tx: Tx, ids: number[]) {
  const roots = new Set<number>();
  for (const id of ids) roots.add(await resolveTheme(tx, id));
  const sizes = await readThemeSizes(tx, [...roots]);
  const sorted = sizes.sort((one, other) => one.id - other.id);
  const alone = sorted.filter(({ total, person }) => total === 1 && person === null);
  return {
    several: sorted.filter(({ total }) => total >= 2).map(({ id }) => id),
    alone: alone.map(({ id }) => id),
    membersOf: new Map(alone.map(({ id, member }) => [id, member ? [member] : []])),
  };
}

/** People took it out of this theme, and Claude never puts it back. */
export async function wasTakenOut(tx: Tx, { takenFrom }: Ungrouped, theme: number | undefined) {
  return takenFrom !== null && theme !== undefined && (await resolveTheme(tx, takenFrom)) === theme;
}

export function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
