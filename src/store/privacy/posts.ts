import type { Effect, Rendered } from '../../core/delivery/effects.ts';
import type { Mentioned } from '../../core/privacy/mentioned.ts';
import type { Db, Tx } from '../db/tables.ts';

/** The outbox as forgetting sees it: posts that show, or will show, what was forgotten. */

export interface KeptPost {
  id: number;
  key: string;
  channel: string;
  state: 'waiting' | 'sending' | 'done' | 'dead';
  /** As JSON. */
  effect: string;
}

/** The next effects with words in them, in their order. */
export function listPosts(db: Db, after: number, limit: number): Promise<KeptPost[]> {
  return db
    .selectFrom('outbox')
    .select(['id', 'key', 'channel', 'state', 'effect'])
    .where('id', '>', after)
    .where('lane', '!=', 'reaction')
    .where('lane', 'not like', 'update %')
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** Whether a post mentions something that this act of forgetting was about. */
export async function isAboutForgotten(
  tx: Tx,
  act: number,
  channel: string,
  { ts, themes, merges, topics }: Mentioned,
): Promise<boolean> {
  if (ts.length > 0 && (await hasForgotten(tx, act, channel, ts))) return true;
  // Topics with the same title are shown as one.
  const shown = tx
    .selectFrom('topics')
    .innerJoin('topics as same', (join) =>
      join.onRef('same.channel', '=', 'topics.channel').onRef('same.title', '=', 'topics.title'),
    )
    .where('topics.id', 'in', topics);
  const under = shown
    .innerJoin('topic_themes', 'topic_themes.topic', 'same.id')
    .select('topic_themes.theme');
  if (topics.length > 0) {
    const topic = await shown
      .select('same.id')
      .where('same.forgotten', '=', act)
      .executeTakeFirst();
    if (topic) return true;
  }
  if (topics.length + themes.length + merges.length === 0) return false;
  const theme = await tx
    .selectFrom('themes')
    .select('id')
    .where('forgotten', '=', act)
    .where((eb) => {
      const merged = eb.selectFrom('themes as other').where('other.id', 'in', under);
      const pairs = eb.selectFrom('theme_merges').where('theme_merges.id', 'in', merges);
      return eb.or([
        ...(themes.length > 0 ? [eb('id', 'in', themes)] : []),
        ...(topics.length > 0
          ? [eb('id', 'in', under), eb('id', 'in', merged.select('merged_into'))]
          : []),
        ...(merges.length > 0
          ? [eb('id', 'in', pairs.select('one')), eb('id', 'in', pairs.select('other'))]
          : []),
      ]);
    })
    .limit(1)
    .executeTakeFirst();
  return theme !== undefined;
}

/** Whether one of these messages was forgotten, or a reply in its thread: the gist may have come from there. */
async function hasForgotten(tx: Tx, act: number, channel: string, ts: string[]): Promise<boolean> {
  const found = await tx
    .selectFrom('messages')
    .select('ts')
    .where('channel', '=', channel)
    .where('ts', 'in', ts)
    .where('forgotten', '=', act)
    .unionAll(
      tx
        .selectFrom('replies')
        .select('ts')
        .where('channel', '=', channel)
        .where('thread_ts', 'in', ts)
        .where('forgotten', '=', act),
    )
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}

/** Replaces the words of a post where nothing will ever change or send it again. */
export async function setWords(
  tx: Tx,
  { id, effect }: KeptPost,
  rendered: Rendered,
): Promise<void> {
  const { text, blocks } = rendered;
  const changed = JSON.stringify({ ...(JSON.parse(effect) as Effect), text, blocks });
  await tx.updateTable('outbox').set({ effect: changed }).where('id', '=', id).execute();
}

/** Whether posts of runs are still to be written again since a moment. */
export async function hasStaleSince(db: Db, at: number): Promise<boolean> {
  const run = await db
    .selectFrom('runs')
    .select('id')
    .where('stale_at', 'is not', null)
    .where('stale_since', '<=', at)
    .limit(1)
    .executeTakeFirst();
  return run !== undefined;
}
