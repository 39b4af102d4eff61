import type { Selectable } from 'kysely';
import type { Refusal } from '../../core/people/acts.ts';
import type { Explanation } from '../../core/people/card.ts';
import type { ThemeMessage, ThemeView } from '../../core/themes/themes.ts';
import type { Db, Tables, Tx } from '../db/tables.ts';
import { selectMembers, VOICE } from './members.ts';
import { resolveTheme } from './themes.ts';

/** What people do to themes: asked → taken, or refused; and what they see of a theme. */

export type ThemeAct = Selectable<Tables['theme_acts']>;

/** @returns its id */
export async function askThemeAct(
  tx: Tx,
  act: Pick<ThemeAct, 'channel' | 'user' | 'kind' | 'ts' | 'theme' | 'merge' | 'topic'>,
  now: number,
): Promise<number> {
  const { id } = await tx
    .insertInto('theme_acts')
    .values({ ...act, state: 'asked', refusal: null, at: now })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

export function findThemeAct(db: Db | Tx, id: number): Promise<ThemeAct | undefined> {
  return db.selectFrom('theme_acts').selectAll().where('id', '=', id).executeTakeFirst();
}

/** The next asked act that can be taken: the bot is in its channel. */
export function nextAskedThemeAct(db: Db, after: number): Promise<ThemeAct | undefined> {
  return db
    .selectFrom('theme_acts')
    .innerJoin('channels', 'channels.id', 'theme_acts.channel')
    .selectAll('theme_acts')
    .where('theme_acts.state', '=', 'asked')
    .where('channels.state', '=', 'member')
    .where('theme_acts.id', '>', after)
    .orderBy('theme_acts.id')
    .limit(1)
    .executeTakeFirst();
}

/** @param refusal null: taken */
export async function endThemeAct(tx: Tx, id: number, refusal: Refusal | null): Promise<void> {
  await tx
    .updateTable('theme_acts')
    .set({ state: refusal ? 'refused' : 'taken', refusal })
    .where('id', '=', id)
    .execute();
}

export function findMember(db: Db | Tx, channel: string, ts: string) {
  return selectMembers(db)
    .select([
      'theme_members.theme',
      'theme_members.taken_from as takenFrom',
      'messages.revision',
      'messages.deleted_at as deletedAt',
      'messages.digest',
      'verdicts.gist',
    ])
    .where('theme_members.channel', '=', channel)
    .where('theme_members.ts', '=', ts)
    .executeTakeFirst();
}

/** Who took a message out of a theme, and out of which; null when it was put back. */
export async function markTakenOut(
  tx: Tx,
  { channel, ts }: { channel: string; ts: string },
  taken: { person: string; from: number } | null,
): Promise<void> {
  await tx
    .updateTable('theme_members')
    .set({ person: taken?.person ?? null, taken_from: taken?.from ?? null })
    .where('channel', '=', channel)
    .where('ts', '=', ts)
    .execute();
}

/** The newest digests that show messages of these themes. */
export async function listDigestsOf(tx: Tx, themes: number[], limit: number): Promise<number[]> {
  const rows = await tx
    .selectFrom('theme_members')
    .innerJoin('messages', (join) =>
      join
        .onRef('messages.channel', '=', 'theme_members.channel')
        .onRef('messages.ts', '=', 'theme_members.ts'),
    )
    .select('messages.digest')
    .distinct()
    .where('theme_members.theme', 'in', themes)
    .where('messages.digest', 'is not', null)
    .orderBy('messages.digest', 'desc')
    .limit(limit)
    .execute();
  return rows.flatMap(({ digest }) => digest ?? []);
}

/** Messages that the modal of a theme shows. */
const SHOWN = 20;

/** What people see of a theme; undefined when there is none. */
export async function readTheme(db: Db, id: number): Promise<ThemeView | undefined> {
  const root = await resolveTheme(db, id);
  const theme = await db
    .selectFrom('themes')
    .select(['id', 'channel', 'title'])
    .where('id', '=', root)
    .executeTakeFirst();
  if (!theme) return undefined;
  const merged = await db
    .selectFrom('themes')
    .select('id')
    .where('channel', '=', theme.channel)
    .where('merged_into', '=', root)
    .execute();
  const whole = [root, ...merged.map((one) => one.id)];
  const members = selectMembers(db)
    .where('messages.deleted_at', 'is', null)
    .where('verdicts.emoji', 'is not', null)
    .whereRef('theme_members.revision', '=', 'messages.revision');
  const shown = members
    .select([
      'theme_members.ts',
      'messages.thread_ts as threadTs',
      'verdicts.gist',
      'theme_members.person',
    ])
    .orderBy('theme_members.ts', 'desc')
    .limit(SHOWN);
  const inside = members.where('theme_members.theme', '=', root);
  const counts = await inside
    .select((eb) => [
      eb.fn.countAll<number>().as('total'),
      eb.fn.count<number>(VOICE).distinct().as('people'),
    ])
    .executeTakeFirstOrThrow();
  const toMessage = (
    {
      person,
      ...row
    }: { ts: string; threadTs: string | null; gist: string; person: string | null },
    out: boolean,
  ): ThemeMessage => ({ ...row, takenOutBy: out ? (person ?? '') : null });
  const rows = await shown.where('theme_members.theme', '=', root).execute();
  const taken = await shown
    .where('theme_members.taken_from', 'in', whole)
    .where('theme_members.theme', '!=', root)
    .execute();
  const messages = [
    ...rows.map((row) => toMessage(row, false)),
    ...taken.map((row) => toMessage(row, true)),
  ].sort((one, other) => (one.ts < other.ts ? 1 : -1));
  return { ...theme, ...counts, messages: messages.slice(0, SHOWN) };
}

/** The theme of a message, and how many people say it in how many messages. */
export async function findThemeOf(
  db: Db,
  channel: string,
  ts: string,
): Promise<Explanation['theme']> {
  const row = await db
    .selectFrom('theme_members')
    .innerJoin('themes', 'themes.id', 'theme_members.theme')
    .select(['themes.id', 'themes.title'])
    .where('theme_members.channel', '=', channel)
    .where('theme_members.ts', '=', ts)
    .executeTakeFirst();
  if (!row) return null;
  const view = await readTheme(db, row.id);
  return view ? { title: row.title, people: view.people, messages: view.total } : null;
}
