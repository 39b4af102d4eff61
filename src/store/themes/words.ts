import { FORGOTTEN } from '../../core/privacy/forgotten.ts';
import type { Db, Tx } from '../db/tables.ts';
import {
  addTexts,
  compactTexts,
  findPhrase,
  findSimilar,
  readTexts,
  removeTexts,
} from '../text-index/similar-texts.ts';
import { selectMembers } from './members.ts';

/**
 * Finds themes by their words. A message is only offered themes of its own channel, because another
 * one may be private.
 */

export interface ThemeTitle {
  id: number;
  title: string;
}

/** How many themes of a channel can be found: those with the newest messages. */
export const INDEXED = 3_000;

/** How many themes of a channel can be found, counted up to `limit`. */
export async function countThemes(db: Db | Tx, channel: string, limit: number): Promise<number> {
  const rows = await db
    .selectFrom('themes')
    .select('id')
    .where('channel', '=', channel)
    .where('indexed', '=', 1)
    .limit(limit)
    .execute();
  return rows.length;
}

/** Candidates to compare for each theme: some have too little in common. */
const SPARE = 3;

/**
 * The themes most similar to a text, nearest first.
 * @param barred never these: people took the message out of them
 */
export async function findThemes(
  db: Db | Tx,
  { channel, text, barred }: { channel: string; text: string; barred?: number | undefined },
  limit: number,
): Promise<ThemeTitle[]> {
  const found = await findSimilar(db, 'theme_words', { channel, text }, limit * SPARE);
  return found
    .filter(({ id }) => id !== barred)
    .slice(0, limit)
    .map(({ id, text: words }) => ({ id, title: words.split('\n', 1)[0] ?? '' }));
}

/** A theme is found by its title and this many of its newest gists. */
const GISTS = 4;

/** The first line is the title, which is what messages are offered. */
export function joinWords(title: string, gists: string[]): string {
  const lines = new Set(gists);
  lines.delete(title);
  lines.delete(FORGOTTEN);
  return [title, ...[...lines].slice(-GISTS)].join('\n');
}

export async function addWords(tx: Tx, theme: number, gists: string[]): Promise<void> {
  const [indexed] = await readTexts(tx, 'theme_words', [theme]);
  if (!indexed) return indexTheme(tx, theme);
  const [title = '', ...earlier] = indexed.text.split('\n');
  const words = joinWords(title, [...earlier, ...gists]);
  if (words === indexed.text) return;
  await removeTexts(tx, 'theme_words', [theme]);
  await addTexts(tx, 'theme_words', [{ id: theme, channel: indexed.channel, words }]);
}

/** Makes a theme findable again: one without news for long, or whose merge was undone. */
export async function indexTheme(tx: Tx, id: number): Promise<void> {
  const { channel, title } = await tx
    .selectFrom('themes')
    .select(['channel', 'title'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const gists = await selectMembers(tx)
    .select('verdicts.gist')
    .where('theme_members.theme', '=', id)
    .where('messages.deleted_at', 'is', null)
    .where('messages.forgotten', 'is', null)
    .orderBy('theme_members.ts', 'desc')
    .limit(GISTS)
    .execute();
  const words = joinWords(title, gists.map(({ gist }) => gist).reverse());
  await unindexThemes(tx, [id]);
  await addTexts(tx, 'theme_words', [{ id, channel, words }]);
  await tx.updateTable('themes').set({ indexed: 1 }).where('id', '=', id).execute();
}

/** Hides a theme: it is not found, and nothing new joins it. */
export async function unindexThemes(tx: Tx, ids: number[]): Promise<void> {
  if (ids.length === 0) return;
  await removeTexts(tx, 'theme_words', ids);
  await tx.updateTable('themes').set({ indexed: 0 }).where('id', 'in', ids).execute();
}

/**
 * Hides themes beyond the newest ones, so that searching stays fast.
 * @returns how many; 0 when few enough are left
 */
export async function forgetOldThemes(tx: Tx, channel: string, limit: number): Promise<number> {
  const old = await tx
    .selectFrom('themes')
    .select('id')
    .where('channel', '=', channel)
    .where('indexed', '=', 1)
    .orderBy('touched_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .offset(INDEXED)
    .execute();
  await unindexThemes(
    tx,
    old.map(({ id }) => id),
  );
  await compactTexts(tx, 'theme_words');
  return old.length;
}

/**
 * Titles themes again. A theme is titled by one of its messages; when that was deleted, edited or
 * taken out, the oldest of the others titles it. A theme without messages is hidden.
 */
export async function refreshTitle(tx: Tx, id: number): Promise<void> {
  const members = selectMembers(tx)
    .select(['theme_members.ts', 'verdicts.gist'])
    .where('theme_members.theme', '=', id)
    .where('messages.deleted_at', 'is', null)
    .where('messages.forgotten', 'is', null)
    .whereRef('theme_members.revision', '=', 'messages.revision');
  const named = await members
    .innerJoin('themes', 'themes.id', 'theme_members.theme')
    .whereRef('theme_members.ts', '=', 'themes.named_by')
    .executeTakeFirst();
  if (named) return;
  const heir = await members
    .where('verdicts.gist', '!=', '')
    .orderBy('theme_members.ts')
    .limit(1)
    .executeTakeFirst();
  if (!heir) return unindexThemes(tx, [id]);
  await tx
    .updateTable('themes')
    .set({ title: heir.gist, named_by: heir.ts })
    .where('id', '=', id)
    .execute();
  await indexTheme(tx, id);
}

/** Themes whose title may come from a message that is gone. */
export async function refreshTitlesOf(
  tx: Tx,
  { channel, ts }: { channel: string; ts: string },
): Promise<void> {
  const named = await tx
    .selectFrom('themes')
    .select('id')
    .where('channel', '=', channel)
    .where('named_by', '=', ts)
    .execute();
  for (const { id } of named) await refreshTitle(tx, id);
}

/**
 * A message is forgotten: another one titles the themes that it has titled, and nothing finds a theme by its
 * gists. A theme of forgotten messages alone has no title and is hidden.
 */
export async function forgetInThemes(
  tx: Tx,
  { channel, ts, gists, act }: { channel: string; ts: string; gists: string[]; act: number },
): Promise<void> {
  const named = await tx
    .updateTable('themes')
    .set({ title: FORGOTTEN, forgotten: act })
    .where('channel', '=', channel)
    .where('named_by', '=', ts)
    .returning('id')
    .execute();
  const titled = new Set(named.map(({ id }) => id));
  for (const id of titled) await refreshTitle(tx, id);
  // Posts may still show its gist as the title of a theme that another message titles by now.
  await tx
    .updateTable('themes')
    .set({ forgotten: act })
    .where((eb) => {
      const member = eb
        .selectFrom('theme_members')
        .where('channel', '=', channel)
        .where('ts', '=', ts);
      return eb.or([
        eb('id', 'in', member.select('theme')),
        eb('id', 'in', member.select('taken_from').where('taken_from', 'is not', null)),
      ]);
    })
    .execute();
  const member = await tx
    .selectFrom('theme_members')
    .select('theme')
    .where('channel', '=', channel)
    .where('ts', '=', ts)
    .execute();
  const found = await readTexts(
    tx,
    'theme_words',
    member.map(({ theme }) => theme),
  );
  // Also in themes that it has left since.
  for (const phrase of gists)
    found.push(...(await findPhrase(tx, 'theme_words', { channel, phrase })));
  for (const id of new Set(found.map((theme) => theme.id))) {
    if (!titled.has(id)) await indexTheme(tx, id);
  }
}

/** A message is there again: a theme without any other, which was hidden, can be found again. */
export async function indexTitlesOf(
  tx: Tx,
  { channel, ts }: { channel: string; ts: string },
): Promise<void> {
  const hidden = await tx
    .selectFrom('themes')
    .select('id')
    .where('channel', '=', channel)
    .where('named_by', '=', ts)
    .where('indexed', '=', 0)
    .where('merged_into', 'is', null)
    .execute();
  for (const { id } of hidden) await indexTheme(tx, id);
}
