import { msToTs } from '../../core/timestamps.ts';
import type { Db, Tx } from '../db/tables.ts';
import type { Run } from '../runs/runs.ts';

/** What a summary shows, page by page. */

/** The scope of a summary: the digest of a run, or a time span (ms since 1970, `to` excluded). */
export type Scope =
  | { kind: 'run'; run: Run }
  | {
      kind: 'span';
      channel: string;
      from: number;
      to: number;
      /** The scope that its numbers are compared with. */
      before: { from: number; to: number };
    };

export const channelOf = (scope: Scope) =>
  scope.kind === 'run' ? scope.run.channel : scope.channel;

/** Published messages are read in pages, so that others can use the database in between. */
const PAGE = 200;

/** The rows of a scope whose ts is above `after`, up to `last`. */
export interface Page {
  scope: Scope;
  after: string;
  last: string;
}

export async function* pagesOf(
  db: Db | Tx,
  scope: Scope,
  pause: () => Promise<void> = async () => {},
): AsyncGenerator<Page> {
  let after = '';
  for (;;) {
    const { last } = await db
      .selectFrom(() =>
        inScope(db, scope)
          .select('messages.ts')
          .where('messages.ts', '>', after)
          .orderBy('messages.ts')
          .limit(PAGE)
          .as('page'),
      )
      .select((eb) => eb.fn.max('page.ts').as('last'))
      .executeTakeFirstOrThrow();
    if (last === null) return;
    yield { scope, after, last };
    after = last;
    await pause();
  }
}

function inScope(db: Db | Tx, scope: Scope) {
  const messages = db.selectFrom('messages').where('messages.channel', '=', channelOf(scope));
  return scope.kind === 'run'
    ? messages.where('messages.digest', '=', scope.run.id)
    : messages
        .where('messages.ts', '>=', msToTs(scope.from))
        .where('messages.ts', '<', msToTs(scope.to));
}

/** A page: each message with its flag, and its verdict if it is judged. */
export function selectPublished(db: Db | Tx, { scope, after, last }: Page) {
  return inScope(db, scope)
    .where('messages.ts', '>', after)
    .where('messages.ts', '<=', last)
    .where('messages.deleted_at', 'is', null)
    .where('messages.state', 'in', ['judged', 'dead'])
    .leftJoin('verdicts', (join) =>
      join
        .onRef('verdicts.id', '=', 'messages.verdict')
        // A message that died after an edit still has the verdict on its old text.
        .on('messages.state', '=', 'judged'),
    )
    .leftJoin('flags', (join) =>
      join.onRef('flags.channel', '=', 'messages.channel').onRef('flags.ts', '=', 'messages.ts'),
    );
}
