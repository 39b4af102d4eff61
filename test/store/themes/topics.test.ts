import { describe, expect, test } from 'vitest';
import { addThemes } from '../../../src/store/themes/themes.ts';
import { listUnsorted, proposeTopics, setTopicState } from '../../../src/store/themes/topics.ts';
import { CHANNEL, judged, START, startScene, ts } from '../scene.ts';

/** Which themes Claude is asked about: see `listUnsorted`. */

const MONTH_MS = 30 * 86_400_000;

/** Themes of so many messages each, from `ts(1)` on; each message is another person's. */
async function startUnsorted(sizes: number[]) {
  const scene = await startScene();
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const numbers = Array.from({ length: total }, (_, index) => index + 1);
  for (const n of numbers) await scene.keep(n);
  const sent = await scene.submit();
  await scene.take(
    sent,
    numbers.map((n) => judged(n, { gist: `gist ${n}` })),
  );
  await scene.close(sent.run);
  const members = numbers.map((n) => ({ ts: ts(n), revision: 1, gist: `gist ${n}` }));
  const groups = sizes.map((size) => members.splice(0, size));
  const themes = await scene.commit((tx) =>
    addThemes(tx, { channel: CHANNEL, run: sent.run.id }, groups, START),
  );
  const unsorted = (more: { now?: number; limit?: number; pause?: () => Promise<void> } = {}) =>
    listUnsorted(scene.db, CHANNEL, { now: START, limit: 10, ...more });
  const propose = (...members: number[]) =>
    scene.commit((tx) =>
      proposeTopics(
        tx,
        { channel: CHANNEL, run: sent.run.id },
        [{ title: 'A topic', asks: members }],
        START,
      ),
    );
  return { ...scene, themes, unsorted, propose };
}

describe('unsorted themes', () => {
  test('are those of the most people first, then the newest', async () => {
    const { themes, unsorted } = await startUnsorted([1, 3, 1]);
    const [one, two, three] = themes;
    const expected = [
      { id: two, title: 'gist 2', sorted: 0, people: 3 },
      { id: three, title: 'gist 5', sorted: 0, people: 1 },
      { id: one, title: 'gist 1', sorted: 0, people: 1 },
    ];
    expect(await unsorted()).toEqual(expected);
    expect(await unsorted({ limit: 2 })).toEqual(expected.slice(0, 2));
  });

  test('count a voice once, and nothing that was deleted, edited or is older than a month', async () => {
    const { db, themes, unsorted } = await startUnsorted([6]);
    const change = (n: number, set: object) =>
      db.updateTable('messages').set(set).where('ts', '=', ts(n)).execute();
    await change(2, { voice: 'U0ANA' });
    await change(3, { voice: 'U0ANA' });
    await change(4, { deleted_at: START });
    await change(5, { revision: 2 });
    const now = START + MONTH_MS + 1000;
    expect(await unsorted({ now })).toEqual([
      expect.objectContaining({ id: themes[0], people: 2 }),
    ]);
    expect(await unsorted({ now: now + 5000 })).toEqual([]);
  });

  test('are under no topic that is proposed or accepted', async () => {
    const { db, commit, themes, unsorted, propose } = await startUnsorted([2, 2, 1]);
    await propose(...themes.slice(0, 2));
    const listed = async () => (await unsorted()).map(({ id }) => id);
    expect(await listed()).toEqual([themes[2]]);
    const { id } = await db.selectFrom('topics').select('id').executeTakeFirstOrThrow();
    await commit((tx) => setTopicState(tx, id, { state: 'apart', by: 'U0ANA', at: START }));
    expect(await listed()).toEqual([themes[1], themes[0], themes[2]]);
  });

  test('of a busy month are counted in pages, others have their turn between', async () => {
    const { themes, unsorted } = await startUnsorted([1_100, 2]);
    let turns = 0;
    const counted = await unsorted({ pause: async () => void turns++ });
    expect(counted.map(({ id, people }) => [id, people])).toEqual([
      [themes[0], 1_100],
      [themes[1], 2],
    ]);
    expect(turns).toBeGreaterThanOrEqual(3);
  });
});
