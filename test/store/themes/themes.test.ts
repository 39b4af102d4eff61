import { describe, expect, test } from 'vitest';
import { joinChannel } from '../../../src/store/intake/channels.ts';
import { markDeleted } from '../../../src/store/intake/messages.ts';
import { merge, proposeMerges, unmerge } from '../../../src/store/themes/merges.ts';
import {
  addThemes,
  joinThemes,
  readTakenOut,
  resolveTheme,
} from '../../../src/store/themes/themes.ts';
import {
  countThemes,
  findThemes,
  forgetOldThemes,
  INDEXED,
  refreshTitlesOf,
} from '../../../src/store/themes/words.ts';
import { CHANNEL, judged, START, startScene, ts } from '../scene.ts';

const PRIVATE = 'C0PRIVATE';

async function startGrouped() {
  const scene = await startScene();
  await scene.commit((tx) => joinChannel(tx, PRIVATE, { invitedBy: 'U0ANA', at: START }));
  const run = await scene.open();
  await scene.close(run);
  /** Judged messages with these gists. */
  const judge = async (gists: Record<number, string>) => {
    const numbers = Object.keys(gists).map(Number);
    for (const n of numbers) await scene.keep(n);
    const sent = await scene.submit();
    await scene.take(
      sent,
      numbers.map((n) => judged(n, { gist: gists[n] ?? '' })),
    );
    await scene.close(sent.run);
    return numbers.map((n) => ({ ts: ts(n), revision: 1, gist: gists[n] ?? '' }));
  };
  const add = (groups: Parameters<typeof addThemes>[2], channel = CHANNEL, now = START) =>
    scene.commit((tx) => addThemes(tx, { channel, run: run.id }, groups, now));
  const find = (text: string, more: { channel?: string; barred?: number } = {}) =>
    findThemes(scene.db, { channel: CHANNEL, text, ...more }, 8);
  const members = (theme: number) =>
    scene.db.selectFrom('theme_members').select('ts').where('theme', '=', theme).execute();
  return { ...scene, run, judge, add, find, members };
}

describe('themes are found', () => {
  test('by their words, nearest first, and by what was said in them last', async () => {
    const { judge, add, find, commit } = await startGrouped();
    const [one, two, three] = await judge({
      1: 'Export to PDF fails on Safari',
      2: 'A dark mode for the editor',
      3: 'Saving as a portable document is broken',
    });
    if (!one || !two || !three) throw new Error('not judged');
    const [pdf = 0] = await add([[one], [two]]);
    expect(await find('PDF export on my Safari')).toEqual([{ id: pdf, title: one.gist }]);
    expect(await find('portable documents cannot be saved')).toEqual([]);
    await commit((tx) => joinThemes(tx, CHANNEL, new Map([[pdf, [three]]]), START));
    expect(await find('portable documents cannot be saved')).toEqual([
      { id: pdf, title: one.gist },
    ]);
    expect(await find('the new look is nice')).toEqual([]);
  });

  test('after a message has come twice, which joins once', async () => {
    const { judge, add, commit, members } = await startGrouped();
    const [one, two] = await judge({ 1: 'Export fails', 2: 'The export is broken' });
    if (!one || !two) throw new Error('not judged');
    const [theme = 0] = await add([[one]]);
    await commit((tx) => joinThemes(tx, CHANNEL, new Map([[theme, [two, one, two]]]), START));
    const joined = await members(theme);
    expect(joined.map(({ ts: member }) => member).sort()).toEqual([one.ts, two.ts]);
  });

  test('in their own channel only, and not by those who were taken out', async () => {
    const { judge, add, find } = await startGrouped();
    const [one] = await judge({ 1: 'Export to PDF fails on Safari' });
    const [id = 0] = await add([one ? [one] : []]);
    expect(await find('export to PDF fails', { channel: PRIVATE })).toEqual([]);
    expect(await find('export to PDF fails', { barred: id })).toEqual([]);
  });

  test.each(['"', 'NEAR(', 'a OR b AND', '🎉', '', '*', 'words: x'])(
    'and %j is no query',
    async (text) => {
      const { find } = await startGrouped();
      expect(await find(text)).toEqual([]);
    },
  );

  test('as many as are looked for quickly: those of long ago are forgotten', async () => {
    const { db, commit, add, judge, run } = await startGrouped();
    const [one] = await judge({ 1: 'The oldest of all' });
    await add([one ? [one] : []], CHANNEL, START - 1);
    const rows = Array.from({ length: INDEXED }, (_, n) => n + 2);
    for (let at = 0; at < rows.length; at += 500) {
      const some = rows.slice(at, at + 500);
      await db
        .insertInto('themes')
        .values(
          some.map((id) => ({
            id,
            channel: CHANNEL,
            title: `Number ${id}`,
            named_by: ts(id),
            run: run.id,
            created_at: START,
            touched_at: START,
            merged_into: null,
            indexed: 1,
          })),
        )
        .execute();
    }
    expect(await commit((tx) => forgetOldThemes(tx, CHANNEL, 100))).toBe(1);
    expect(await commit((tx) => forgetOldThemes(tx, CHANNEL, 100))).toBe(0);
    expect(await countThemes(db, CHANNEL, INDEXED + 9)).toBe(INDEXED);
    expect(await findThemes(db, { channel: CHANNEL, text: 'oldest of all' }, 8)).toEqual([]);
  });
});

test('a theme is called after another message when its own is gone, and is not found when none is left', async () => {
  const { judge, add, find, commit } = await startGrouped();
  const both = await judge({ 1: 'Export to PDF fails', 2: 'Cannot export anything as PDF' });
  const [id = 0] = await add([both]);
  const drop = (n: number) =>
    commit(async (tx) => {
      await markDeleted(tx, { channel: CHANNEL, ts: ts(n) }, START);
      await refreshTitlesOf(tx, { channel: CHANNEL, ts: ts(n) });
    });
  await drop(1);
  expect(await find('export as PDF')).toEqual([{ id, title: 'Cannot export anything as PDF' }]);
  await drop(2);
  expect(await find('export as PDF')).toEqual([]);
});

describe('merges', () => {
  async function startTwo() {
    const grouped = await startGrouped();
    const all = await grouped.judge({ 1: 'One', 2: 'Two', 3: 'Three', 4: 'Four', 5: 'Five' });
    const ids = await grouped.add(all.map((each) => [each]));
    const propose = async (one: number, other: number) => {
      const about = { channel: CHANNEL, run: grouped.run.id };
      await grouped.commit((tx) => proposeMerges(tx, about, [[one, other]], START));
      const { id } = await grouped.db
        .selectFrom('theme_merges')
        .select('id')
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirstOrThrow();
      return id;
    };
    const where = async () =>
      Promise.all(ids.map(async (id) => (await grouped.members(id)).map((row) => row.ts)));
    return { ...grouped, ids, all, propose, where };
  }

  test('of three, undone in any order, leave all as it was', async () => {
    const { ids, propose, commit, where, db } = await startTwo();
    const [one = 0, two = 0, three = 0] = ids;
    const before = await where();
    const first = await propose(two, three);
    const second = await propose(two, one);
    await commit((tx) => merge(tx, first, 'U0ANA', START));
    await commit((tx) => merge(tx, second, 'U0ANA', START));
    expect(await resolveTheme(db, three)).toBe(one);
    expect((await where())[0]).toEqual([ts(1), ts(2), ts(3)]);
    await commit((tx) => unmerge(tx, second, 'U0ANA', START));
    expect((await where()).slice(0, 3)).toEqual([[ts(1)], [ts(2), ts(3)], []]);
    await commit((tx) => unmerge(tx, first, 'U0ANA', START));
    expect(await where()).toEqual(before);
    expect(await resolveTheme(db, three)).toBe(three);
  });

  test('of what is one already move nothing, and undo nothing', async () => {
    const { ids, propose, commit, where } = await startTwo();
    const [one = 0, two = 0, three = 0] = ids;
    const merges = [await propose(one, two), await propose(two, three), await propose(one, three)];
    for (const id of merges) await commit((tx) => merge(tx, id, 'U0ANA', START));
    const together = await where();
    await commit((tx) => unmerge(tx, merges[2] ?? 0, 'U0ANA', START));
    expect(await where()).toEqual(together);
  });

  test('are proposed once for each pair, whichever way round', async () => {
    const { ids, commit, run } = await startTwo();
    const [one = 0, two = 0] = ids;
    const about = { channel: CHANNEL, run: run.id };
    const propose = (pairs: [number, number][]) =>
      commit((tx) => proposeMerges(tx, about, pairs, START));
    expect(await propose([[one, two]])).toBe(1);
    expect(
      await propose([
        [two, one],
        [one, two],
      ]),
    ).toBe(0);
  });

  test('bar what was taken out of either from both', async () => {
    const { ids, propose, commit, db } = await startTwo();
    const [one = 0, two = 0, , four = 0] = ids;
    await db
      .updateTable('theme_members')
      .set({ taken_from: two })
      .where('theme', '=', four)
      .execute();
    const id = await propose(one, two);
    await commit((tx) => merge(tx, id, 'U0ANA', START));
    expect(await readTakenOut(db, CHANNEL, [ts(4), ts(1)])).toEqual(new Map([[ts(4), one]]));
  });
});
