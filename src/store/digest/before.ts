import type { Span } from '../../core/digest/compare.ts';
import type { DigestFacts } from '../../core/digest/digest.ts';
import { tsToMs } from '../../core/timestamps.ts';
import type { Db, Tx } from '../db/tables.ts';
import type { Run } from '../runs/runs.ts';
import { pagesOf, type Scope, selectPublished } from './pages.ts';

/** What a summary is compared with. */

/**
 * The numbers to compare with: those of the last earlier digest that showed something, as of now, or of the
 * span before if the bot knows all of it.
 */
export async function readBefore(
  db: Db | Tx,
  scope: Scope,
  pause: () => Promise<void>,
): Promise<DigestFacts['before']> {
  const earlier = await findScopeBefore(db, scope);
  if (!earlier) return null;
  const countByCategory = new Map<string, number>();
  for await (const page of pagesOf(db, earlier.scope, pause)) {
    const counts = await selectPublished(db, page)
      .select((eb) => ['verdicts.category', eb.fn.countAll<number>().as('messages')])
      .where('messages.state', '=', 'judged')
      .groupBy('verdicts.category')
      .execute();
    for (const { category, messages } of counts) {
      if (category === null) continue;
      countByCategory.set(category, (countByCategory.get(category) ?? 0) + messages);
    }
  }
  return { span: earlier.span, countByCategory };
}

async function findScopeBefore(
  db: Db | Tx,
  scope: Scope,
): Promise<{ scope: Scope; span: Span } | undefined> {
  if (scope.kind === 'span') {
    const { before, ...span } = scope;
    const known = await findStart(db, scope.channel);
    if (known === undefined || known > before.from) return undefined;
    return { scope: { ...span, ...before, before }, span: before };
  }
  const run = await findRunBefore(db, scope.run);
  if (!run) return undefined;
  const earlier = await findRunBefore(db, run);
  const from = earlier ? writtenAtOf(earlier) : await findStart(db, run.channel);
  if (from === undefined) return undefined;
  return { scope: { kind: 'run', run }, span: { from, to: writtenAtOf(run) } };
}

const writtenAtOf = (run: Run) => run.ended_at ?? run.published_at ?? 0;

/** Since when the bot knows the messages of a channel, in ms since 1970. */
async function findStart(db: Db | Tx, channel: string): Promise<number | undefined> {
  const watched = await db
    .selectFrom('channels')
    .select('since_ts')
    .where('id', '=', channel)
    .executeTakeFirst();
  const first = await db
    .selectFrom('messages')
    .select('ts')
    .where('channel', '=', channel)
    .orderBy('ts')
    .limit(1)
    .executeTakeFirst();
  const known = [watched?.since_ts, first?.ts].flatMap((ts) => (ts ? [tsToMs(ts)] : []));
  return known.length === 0 ? undefined : Math.min(...known);
}

/** The last earlier run whose digest shows something. */
function findRunBefore(db: Db | Tx, { channel, id }: Run): Promise<Run | undefined> {
  return db
    .selectFrom('runs')
    .selectAll()
    .where('channel', '=', channel)
    .where('id', '<', id)
    .where('published_at', 'is not', null)
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('messages')
          .select('messages.ts')
          .whereRef('messages.channel', '=', 'runs.channel')
          .whereRef('messages.digest', '=', 'runs.id')
          .where('messages.deleted_at', 'is', null),
      ),
    )
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
}
