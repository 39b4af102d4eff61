import { MONTH_MS } from '../../core/durations.ts';
import { composeTopics, type TopicFacts, type TopicRow } from '../../core/themes/topics.ts';
import { msToTs } from '../../core/timestamps.ts';
import type { Db, Tx } from '../db/tables.ts';
import { selectCounted, type ThemeScope } from './facts.ts';
import { VOICE } from './members.ts';
import { resolveTheme } from './themes.ts';

/** What a summary, the Home tab and a search show of topics. */

/** The newest decisions that are read. */
const ROWS = 100;

/**
 * The topics of a channel, proposed or accepted, those of the most people first. A person who says two
 * asks of a topic counts once in the topic.
 * @param now the moment of the summary, in ms: the 30 days end there
 */
export async function readTopics(
  db: Db | Tx,
  scope: ThemeScope,
  now: number,
  pause: () => Promise<void> = async () => {},
): Promise<TopicFacts[]> {
  const rows = await db
    .selectFrom('topics')
    .select(['id', 'title', 'state', 'by'])
    .where('channel', '=', scope.channel)
    .where('state', 'in', ['proposed', 'grouped'])
    .orderBy('id', 'desc')
    .limit(ROWS)
    .execute();
  const known: TopicRow[] = [];
  for (const { id, title, state, by } of rows) {
    known.push({
      id,
      title,
      state: state === 'grouped' ? 'grouped' : 'proposed',
      by,
      themes: await listRoots(db, id),
    });
  }
  const topics: TopicFacts[] = [];
  for (const composed of composeTopics(known)) {
    const counted = await countVoices(db, scope, composed.themes, now);
    await pause();
    const { people, fresh, asks } = counted;
    topics.push({ ...composed, people, fresh, asks });
  }
  return topics
    .filter(({ people, asks }) => people > 1 && asks.length > 1)
    .sort((one, other) => other.people - one.people || one.id - other.id);
}

/** The themes under a topic; what a theme was merged into stands for it. */
async function listRoots(db: Db | Tx, topic: number): Promise<number[]> {
  const rows = await db
    .selectFrom('topic_themes')
    .select('theme')
    .where('topic', '=', topic)
    .orderBy('theme')
    .execute();
  const roots: number[] = [];
  for (const { theme } of rows) roots.push(await resolveTheme(db, theme));
  return roots;
}

/** Themes of a topic that are counted; there are hardly ever so many. */
const THEMES = 500;

async function countVoices(db: Db | Tx, scope: ThemeScope, themes: number[], now: number) {
  const members = selectCounted(db, scope, 'themes')
    .where('theme_members.theme', 'in', themes.slice(0, THEMES))
    .where('theme_members.ts', '>=', msToTs(now - MONTH_MS));
  const isFresh =
    'run' in scope
      ? ({ column: 'messages.digest', operator: '=', value: scope.run } as const)
      : ({ column: 'messages.ts', operator: '>=', value: msToTs(scope.from) } as const);
  const { people, fresh } = await members
    .select((eb) => {
      const voices = eb.fn.count<number>(VOICE).distinct();
      const { column, operator, value } = isFresh;
      return [voices.as('people'), voices.filterWhere(column, operator, value).as('fresh')];
    })
    .executeTakeFirstOrThrow();
  const asks = await members
    .innerJoin('themes', 'themes.id', 'theme_members.theme')
    .select((eb) => [
      'themes.id',
      'themes.title',
      eb.fn.count<number>(VOICE).distinct().as('people'),
    ])
    .groupBy(['themes.id', 'themes.title'])
    .execute();
  return {
    people,
    fresh,
    asks: asks.sort((one, other) => other.people - one.people || one.id - other.id),
  };
}
