import { CompiledQuery } from 'kysely';
import { describe, expect, test } from 'vitest';
import {
  answerEnvelope,
  countWaiting,
  type Envelope,
  listWaiting,
  listWaitingTeams,
  putEnvelope,
  removeAnswers,
  removeEnvelope,
  removeExpired,
  takeAnswer,
} from '../../../src/store/workspaces/inbox.ts';
import type { ControlDb } from '../../../src/store/workspaces/tables.ts';
import { onPostgres } from '../../postgres/fresh-workspace.ts';
import { createPlace, START, startControl } from './stage.ts';

const put = (db: ControlDb, id: string, change: Partial<Envelope> = {}) =>
  putEnvelope(db, {
    ...{ id, team: 'T1', receivedAt: START, expiresAt: null, content: { type: 'events_api' } },
    ...change,
  });

const list = async (db: ControlDb, { team = 'T1', now = START, limit = 100 } = {}) =>
  (await listWaiting(db, team, { now, limit })).map(({ id }) => id);

describe('what waits', () => {
  test('is listed as it was put, in the order in which it came', async () => {
    const db = await startControl();
    const content = { text: 'naïve \0 \ud800 "🐞"', blocks: [null, 1.5, { a: [] }] };
    await put(db, 'b', { receivedAt: START + 1 });
    await put(db, 'c', { receivedAt: START, content, expiresAt: START + 3_000 });
    await put(db, 'a', { receivedAt: START + 1 });
    await put(db, 'd', { team: 'T2' });
    expect(await list(db)).toEqual(['c', 'a', 'b']);
    expect(await list(db, { limit: 2 })).toEqual(['c', 'a']);
    expect(await listWaiting(db, 'T1', { now: START, limit: 1 })).toEqual([
      { id: 'c', team: 'T1', receivedAt: START, expiresAt: START + 3_000, content },
    ]);
    expect(await list(db, { team: 'T3' })).toEqual([]);
  });

  test('is put once', async () => {
    const db = await startControl();
    await put(db, 'a', { content: 1 });
    await put(db, 'a', { content: 2 });
    expect(await listWaiting(db, 'T1', { now: START, limit: 9 })).toMatchObject([{ content: 1 }]);
    await answerEnvelope(db, 'a', 'done', START);
    await put(db, 'a');
    expect(await list(db)).toEqual([]);
    expect(await takeAnswer(db, 'a')).toEqual({ answer: 'done' });
  });

  test('is counted for each workspace, without what has expired or is handled', async () => {
    const db = await startControl();
    for (const id of ['a', 'b', 'c']) await put(db, id);
    await put(db, 'd', { team: 'T2', expiresAt: START + 3_000 });
    await put(db, 'e', { team: 'T3' });
    await answerEnvelope(db, 'c', null, START);
    await removeEnvelope(db, 'e');
    expect(await countWaiting(db, START)).toEqual(
      new Map([
        ['T1', 2],
        ['T2', 1],
      ]),
    );
    expect(await listWaitingTeams(db, START + 2_999)).toEqual(['T1', 'T2']);
    expect(await listWaitingTeams(db, START + 3_000)).toEqual(['T1']);
    expect(await list(db, { team: 'T2', now: START + 3_000 })).toEqual([]);
  });
});

describe('an answer', () => {
  test.each([
    ['an object', { text: '0 \0', blocks: [] }],
    ['a text', 'ok'],
    ['nothing', null],
  ])('that is %s is taken once', async (_, answer) => {
    const db = await startControl();
    await put(db, 'a');
    expect(await takeAnswer(db, 'a')).toBeUndefined();
    expect(await list(db)).toEqual(['a']);
    expect(await answerEnvelope(db, 'a', answer, START + 1)).toBe(true);
    expect(await list(db)).toEqual([]);
    expect(await takeAnswer(db, 'a')).toEqual({ answer });
    expect(await takeAnswer(db, 'a')).toBeUndefined();
  });

  test('is given once, and to what is still there', async () => {
    const db = await startControl();
    await put(db, 'a', { expiresAt: START + 3_000 });
    expect(await answerEnvelope(db, 'a', 1, START)).toBe(true);
    expect(await answerEnvelope(db, 'a', 2, START)).toBe(false);
    expect(await takeAnswer(db, 'a')).toEqual({ answer: 1 });
    expect(await answerEnvelope(db, 'a', 3, START)).toBe(false);
    expect(await answerEnvelope(db, 'b', 1, START)).toBe(false);
  });

  test('is taken by one of several processes, and given by one of them', async () => {
    const place = await createPlace();
    const all = [await startControl(place), await startControl(place), await startControl(place)];
    for (const id of ['a', 'b', 'c', 'd', 'e']) {
      await Promise.all(all.map((db) => put(db, id)));
      const given = await Promise.all(all.map((db, n) => answerEnvelope(db, id, n, START)));
      expect(given.filter(Boolean)).toHaveLength(1);
      const taken = await Promise.all(all.map((db) => takeAnswer(db, id)));
      expect(taken.filter(Boolean)).toEqual([{ answer: given.indexOf(true) }]);
    }
  });
});

test('what nobody waits for is removed when its time has come', async () => {
  const db = await startControl();
  await put(db, 'kept');
  await put(db, 'later', { expiresAt: START + 5_001 });
  await put(db, 'expired', { expiresAt: START + 5_000 });
  await put(db, 'expired and answered', { expiresAt: START + 3_000 });
  await put(db, 'answered');
  await put(db, 'answered later');
  await answerEnvelope(db, 'expired and answered', 1, START + 9_000);
  await answerEnvelope(db, 'answered', 1, START + 1_000);
  await answerEnvelope(db, 'answered later', 1, START + 1_001);
  expect(await removeExpired(db, START + 5_000)).toBe(2);
  expect(await removeAnswers(db, START + 1_000)).toBe(1);
  expect(await removeExpired(db, START + 5_000)).toBe(0);
  expect(await answerEnvelope(db, 'expired', 1, START)).toBe(false);
  const left = await db.selectFrom('inbox').select('id').orderBy('id').execute();
  expect(left.map(({ id }) => id)).toEqual(['answered later', 'kept', 'later']);
});

test.skipIf(onPostgres)('nothing that is asked of the inbox reads all of it', async () => {
  const db = await startControl();
  const asked: CompiledQuery[] = [];
  const watched = db.withPlugin({
    transformQuery({ node, queryId }) {
      asked.push(db.getExecutor().compileQuery(node, queryId));
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  await list(watched);
  await countWaiting(watched, START);
  await answerEnvelope(watched, 'a', 1, START);
  await takeAnswer(watched, 'a');
  await removeEnvelope(watched, 'a');
  await removeAnswers(watched, START);
  await removeExpired(watched, START);
  const steps: string[] = [];
  for (const { sql, parameters } of asked) {
    const explain = CompiledQuery.raw(`explain query plan ${sql}`, [...parameters]);
    const { rows } = await db.executeQuery<{ detail: string }>(explain);
    steps.push(rows.map(({ detail }) => detail).join('; '));
  }
  const byId = 'SEARCH inbox USING INDEX sqlite_autoindex_inbox_1 (id=?)';
  expect(steps).toEqual([
    'SEARCH inbox USING INDEX inbox_waiting (team=?)',
    'SCAN inbox USING INDEX inbox_waiting',
    ...[byId, byId, byId],
    'SEARCH inbox USING INDEX inbox_answered (answered_at<?)',
    'SEARCH inbox USING INDEX inbox_expiring (expires_at<?)',
  ]);
});
