import { CompiledQuery } from 'kysely';
import { expect, test } from 'vitest';
import type { Tx } from '../../src/store/db/tables.ts';
import {
  type findMessageRow,
  findOriginal,
  markCopy,
  readCopies,
} from '../../src/store/intake/copies.ts';
import { clearDeletion } from '../../src/store/intake/revival.ts';
import { listSampleCandidates } from '../../src/store/settings/rehearsal-verdicts.ts';
import { openFreshDatabase } from '../fresh-database.ts';
import { createPlanWatch } from '../plans.ts';

/** What each post of an integration asks of the database must not grow with its channel. */

const MESSAGE = {
  ...{ channel: 'C1', ts: '1790000000.000001', threadTs: null, author: null, authorName: null },
  ...{ reporter: null, bot: 'B1', text: 'It crashes', editedTs: null },
};
const ROW = {
  ...{ channel: 'C1', ts: MESSAGE.ts, bot: 'B1', essence: 'It crashes' },
  ...{ reporter: null, author_name: null },
} as NonNullable<Awaited<ReturnType<typeof findMessageRow>>>;

test.each<[string, (tx: Tx) => Promise<unknown>]>([
  ['the original of a post is found', (tx) => findOriginal(tx, ROW)],
  ['copies are read', (tx) => readCopies(tx, 'C1', [MESSAGE.ts, '1790000000.000002'])],
  ['a post becomes a copy', (tx) => markCopy(tx, MESSAGE, '1790000000.000002')],
  ['a message is revived', (tx) => clearDeletion(tx, MESSAGE)],
])('%s by an index', async (_what, work) => {
  const plans = createPlanWatch();
  const db = await openFreshDatabase(plans.log);
  await work(db as unknown as Tx);
  expect(plans.count()).toBeGreaterThan(0);
  expect(await plans.listWholeReads(db)).toEqual([]);
  await db.destroy();
});

test('a sample of several channels is chosen without sorting all their messages', async () => {
  const queries: CompiledQuery[] = [];
  const db = await openFreshDatabase(({ query }) => void queries.push(query));
  await listSampleCandidates(db, ['C1', 'C2'], { taxonomyVersion: 1, limit: 9 });
  const asked = queries.filter(({ sql }) => sql.includes('"messages"'));
  expect(asked.length).toBeGreaterThan(0);
  for (const { sql, parameters } of asked) {
    const explain = CompiledQuery.raw(`explain query plan ${sql}`, [...parameters]);
    const { rows } = await db.executeQuery<{ detail: string }>(explain);
    expect(rows.map(({ detail }) => detail)).not.toContain('USE TEMP B-TREE FOR ORDER BY');
  }
  await db.destroy();
});

test('a statement that reads all of a channel is found', async () => {
  const plans = createPlanWatch();
  const db = await openFreshDatabase(plans.log);
  await db.selectFrom('messages').select('text').where('channel', '=', 'C1').execute();
  expect(await plans.listWholeReads(db)).toEqual([expect.stringMatching(/^SEARCH messages /)]);
  await db.destroy();
});
