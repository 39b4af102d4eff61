import { expect, test } from 'vitest';
import type { ThemeFacts } from '../../../src/core/themes/themes.ts';
import { readDigestFacts } from '../../../src/store/digest/facts.ts';
import { publishNext } from '../../../src/store/digest/published.ts';
import { markDeleted } from '../../../src/store/intake/messages.ts';
import type { Run } from '../../../src/store/runs/runs.ts';
import { readThemeFacts } from '../../../src/store/themes/facts.ts';
import { addThemes, joinThemes } from '../../../src/store/themes/themes.ts';
import { CHANNEL, judged, START, startScene } from '../scene.ts';

const DAY = 86_400_000;
/** The moment of the last summary: messages are numbered by seconds before it. */
const NOW = START + 60 * DAY;
const EVER = 60 * 86_400;
/** The number of the message of so many days ago; `nth` when there are several. */
const daysAgo = (days: number, nth = 0) => EVER - days * 86_400 + nth;

/** Messages are judged, told in a digest and grouped as a theme, new or known. */
async function startThemes() {
  const scene = await startScene();
  const ids = new Map<string, number>();
  const judge = async (groups: Record<string, number[]>, category = 'bug'): Promise<Run> => {
    const numbers = Object.values(groups).flat();
    for (const n of numbers) await scene.keep(n);
    const sent = await scene.submit();
    for (let start = 0; start < numbers.length; start += 500) {
      const some = numbers.slice(start, start + 500);
      await scene.take(
        sent,
        some.map((n) => judged(n, { category })),
      );
    }
    await scene.close(sent.run);
    await scene.commit(async (tx) => {
      while ((await publishNext(tx, sent.run)) > 0);
      for (const [title, members] of Object.entries(groups)) {
        const joining = members.map((n) => ({ ts: tsOf(n), revision: 1, gist: title }));
        const known = ids.get(title);
        const about = { channel: CHANNEL, run: sent.run.id };
        if (known) await joinThemes(tx, CHANNEL, new Map([[known, joining]]), START);
        else ids.set(title, (await addThemes(tx, about, [joining], START))[0] ?? 0);
      }
    });
    return sent.run;
  };
  const facts = (run: Run, now = NOW) =>
    readThemeFacts(scene.db, { channel: CHANNEL, run: run.id }, now);
  return { ...scene, judge, facts };
}

const tsOf = (n: number) => `${START / 1000 + n}.000000`;
const msOf = (n: number) => START + n * 1000;
const brief = (facts: ThemeFacts[]) =>
  facts.map(({ title, fresh, month, trend }) => [title, fresh, month, trend]);

test('a summary tells of the themes of its messages, the most written of first', async () => {
  const { judge, facts } = await startThemes();
  await judge({
    'Export fails': [daysAgo(40), daysAgo(10), daysAgo(9)],
    'Old and over': [daysAgo(50), daysAgo(49), daysAgo(48)],
    'Went quiet': [daysAgo(20), daysAgo(15), daysAgo(8)],
    'Never much': [daysAgo(20, 1), daysAgo(15, 1)],
    'Dark mode': [daysAgo(12)],
  });
  const run = await judge({
    'Export fails': [daysAgo(2), daysAgo(1), daysAgo(0.5)],
    'Dark mode': [daysAgo(1, 1)],
    'Login loops': [daysAgo(1, 2), daysAgo(1, 3)],
    'Said once': [daysAgo(1, 4)],
  });
  const published = await facts(run);
  expect(brief(published)).toEqual([
    ['Export fails', 3, 5, 'growing'],
    ['Login loops', 2, 2, 'new'],
    ['Dark mode', 1, 2, 'steady'],
    ['Went quiet', 0, 3, 'quiet'],
  ]);
  expect(published[0]).toMatchObject({
    firstSeen: msOf(daysAgo(40)),
    lastSeen: msOf(daysAgo(0.5)),
    latest: { ts: tsOf(daysAgo(0.5)), threadTs: null },
  });
});

test('only what is there, is no noise, and is of the text that was grouped counts', async () => {
  const { judge, facts, commit, keep } = await startThemes();
  const run = await judge({ 'Export fails': [1, 2, 3, 4].map((n) => daysAgo(1, n)) });
  expect(brief(await facts(run))).toEqual([['Export fails', 4, 4, 'new']]);
  await commit((tx) => markDeleted(tx, { channel: CHANNEL, ts: tsOf(daysAgo(1, 4)) }, NOW));
  expect(brief(await facts(run))).toEqual([['Export fails', 3, 3, 'new']]);
  await keep(daysAgo(1, 3), { text: 'Never mind', editedTs: tsOf(daysAgo(0)) });
  expect(brief(await facts(run))).toEqual([['Export fails', 2, 2, 'new']]);
  const noise = await judge({ Lunch: [daysAgo(0.1), daysAgo(0.1, 1)] }, 'noise');
  expect(await facts(noise)).toEqual([]);
});

test('a digest that is told anew does not count what later ones have told', async () => {
  const { judge, facts, db } = await startThemes();
  const first = await judge({ 'Export fails': [daysAgo(3), daysAgo(2)] });
  const before = await facts(first);
  await judge({ 'Export fails': [daysAgo(2, 1), daysAgo(1)] });
  expect(await facts(first)).toEqual(before);
  const published = await readDigestFacts(
    db,
    { kind: 'run', run: { ...first, ended_at: NOW } },
    { now: NOW, timeZone: 'UTC' },
  );
  expect(published.themes).toEqual(before);
});

test('a period has its own fresh messages', async () => {
  const { judge, db } = await startThemes();
  await judge({ 'Export fails': [daysAgo(10), daysAgo(3), daysAgo(2)], Once: [daysAgo(1)] });
  const week = { channel: CHANNEL, from: NOW - 7 * DAY, to: NOW };
  expect(brief(await readThemeFacts(db, week, NOW))).toEqual([['Export fails', 2, 3, 'steady']]);
  const earlier = { channel: CHANNEL, from: NOW - 14 * DAY, to: NOW - 7 * DAY };
  expect(await readThemeFacts(db, earlier, NOW - 7 * DAY)).toEqual([]);
});

test('thousands are counted page by page', async () => {
  const { judge, facts, db } = await startThemes();
  const many = (title: string, count: number, days: number) => ({
    [title]: Array.from({ length: count }, (_, n) => daysAgo(days, n)),
  });
  await judge({ ...many('Export fails', 1_200, 20), ...many('Dark mode', 900, 5) });
  const run = await judge({ ...many('Export fails', 1_300, 2), ...many('Dark mode', 2, 1) });
  expect(brief(await facts(run))).toEqual([
    ['Export fails', 1_300, 2_500, 'growing'],
    ['Dark mode', 2, 902, 'growing'],
  ]);
  let pauses = 0;
  await readThemeFacts(db, { channel: CHANNEL, run: run.id }, NOW, async () => void pauses++);
  // 3,402 members, 1,302 messages, 2 themes.
  expect(pauses).toBe(18 + 7 + 1);
});
