import type { Db, Tx } from '../db/tables.ts';
import { addTexts } from '../text-index/similar-texts.ts';
import { selectMembers } from './members.ts';
import { addWords, joinWords, refreshTitle, type ThemeTitle } from './words.ts';

/** Themes and their messages. A message is in at most one theme. */

/** A message on its way into a theme. */
export interface NewMember {
  ts: string;
  revision: number;
  gist: string;
}

/**
 * Records the themes that each message of a batch is offered, to check its answer. Runs in the
 * transaction that makes the batch `submitting`.
 */
export async function recordOfferedThemes(
  tx: Tx,
  batch: number,
  offered: Map<string, ThemeTitle[]>,
  {
    only,
    pause = async () => {},
  }: { only?: string[] | undefined; pause?: () => Promise<void> } = {},
): Promise<void> {
  // Left from a submission that was not made.
  await tx
    .updateTable('requests')
    .set({ themes: null })
    .where('batch', '=', batch)
    .$if(only !== undefined, (query) => query.where('ts', 'in', only ?? []))
    .where('themes', 'is not', null)
    .execute();
  for (const [ts, themes] of offered) {
    await tx
      .updateTable('requests')
      .set({ themes: JSON.stringify(themes.map(({ id }) => id)) })
      .where('batch', '=', batch)
      .where('ts', '=', ts)
      .execute();
    await pause();
  }
}

/** The theme that counts: what it was merged into, if it was. */
export async function resolveTheme(db: Db | Tx, id: number): Promise<number> {
  let resolved = id;
  for (;;) {
    const theme = await db
      .selectFrom('themes')
      .select('merged_into')
      .where('id', '=', resolved)
      .executeTakeFirst();
    if (!theme || theme.merged_into === null) return resolved;
    resolved = theme.merged_into;
  }
}

/** The themes that people took messages out of. Claude never puts a message back there. */
export async function readTakenOut(
  db: Db | Tx,
  channel: string,
  ts: string[],
): Promise<Map<string, number>> {
  const barred = new Map<string, number>();
  for (let start = 0; start < ts.length; start += 1_000) {
    const rows = await db
      .selectFrom('theme_members')
      .select(['ts', 'taken_from'])
      .where('channel', '=', channel)
      .where('ts', 'in', ts.slice(start, start + 1_000))
      .where('taken_from', 'is not', null)
      .execute();
    for (const { ts: one, taken_from } of rows) {
      if (taken_from !== null) barred.set(one, await resolveTheme(db, taken_from));
    }
  }
  return barred;
}

/**
 * Adds messages to existing themes, whose words include them from now on. A message leaves the
 * theme that it was in.
 */
export async function joinThemes(
  tx: Tx,
  channel: string,
  members: Map<number, NewMember[]>,
  now: number,
): Promise<void> {
  await upsertMembers(tx, channel, members, now);
  for (const [theme, joining] of members) {
    await tx.updateTable('themes').set({ touched_at: now }).where('id', '=', theme).execute();
    await addWords(
      tx,
      theme,
      joining.map(({ gist }) => gist),
    );
    await refreshTitle(tx, theme);
  }
}

async function upsertMembers(
  tx: Tx,
  channel: string,
  members: Map<number, NewMember[]>,
  now: number,
): Promise<void> {
  // The one member of a theme may be asked about again, and join with it. PostgreSQL takes each row once.
  const byTs = new Map(
    [...members].flatMap(([theme, joining]) =>
      joining.map(({ ts, revision }) => [ts, { channel, ts, theme, revision, at: now }]),
    ),
  );
  const rows = [...byTs.values()];
  if (rows.length === 0) return;
  const left = await tx
    .selectFrom('theme_members')
    .select('theme')
    .distinct()
    .where('channel', '=', channel)
    .where(
      'ts',
      'in',
      rows.map(({ ts }) => ts),
    )
    .execute();
  await tx
    .insertInto('theme_members')
    .values(rows.map((row) => ({ ...row, person: null, taken_from: null })))
    .onConflict((conflict) =>
      conflict.columns(['channel', 'ts']).doUpdateSet((eb) => ({
        theme: eb.ref('excluded.theme'),
        revision: eb.ref('excluded.revision'),
        person: null,
        at: now,
      })),
    )
    .execute();
  for (const { theme } of left) await refreshTitle(tx, theme);
}

/**
 * Makes new themes of messages, each titled by its first one.
 * @param run null: by a person
 * @param hidden they are not found by their words, because there are too many
 * @returns their ids, in the order of the groups
 */
export async function addThemes(
  tx: Tx,
  { channel, run, hidden = false }: { channel: string; run: number | null; hidden?: boolean },
  groups: NewMember[][],
  now: number,
): Promise<number[]> {
  if (groups.length === 0) return [];
  const { last } = await tx
    .selectFrom('themes')
    .select((eb) => eb.fn.coalesce(eb.fn.max('id'), eb.lit(0)).as('last'))
    .executeTakeFirstOrThrow();
  const ids = groups.map((_, index) => last + 1 + index);
  const titles = groups.map(([first]) => first?.gist ?? '');
  const words = groups.map((group) =>
    joinWords(
      group[0]?.gist ?? '',
      group.map(({ gist }) => gist),
    ),
  );
  await tx
    .insertInto('themes')
    .values(
      ids.map((id, index) => ({
        id,
        channel,
        title: titles[index] ?? '',
        named_by: groups[index]?.[0]?.ts ?? '',
        run,
        created_at: now,
        touched_at: now,
        merged_into: null,
        indexed: hidden ? 0 : 1,
      })),
    )
    .execute();
  if (!hidden) {
    const rows = ids.map((id, index) => ({ id, channel, words: words[index] ?? '' }));
    await addTexts(tx, 'theme_words', rows);
  }
  await upsertMembers(tx, channel, new Map(ids.map((id, index) => [id, groups[index] ?? []])), now);
  return ids;
}

export interface ThemeSize {
  id: number;
  /** Messages in a theme, counted up to a few. */
  total: number;
  /** The message of a theme of one, and who put it there. */
  member: NewMember | null;
  person: string | null;
}

/** How many messages existing themes have: none, one or several. */
export async function readThemeSizes(tx: Tx, ids: number[]): Promise<ThemeSize[]> {
  const sizes: ThemeSize[] = [];
  for (const id of ids) {
    const members = await selectMembers(tx)
      .select([
        'theme_members.ts',
        'theme_members.revision',
        'theme_members.person',
        'verdicts.gist',
      ])
      .where('theme_members.theme', '=', id)
      .where('messages.deleted_at', 'is', null)
      .where('messages.forgotten', 'is', null)
      .orderBy('theme_members.ts')
      .limit(2)
      .execute();
    const [first] = members;
    const alone = members.length === 1 && first ? first : null;
    sizes.push({
      id,
      total: members.length,
      member: alone && { ts: alone.ts, revision: alone.revision, gist: alone.gist },
      person: alone?.person ?? null,
    });
  }
  return sizes;
}

export function findTheme(db: Db | Tx, id: number) {
  return db.selectFrom('themes').selectAll().where('id', '=', id).executeTakeFirst();
}
