import { CompiledQuery, type KyselyPlugin, type RootOperationNode } from 'kysely';
import { expect, test } from 'vitest';
import type { Tx } from '../../../src/store/db/tables.ts';
import {
  type findMessageRow,
  findOriginal,
  markCopy,
  readCopies,
} from '../../../src/store/intake/copies.ts';
import { clearDeletion } from '../../../src/store/intake/revival.ts';
import { openFreshDatabase } from '../../fresh-database.ts';

/** What each post of an integration asks of the database must not grow with its channel. */

const MESSAGE = {
  ...{ channel: 'C1', ts: '1790000000.000001', threadTs: null, author: null, authorName: null },
  ...{ reporter: null, bot: 'B1', text: 'It crashes', editedTs: null },
};
const ROW = {
  ...{ channel: 'C1', ts: MESSAGE.ts, bot: 'B1', essence: 'It crashes' },
  ...{ reporter: null, author_name: null },
} as NonNullable<Awaited<ReturnType<typeof findMessageRow>>>;

/** The plans of all statements: how SQLite comes to its rows. */
async function plan(work: (tx: Tx) => Promise<unknown>): Promise<string[]> {
  const db = await openFreshDatabase();
  const nodes: RootOperationNode[] = [];
  const watch: KyselyPlugin = {
    transformQuery({ node }) {
      nodes.push(node);
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  try {
    await work(db.withPlugin(watch) as unknown as Tx);
    const steps: string[] = [];
    for (const node of nodes) {
      const { sql, parameters } = db.getExecutor().compileQuery(node, { queryId: 'plan' });
      const query = CompiledQuery.raw(`explain query plan ${sql}`, [...parameters]);
      const { rows } = await db.executeQuery<{ detail: string }>(query);
      steps.push(...rows.map(({ detail }) => detail));
    }
    return steps;
  } finally {
    await db.destroy();
  }
}

const INDEXED = /^(?:SEARCH|CORRELATED|LIST|USE TEMP) /;
const WHOLE_CHANNEL = /\(channel=\?\)$/;

test.each<[string, (tx: Tx) => Promise<unknown>]>([
  ['the original of a post is found', (tx) => findOriginal(tx, ROW)],
  ['copies are read', (tx) => readCopies(tx, 'C1', [MESSAGE.ts, '1790000000.000002'])],
  ['a post becomes a copy', (tx) => markCopy(tx, MESSAGE, '1790000000.000002')],
  ['a message is revived', (tx) => clearDeletion(tx, MESSAGE)],
])('%s by an index', async (_what, work) => {
  const steps = await plan(work);
  expect(steps).not.toHaveLength(0);
  for (const step of steps) {
    expect(step).toMatch(INDEXED);
    expect(step).not.toMatch(WHOLE_CHANNEL);
  }
});
