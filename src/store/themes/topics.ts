import { FORGOTTEN } from '../../core/privacy/forgotten.ts';
import { TITLES_AT_MOST, type Topic, type TopicState } from '../../core/themes/topics.ts';
import type { Db, Tx } from '../db/tables.ts';
import { listVoices } from './people.ts';

/** Topics and the themes under them: what Claude is asked about, what it proposes, what people decide. */

export function findTopic(db: Db | Tx, id: number) {
  return db.selectFrom('topics').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function setTopicState(
  tx: Tx,
  id: number,
  change: { state: TopicState; by: string; at: number },
): Promise<void> {
  await tx.updateTable('topics').set(change).where('id', '=', id).execute();
}

/**
 * A message is forgotten: a topic over one of its themes whose title has words of it that none of its themes has
 * takes the title of one of them; without any, it has none. Topics with the same title are one.
 * @param text all that was forgotten of the message, after its themes have forgotten it
 */
export async function forgetInTopics(
  tx: Tx,
  { channel, ts, text, act }: { channel: string; ts: string; text: string; act: number },
): Promise<void> {
  const forgotten = wordsOf(text);
  const over = await tx
    .selectFrom('topics')
    .innerJoin('topic_themes', 'topic_themes.topic', 'topics.id')
    .innerJoin('themes', 'themes.id', 'topic_themes.theme')
    .select('topics.title')
    .distinct()
    .where('topics.channel', '=', channel)
    .where('topics.title', '!=', FORGOTTEN)
    .where((eb) => {
      const members = eb
        .selectFrom('theme_members')
        .select('theme')
        .where('channel', '=', channel)
        .where('ts', '=', ts);
      return eb.or([
        eb('themes.forgotten', '=', act),
        eb('themes.id', 'in', members),
        eb('themes.merged_into', 'in', members),
      ]);
    })
    .execute();
  for (const { title } of over) {
    const said = [...wordsOf(title)].filter((word) => isTelling(word) && forgotten.has(word));
    if (said.length === 0) continue;
    const titles = await listThemeTitles(tx, channel, title);
    const left = wordsOf(titles.join(' '));
    if (said.every((word) => left.has(word))) continue;
    const [heir = FORGOTTEN] = titles;
    await tx
      .updateTable('topics')
      .set({ title: heir, forgotten: act })
      .where('channel', '=', channel)
      .where('title', '=', title)
      .execute();
  }
}

const wordsOf = (text: string) => new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu));

/** Words such as "and" and "with" are everybody's. */
const isTelling = (word: string) => word.length > 4 || !/^[a-z]+$/.test(word);

/** The titles of the themes under all topics with this title, the oldest theme first; forgotten ones are left out. */
async function listThemeTitles(tx: Tx, channel: string, topic: string): Promise<string[]> {
  const themes = await tx
    .selectFrom('topics')
    .innerJoin('topic_themes', 'topic_themes.topic', 'topics.id')
    .innerJoin('themes', 'themes.id', 'topic_themes.theme')
    .select('themes.title')
    .where('topics.channel', '=', channel)
    .where('topics.title', '=', topic)
    .where('themes.title', '!=', FORGOTTEN)
    .orderBy('themes.id')
    .execute();
  return themes.map(({ title }) => title);
}

/** The titles of a channel's topics that people have accepted. */
export async function listTopicTitles(db: Db | Tx, channel: string): Promise<string[]> {
  const rows = await db
    .selectFrom('topics')
    .select('title')
    .distinct()
    .where('channel', '=', channel)
    .where('state', '=', 'grouped')
    .where('title', '!=', FORGOTTEN)
    .orderBy('title')
    .limit(TITLES_AT_MOST)
    .execute();
  return rows.map(({ title }) => title);
}

export interface Unsorted {
  id: number;
  title: string;
  /** How many people say it. */
  people: number;
  /** Whether Claude was asked about it before. */
  sorted: number;
}

/**
 * Themes of the last 30 days that are under no topic, and that nobody is being asked about; those of the
 * most people first, then the newest. A busy month takes long to count: it is read in pages.
 * @param pause is awaited between them
 */
export async function listUnsorted(
  db: Db | Tx,
  channel: string,
  { now, limit, pause }: { now: number; limit: number; pause?: () => Promise<void> },
): Promise<Unsorted[]> {
  const voices = await listVoices(db, channel, now, pause);
  const counted = [...voices]
    .map(([id, { size }]) => ({ id, people: size }))
    .sort((one, other) => other.people - one.people || other.id - one.id);
  const unsorted: Unsorted[] = [];
  for (let start = 0; start < counted.length && unsorted.length < limit; start += AT_ONCE) {
    const some = counted.slice(start, start + AT_ONCE);
    const rows = await selectUnsorted(
      db,
      some.map(({ id }) => id),
    );
    const themes = new Map(rows.map((row) => [row.id, row]));
    for (const { id, people } of some) {
      const theme = themes.get(id);
      if (theme) unsorted.push({ ...theme, people });
    }
    await pause?.();
  }
  return unsorted.slice(0, limit);
}

function selectUnsorted(db: Db | Tx, themes: number[]) {
  return db
    .selectFrom('themes')
    .select(['id', 'title', 'sorted'])
    .where('id', 'in', themes)
    .where('title', 'not in', ['', FORGOTTEN])
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('topic_themes')
            .innerJoin('topics', 'topics.id', 'topic_themes.topic')
            .select('topics.id')
            .whereRef('topic_themes.theme', '=', 'themes.id')
            .where('topics.state', 'in', ['proposed', 'grouped']),
        ),
      ),
    )
    .execute();
}

/** Themes in one statement: SQLite takes about 32,000 values. */
const AT_ONCE = 500;

export async function markSorted(tx: Tx, themes: number[]): Promise<void> {
  for (let start = 0; start < themes.length; start += AT_ONCE) {
    await tx
      .updateTable('themes')
      .set({ sorted: 1 })
      .where('id', 'in', themes.slice(start, start + AT_ONCE))
      .execute();
  }
}

/**
 * Proposes topics. What people have kept apart, or taken apart again, is not proposed a second time.
 * @returns how many there are
 */
export async function proposeTopics(
  tx: Tx,
  { channel, run }: { channel: string; run: number },
  topics: Topic[],
  now: number,
): Promise<number> {
  const known = new Set((await listTopicTitles(tx, channel)).map(toName));
  const refused = await listRefused(tx, channel);
  let proposed = 0;
  for (const { title, asks } of topics) {
    const left = asks.filter(
      (ask) => !refused.some((one) => toName(one.title) === toName(title) && one.themes.has(ask)),
    );
    const asked = refused.some(({ themes }) => left.every((ask) => themes.has(ask)));
    if (asked || left.length < (known.has(toName(title)) ? 1 : 2)) continue;
    const { id } = await tx
      .insertInto('topics')
      .values({ channel, title, run, state: 'proposed', by: null, at: now })
      .returning('id')
      .executeTakeFirstOrThrow();
    await tx
      .insertInto('topic_themes')
      .values(left.map((theme) => ({ topic: id, theme })))
      .execute();
    proposed++;
  }
  return proposed;
}

const toName = (title: string) => title.toLowerCase();

async function listRefused(tx: Tx, channel: string) {
  const rows = await tx
    .selectFrom('topics')
    .innerJoin('topic_themes', 'topic_themes.topic', 'topics.id')
    .select(['topics.id', 'topics.title', 'topic_themes.theme'])
    .where('topics.channel', '=', channel)
    .where('topics.state', 'in', ['apart', 'undone'])
    .execute();
  return [...Map.groupBy(rows, ({ id }) => id).values()].map((members) => ({
    title: members[0]?.title ?? '',
    themes: new Set(members.map(({ theme }) => theme)),
  }));
}

/** The themes under a topic: what they were merged into, if they were. */
export async function listThemesOf(db: Db | Tx, topic: number): Promise<number[]> {
  const rows = await db
    .selectFrom('topic_themes')
    .select('theme')
    .where('topic', '=', topic)
    .execute();
  return rows.map(({ theme }) => theme);
}
