import { sql } from 'kysely';
import { DAY_MS, MONTH_MS } from '../../core/durations.ts';
import {
  byImportance,
  isQuiet,
  type ThemeCounts,
  type ThemeFacts,
  trendOf,
} from '../../core/themes/themes.ts';
import { msToTs, tsToMs } from '../../core/timestamps.ts';
import { notFirst } from '../db/engine.ts';
import type { Db, Tx } from '../db/tables.ts';
import { VOICE } from './members.ts';

/**
 * What a summary shows of themes. A message counts unless it is deleted, edited since it was
 * grouped, or noise.
 */

/** Which messages are fresh: those of a run's digest, or those posted in a time span (ms). */
export type ThemeScope =
  | { channel: string; run: number }
  | { channel: string; from: number; to: number };

const WEEK_MS = 7 * DAY_MS;

/** Members are counted in pages, so that others can use the database in between. */
const PAGE = 200;
/** For a few themes at a time, because one may have thousands of messages. */
const THEMES_AT_ONCE = 20;

type Counts = Omit<ThemeCounts, 'total' | 'people'>;

/**
 * The themes of a summary, the most important first: those of two or more people with a message of this
 * summary, and those that have gone quiet.
 * @param now the moment of the summary, in ms: the 30 days end there. A digest counts only what it
 * and earlier ones published, so that it says the same whenever it is written again
 * @param pause called between pages
 */
export async function readThemeFacts(
  db: Db | Tx,
  scope: ThemeScope,
  now: number,
  pause: () => Promise<void> = async () => {},
): Promise<ThemeFacts[]> {
  const counts = new Map<number, Counts>();
  const of = (theme: number): Counts => {
    const known = counts.get(theme);
    if (known) return known;
    const none = { fresh: 0, month: 0, week: 0, weekBefore: 0, weekBeforeThat: 0 };
    counts.set(theme, none);
    return none;
  };
  await countMonth(db, scope, now, of, pause);
  await countFresh(db, scope, of, pause);

  const published = [...counts].filter(([, some]) => some.fresh > 0 || isQuiet(some));
  const facts: ThemeFacts[] = [];
  for (let start = 0; start < published.length; start += THEMES_AT_ONCE) {
    const some = new Map(published.slice(start, start + THEMES_AT_ONCE));
    facts.push(...(await describeThemes(db, scope, some, now)));
    await pause();
  }
  return facts.sort(byImportance);
}

/**
 * Members that count, of a digest and the earlier ones.
 * @param by where SQLite begins: with a span of the members' timestamps, with a span of the messages',
 * or with some themes. The caller narrows down that table. `notFirst` keeps SQLite from beginning
 * elsewhere, where it would read everything in the channel
 */
export function selectCounted(
  db: Db | Tx,
  scope: ThemeScope,
  by: 'members' | 'messages' | 'themes',
) {
  const members = db
    .selectFrom('theme_members')
    .innerJoin('messages', (join) =>
      join
        .onRef('messages.channel', '=', 'theme_members.channel')
        .on(
          by === 'messages'
            ? sql<boolean>`theme_members.ts = ${notFirst(db, 'messages.ts')}`
            : sql<boolean>`messages.ts = ${notFirst(db, 'theme_members.ts')}`,
        ),
    )
    .innerJoin('verdicts', 'verdicts.id', 'messages.verdict')
    .where(
      by === 'themes' ? notFirst(db, 'theme_members.channel') : 'theme_members.channel',
      '=',
      scope.channel,
    )
    .where('messages.deleted_at', 'is', null)
    .whereRef('theme_members.revision', '=', 'messages.revision')
    .where('verdicts.emoji', 'is not', null);
  return 'run' in scope
    ? members.where(sql<boolean>`${notFirst(db, 'messages.digest')} <= ${scope.run}`)
    : members.where('theme_members.ts', '<', msToTs(scope.to));
}

async function countMonth(
  db: Db | Tx,
  scope: ThemeScope,
  now: number,
  of: (theme: number) => Counts,
  pause: () => Promise<void>,
): Promise<void> {
  const [week, weekBefore, weekBeforeThat] = [1, 2, 3].map((n) => msToTs(now - n * WEEK_MS)) as [
    string,
    string,
    string,
  ];
  let after = msToTs(now - MONTH_MS);
  const end = msToTs(now);
  for (;;) {
    const page = await db
      .selectFrom('theme_members')
      .select('ts')
      .where('channel', '=', scope.channel)
      .where('ts', '>=', after)
      .where('ts', '<', end)
      .orderBy('ts')
      .limit(PAGE)
      .execute();
    const last = page.at(-1)?.ts;
    if (last === undefined) return;
    const rows = await selectCounted(db, scope, 'members')
      .where('theme_members.ts', '>=', after)
      .where('theme_members.ts', '<=', last)
      .select((eb) => {
        const count = eb.fn.countAll<number>();
        return [
          'theme_members.theme',
          count.as('month'),
          count.filterWhere('theme_members.ts', '>=', week).as('week'),
          count
            .filterWhere('theme_members.ts', '>=', weekBefore)
            .filterWhere('theme_members.ts', '<', week)
            .as('weekBefore'),
          count
            .filterWhere('theme_members.ts', '>=', weekBeforeThat)
            .filterWhere('theme_members.ts', '<', weekBefore)
            .as('weekBeforeThat'),
        ];
      })
      .groupBy('theme_members.theme')
      .execute();
    for (const row of rows) {
      const counts = of(row.theme);
      counts.month += row.month;
      counts.week += row.week;
      counts.weekBefore += row.weekBefore;
      counts.weekBeforeThat += row.weekBeforeThat;
    }
    // The next timestamps are at least this much later.
    after = `${last}0`;
    await pause();
  }
}

async function countFresh(
  db: Db | Tx,
  scope: ThemeScope,
  of: (theme: number) => Counts,
  pause: () => Promise<void>,
): Promise<void> {
  let after = 'run' in scope ? '' : msToTs(scope.from);
  for (;;) {
    const last = await findFreshEnd(db, scope, after);
    if (last === undefined) return;
    const fresh =
      'run' in scope
        ? selectCounted(db, scope, 'messages')
            .where('messages.channel', '=', scope.channel)
            .where('messages.digest', '=', scope.run)
            .where('messages.ts', '>=', after)
            .where('messages.ts', '<=', last)
        : selectCounted(db, scope, 'members')
            .where('theme_members.ts', '>=', after)
            .where('theme_members.ts', '<=', last);
    const rows = await fresh
      .select((eb) => ['theme_members.theme', eb.fn.countAll<number>().as('fresh')])
      .groupBy('theme_members.theme')
      .execute();
    for (const row of rows) of(row.theme).fresh += row.fresh;
    after = `${last}0`;
    await pause();
  }
}

async function findFreshEnd(
  db: Db | Tx,
  scope: ThemeScope,
  after: string,
): Promise<string | undefined> {
  const rows =
    'run' in scope
      ? await db
          .selectFrom('messages')
          .select('ts')
          .where('channel', '=', scope.channel)
          .where('digest', '=', scope.run)
          .where('ts', '>=', after)
          .orderBy('ts')
          .limit(PAGE)
          .execute()
      : await db
          .selectFrom('theme_members')
          .select('ts')
          .where('channel', '=', scope.channel)
          .where('ts', '>=', after)
          .where('ts', '<', msToTs(scope.to))
          .orderBy('ts')
          .limit(PAGE)
          .execute();
  return rows.at(-1)?.ts;
}

/** Adds what shows only over all times; drops themes about which there is nothing to say. */
async function describeThemes(
  db: Db | Tx,
  scope: ThemeScope,
  counts: Map<number, Counts>,
  now: number,
): Promise<ThemeFacts[]> {
  const rows = await selectCounted(db, scope, 'themes')
    .innerJoin('themes', 'themes.id', 'theme_members.theme')
    .where('theme_members.theme', 'in', [...counts.keys()])
    .select((eb) => {
      const people = eb.fn.count<number>(VOICE).distinct();
      const fresh =
        'run' in scope
          ? people.filterWhere('messages.digest', '=', scope.run)
          : people.filterWhere('messages.ts', '>=', msToTs(scope.from));
      const since = (from: number, to: number) =>
        people
          .filterWhere('messages.ts', '>=', msToTs(now - from))
          .filterWhere('messages.ts', '<', msToTs(now - to));
      return [
        'themes.id',
        'themes.title',
        eb.fn.countAll<number>().as('total'),
        people.as('people'),
        fresh.as('fresh'),
        since(MONTH_MS, 0).as('month'),
        since(WEEK_MS, 0).as('week'),
        since(2 * WEEK_MS, WEEK_MS).as('weekBefore'),
        since(3 * WEEK_MS, 2 * WEEK_MS).as('weekBeforeThat'),
        eb.fn.min('theme_members.ts').as('first'),
        eb.fn.max('theme_members.ts').as('last'),
      ];
    })
    .groupBy(['themes.id', 'themes.title'])
    .execute();
  const threads = await db
    .selectFrom('messages')
    .select(['ts', 'thread_ts as threadTs'])
    .where('channel', '=', scope.channel)
    .where(
      'ts',
      'in',
      rows.map(({ last }) => last),
    )
    .execute();
  const threadOf = new Map(threads.map(({ ts, threadTs }) => [ts, threadTs]));
  return rows.flatMap(({ id, title, total, fresh, month, first, last, ...people }) => {
    const posts = counts.get(id);
    const trend = trendOf({ ...people, month, fresh: posts?.fresh ?? 0, total });
    if (!trend) return [];
    return [
      {
        id,
        title,
        fresh,
        month,
        monthMessages: posts?.month ?? 0,
        firstSeen: tsToMs(first),
        lastSeen: tsToMs(last),
        trend,
        latest: { ts: last, threadTs: threadOf.get(last) ?? null },
      },
    ];
  });
}
