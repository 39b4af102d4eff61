import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { renderThemesPage } from '../../eval/report/themes-page.ts';
import { renderThemesText } from '../../eval/report/themes-text.ts';
import { drawClusters, loadClusters } from '../../eval/themes/load-clusters.ts';
import { lines, makeFolder, runThemes, startStandIn } from './stage.ts';

/** `npm run eval -- --themes`: what is asked and kept, and figures counted by hand. */

/** The keyword rules take two gists for the same if they share two rare words. */
const CLUSTERS = [
  { id: 'e1', text: 'The export to Safari crashes', label: 'web/export' },
  { id: 'e2', text: 'Safari export crashes', label: 'web/export' },
  { id: 'e3', text: 'Nothing is written to the disk', label: 'web/export' },
  { id: 'd1', text: 'Please add a dark theme', label: 'web/dark' },
  { id: 'e4', text: 'Each Safari export crashes', label: 'phone/other' },
];
const GISTS = CLUSTERS.map((row) => ({ ...row, gist: row.text }));

const setUp = (rows: object[] = CLUSTERS) => {
  const at = makeFolder({ 'data.jsonl': lines(rows) });
  return { at, args: ['--data', at('data.jsonl'), '--answers', at('answers.jsonl')] };
};

test('a grouping that was recorded is scored exactly, and nobody is asked', async () => {
  const { report, said } = await runThemes([
    '--data',
    'eval/data/by-hand/themes.jsonl',
    '--answers',
    'eval/data/by-hand/groups.jsonl',
  ]);
  expect(said).toEqual([]);
  expect(report).toMatchObject({
    judge: 'recorded',
    note: expect.stringContaining('nobody was asked'),
    data: { labelled: 21, grouped: 21, rest: 0 },
    answers: { asked: 0, kept: 21 },
    usd: 0,
    usdNow: 0,
  });
  const { asks, topics, channels } = report;
  // Permissions: 8 reviews as 4 + 3 + 1; location: 4 as 3 + 1; crashes: 9 as 6 + 2 + 1.
  expect(asks).toMatchObject({ messages: 21, clusters: 3, groups: 5 });
  expect(asks.bcubed.precision).toBe(1);
  expect(asks.bcubed.recall).toBeCloseTo((26 / 8 + 10 / 4 + 41 / 9) / 21, 12);
  const pairs = 6 + 3 + 3 + 15 + 1;
  expect(asks.pairwise).toMatchObject({ precision: 1, recall: pairs / 70, f1: (2 * pairs) / 98 });
  // The topic of permissions has a review about location.
  const precision = (64 / 9 + 1 / 9 + 3 + 9) / 21;
  const recall = (8 + 10 / 4 + 9) / 21;
  expect(topics?.bcubed.precision).toBeCloseTo(precision, 12);
  expect(topics?.bcubed.recall).toBeCloseTo(recall, 12);
  expect(topics?.bcubed.f1).toBeCloseTo((2 * precision * recall) / (precision + recall), 12);
  expect(topics?.pairwise).toMatchObject({ precision: 67 / 75, recall: 67 / 70 });
  expect(topics?.bcubed.f1Low).toBeLessThan(topics?.bcubed.f1 ?? 0);
  // Each app has figures of its own.
  expect(channels.huawei?.topics?.bcubed).toMatchObject({ precision: 1, recall: 1 });
  expect(channels.huawei?.asks.bcubed.recall).toBeCloseTo(41 / 81, 12);
  expect(channels.garmin?.asks).toMatchObject({ messages: 12, clusters: 2 });
});

test('a part of a grouping is refused', async () => {
  const { at, args } = setUp();
  writeFileSync(at('answers.jsonl'), lines([{ id: 'e1', ask: 'export' }]));
  await expect(runThemes(args)).rejects.toThrow(/1 of 5 messages.*counts as a whole/s);
});

test('gists are written and grouped as the bot does it, each channel apart', async () => {
  const { args } = setUp();
  const { report, said } = await runThemes(args);
  expect(said[0]).toContain('not Claude');
  expect(report).toMatchObject({
    judge: 'stand-in',
    note: expect.stringContaining('not Claude'),
    // A single message has nothing to be grouped with, and one ask of several people no topic.
    requests: 1,
    data: { grouped: 5 },
  });
  expect(report.asks).toMatchObject({ messages: 5, clusters: 3, groups: 1 });
  // e1 and e2 are found, e3 is not: recall (2 × 2/3 + 1/3 + 2) / 5.
  expect(report.asks.bcubed).toMatchObject({ precision: 1 });
  expect(report.asks.bcubed.recall).toBeCloseTo((5 / 3 + 2) / 5, 12);
  expect(report.usd).toBeGreaterThan(0);
  // There are no topics, so asks count instead.
  expect(report.topics?.bcubed).toEqual(report.asks.bcubed);
});

test('topics are asked for above the asks, each channel apart', async () => {
  const ask = (id: string, gist: string, label: string) => ({ id, text: gist, gist, label });
  const { args } = setUp([
    ask('c1', 'Needless permission for contacts', 'app/permissions'),
    ask('c2', 'Contacts: needless permission', 'app/permissions'),
    ask('p1', 'Revoking a permission achieves nothing', 'app/permissions'),
    ask('p2', 'Nothing when revoking the permission', 'app/permissions'),
    ask('s1', 'Sleeping hours are wrong', 'app/sleep'),
    ask('o1', 'Denied permission, it begs', 'other/permissions'),
  ]);
  const { report } = await runThemes(args);
  expect(report.asks).toMatchObject({ groups: 2, bcubed: { precision: 1 } });
  expect(report.asks.bcubed.recall).toBeCloseTo((4 * (2 / 4) + 2) / 6, 12);
  // For groups and for topics.
  expect(report.requests).toBe(2);
  expect(report.topics).toMatchObject({ groups: 1, bcubed: { precision: 1, recall: 1 } });
});

test('the gists of the file are taken as they are', async () => {
  const { claude, posts, how } = await startStandIn();
  const { args } = setUp(GISTS);
  const { report } = await runThemes([...args, '--yes'], how);
  expect(posts()).toBe(1);
  expect(report.answers).toMatchObject({ asked: 1, kept: 0 });
  expect(JSON.stringify(claude.asked)).toContain('Nothing is written to the disk');
  expect(JSON.stringify(claude.asked)).toContain('You find what several people have said');
});

test('the price is said before anything is spent, and scoring again asks nobody', async () => {
  const { posts, how } = await startStandIn();
  const { args } = setUp();
  await expect(runThemes(args, how)).rejects.toThrow(
    /7 answers of claude-haiku-5-5, at most about \$0\.00.*--yes/s,
  );
  expect(posts()).toBe(0);
  const first = await runThemes(args, { ...how, agree: true });
  expect(first.report.answers).toMatchObject({ asked: 6, kept: 0 });
  expect(first.report.usdNow).toBeCloseTo(first.report.usd ?? 0, 12);
  const asked = posts();
  const again = await runThemes(args, how);
  expect(posts()).toBe(asked);
  expect(again.report).toMatchObject({
    asks: first.report.asks,
    channels: first.report.channels,
    usd: first.report.usd,
    usdNow: 0,
    answers: { asked: 0, kept: 6 },
  });
});

test('a useless answer is asked for again, as by the bot, and each try is kept', async () => {
  const { claude, posts, how } = await startStandIn();
  const { args, at } = setUp(GISTS);
  claude.faults.addItem({ outcome: 'max_tokens', match: () => true, times: 1 });
  const { report } = await runThemes([...args, '--yes'], how);
  expect(posts()).toBe(2);
  expect(readFileSync(at('answers.jsonl'), 'utf8').trim().split('\n')).toHaveLength(2);
  const again = await runThemes(args, how);
  expect(posts()).toBe(2);
  expect(again.report.asks).toEqual(report.asks);
});

test('an overloaded Claude is asked again; a spent budget ends it in plain words', async () => {
  const { claude, how } = await startStandIn();
  const { args } = setUp(GISTS);
  const path = /messages/;
  claude.faults.add({ kind: 'spend_cap', path });
  await expect(runThemes([...args, '--yes'], how)).rejects.toThrow(/spend limit.*Billing/s);
  claude.faults.add({ kind: 'status', status: 529, errorType: 'overloaded_error', path, times: 2 });
  const { report } = await runThemes([...args, '--yes'], how);
  expect(report.asks.groups).toBe(1);
});

test('whole clusters are drawn', () => {
  const { messages } = loadClusters(undefined);
  expect(messages).toHaveLength(800);
  const { sample, rest } = drawClusters(messages, 100, 1);
  expect(sample.length).toBeGreaterThanOrEqual(100);
  const drawn = new Set(sample.map(({ cluster }) => cluster));
  expect(rest.filter(({ cluster }) => drawn.has(cluster))).toEqual([]);
  expect(sample.length + rest.length).toBe(800);
  expect(drawClusters(messages, 100, 1)).toEqual({ sample, rest });
  expect(drawClusters(messages, 100, 2).sample).not.toEqual(sample);
});

test('the page and the terminal show every level, and texts are escaped', async () => {
  const evil = '<script>alert(1)</script> & the export to Safari crashes';
  const at = makeFolder({
    'data.jsonl': lines([...CLUSTERS, { id: 'x', text: evil, label: 'web/evil' }]),
    'groups.jsonl': lines(
      [...CLUSTERS.map(({ id }) => id), 'x'].map((id) => ({ id, ask: 'all', topic: 'all' })),
    ),
  });
  const { report } = await runThemes(['--data', at('data.jsonl'), '--answers', at('groups.jsonl')]);
  const page = await renderThemesPage(report);
  expect(page.match(/<svg /g)).toHaveLength(1);
  expect(page).toContain('recorded answers: topics');
  expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &amp; the export');
  expect(page).not.toContain('<script');
  expect(page).not.toMatch(/(?:fill|stroke)="(?:#|black|white|rgb)/);
  const text = renderThemesText(report);
  for (const words of [
    'B-cubed',
    'by pairs',
    'recorded answers: asks',
    'TF-IDF',
    'web: 5 messages',
  ]) {
    expect(text).toContain(words);
  }
});

test.each([
  [['--people'], '--themes goes without --people'],
  [['--lane', 'both'], 'one lane'],
])('%j does not go with it', async (args, words) => {
  await expect(runThemes(args)).rejects.toThrow(words);
});

test('a message is in one cluster', async () => {
  const { args } = setUp([{ text: 'x', label: ['a/1', 'a/2'] }]);
  await expect(runThemes(args)).rejects.toThrow(/several labels.*one cluster/s);
});
