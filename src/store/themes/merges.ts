import type { Selectable } from 'kysely';
import type { ThemeMerge } from '../../core/themes/themes.ts';
import type { Db, Tables, Tx } from '../db/tables.ts';
import { resolveTheme } from './themes.ts';
import { indexTheme, refreshTitle, unindexThemes } from './words.ts';

/**
 * Themes that may be the same: Claude proposes them; people merge them, keep them apart, or undo a
 * merge.
 */

type Merge = Selectable<Tables['theme_merges']>;

/** Proposes pairs that were not proposed before. @returns how many are new */
export async function proposeMerges(
  tx: Tx,
  { channel, run }: { channel: string; run: number },
  pairs: [number, number][],
  now: number,
): Promise<number> {
  let proposed = 0;
  for (const [first, second] of pairs) {
    const [one, other] = first < second ? [first, second] : [second, first];
    const { numInsertedOrUpdatedRows = 0n } = await tx
      .insertInto('theme_merges')
      .values({ channel, one, other, run, state: 'proposed', moved: null, by: null, at: now })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    proposed += Number(numInsertedOrUpdatedRows);
  }
  return proposed;
}

export function findMerge(db: Db | Tx, id: number) {
  return db.selectFrom('theme_merges').selectAll().where('id', '=', id).executeTakeFirst();
}

/** A summary shows this many merges, of this many of its themes. */
const MERGES_SHOWN = 5;
const THEMES_SHOWN = 100;

/** The merges that a summary shows: the newest that concern its themes and can be acted on. */
export async function listMerges(
  db: Db | Tx,
  channel: string,
  of: { id: number }[],
): Promise<ThemeMerge[]> {
  if (of.length === 0) return [];
  const themes = of.slice(0, THEMES_SHOWN).map(({ id }) => id);
  const rows = await db
    .selectFrom('theme_merges')
    .innerJoin('themes as one', 'one.id', 'theme_merges.one')
    .innerJoin('themes as other', 'other.id', 'theme_merges.other')
    .select([
      'theme_merges.id',
      'theme_merges.state',
      'theme_merges.by',
      'one.id as oneId',
      'one.title as oneTitle',
      'other.id as otherId',
      'other.title as otherTitle',
    ])
    .where('theme_merges.channel', '=', channel)
    .where((eb) =>
      eb.or([
        eb('theme_merges.state', '=', 'merged'),
        // One that was merged through another proposal asks nobody.
        eb.and([
          eb('theme_merges.state', '=', 'proposed'),
          eb('one.merged_into', 'is', null),
          eb('other.merged_into', 'is', null),
        ]),
      ]),
    )
    .where((eb) =>
      eb.or([eb('theme_merges.one', 'in', themes), eb('theme_merges.other', 'in', themes)]),
    )
    .orderBy('theme_merges.id', 'desc')
    .limit(MERGES_SHOWN)
    .execute();
  return rows.map(({ id, state, by, oneId, oneTitle, otherId, otherTitle }) => ({
    id,
    state: state === 'merged' ? 'merged' : 'proposed',
    by,
    one: { id: oneId, title: oneTitle },
    other: { id: otherId, title: otherTitle },
  }));
}

/** What a merge moved, so that it can be undone; null when the two were already one. */
interface Moved {
  from: number | null;
  ts: string[];
}

/**
 * Moves all messages of the second theme to the first, and everything that would have joined it.
 */
export async function merge(tx: Tx, id: number, by: string, now: number): Promise<void> {
  const { one, other } = await tx
    .selectFrom('theme_merges')
    .select(['one', 'other'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  // Other merges may have joined them meanwhile, with each other or not.
  const [into, from] = [await resolveTheme(tx, one), await resolveTheme(tx, other)];
  const moved: Moved = { from: null, ts: [] };
  if (into !== from) {
    const rows = await tx
      .updateTable('theme_members')
      .set({ theme: into })
      .where('theme', '=', from)
      .returning('ts')
      .execute();
    moved.from = from;
    moved.ts = rows.map(({ ts }) => ts);
    await tx.updateTable('themes').set({ merged_into: into }).where('id', '=', from).execute();
    await unindexThemes(tx, [from]);
    await indexTheme(tx, into);
  }
  await setState(tx, id, { state: 'merged', by, at: now, moved: JSON.stringify(moved) });
}

/**
 * Moves the messages that came from the other theme back, except those that people took out since.
 */
export async function unmerge(tx: Tx, id: number, by: string, now: number): Promise<void> {
  const row = await tx
    .selectFrom('theme_merges')
    .select(['channel', 'moved'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const { from, ts }: Moved = row.moved ? JSON.parse(row.moved) : { from: null, ts: [] };
  if (from !== null) {
    const into = await resolveTheme(tx, from);
    await tx.updateTable('themes').set({ merged_into: null }).where('id', '=', from).execute();
    for (let start = 0; start < ts.length; start += 1_000) {
      await tx
        .updateTable('theme_members')
        .set({ theme: from })
        .where('channel', '=', row.channel)
        .where('ts', 'in', ts.slice(start, start + 1_000))
        .where('theme', '=', into)
        .execute();
    }
    for (const theme of [from, into]) {
      await indexTheme(tx, theme);
      await refreshTitle(tx, theme);
    }
  }
  await setState(tx, id, { state: 'undone', by, at: now });
}

export async function dismissMerge(tx: Tx, id: number, by: string, now: number): Promise<void> {
  await setState(tx, id, { state: 'dismissed', by, at: now });
}

async function setState(
  tx: Tx,
  id: number,
  change: Partial<Pick<Merge, 'state' | 'by' | 'at' | 'moved'>>,
): Promise<void> {
  await tx.updateTable('theme_merges').set(change).where('id', '=', id).execute();
}
