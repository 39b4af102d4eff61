import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { toPlainText } from '../../../src/core/text.ts';
import { writeExport } from '../../../src/jobs/export/file.ts';
import { CHANNEL, judged, startScene, ts } from '../../store/scene.ts';

const CONTEXT = {
  workspaceUrl: 'https://team.slack.com/',
  channelName: 'feedback',
  nameOf: () => undefined,
};

async function startWriting() {
  const scene = await startScene();
  const folder = mkdtempSync(path.join(tmpdir(), 'winnow-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  let n = 0;
  const write = async (format: 'csv' | 'json', since: number | null = null) => {
    const file = path.join(folder, `${++n}`);
    const messages = await writeExport(
      scene.db,
      file,
      { channel: CHANNEL, since, format },
      CONTEXT,
    );
    return { messages, text: readFileSync(file, 'utf8') };
  };
  return { ...scene, write };
}

/** RFC 4180, as spreadsheets read it. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/gy;
  for (const [whole, quoted, bare = '', end] of text.matchAll(cell)) {
    if (whole === '' && row.length === 0) break;
    row.push(quoted?.replaceAll('""', '"') ?? bare);
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

const anyText = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc
    .array(
      fc.constantFrom('=', '+', '-', '@', '\t', '\r', '\n', '"', "'", ',', ';', '＝', 'x', ' '),
    )
    .map((signs) => signs.join('')),
);

test('property: every text stays in its cell, and none is a formula', async () => {
  const { keep, write, db } = await startWriting();
  await fc.assert(
    fc.asyncProperty(fc.array(anyText, { minLength: 1, maxLength: 5 }), async (texts) => {
      await db.deleteFrom('messages').execute();
      for (const [n, text] of texts.entries()) await keep(n, { text, authorName: text });
      const { text: csv } = await write('csv');
      expect(csv.startsWith('\uFEFF')).toBe(true);
      const [head, ...rows] = parseCsv(csv.slice(1));
      expect(rows).toHaveLength(texts.length);
      for (const [n, row] of rows.entries()) {
        expect(row).toHaveLength(head?.length ?? 0);
        for (const cell of row) expect(cell).not.toMatch(/^[=+\-@\t\r＝＋－＠]/);
        const plain = toPlainText(texts[n] ?? '', () => undefined);
        expect([plain, `'${plain}`]).toContain(row[head?.indexOf('text') ?? -1]);
      }
      const { text: json } = await write('json');
      const plain = texts.map((text) => toPlainText(text, () => undefined));
      expect(JSON.parse(json).map((row: { text: string }) => row.text)).toEqual(plain);
    }),
    { numRuns: 60 },
  );
});

test('nothing at all is a file all the same', async () => {
  const { write } = await startWriting();
  expect(await write('json')).toEqual({ messages: 0, text: '[\n]\n' });
  expect((await write('csv')).text).toMatch(/^\uFEFFchannel,[a-z_,]+\r\n$/);
});

test('a second category is in the last column, and no message is there twice', async () => {
  const { keep, submit, take, write } = await startWriting();
  for (const n of [1, 2]) await keep(n);
  await take(await submit(), [judged(1, { also: 'praise' }), judged(2)]);
  const { messages, text } = await write('csv');
  expect(messages).toBe(2);
  const rows = parseCsv(text.slice(1));
  expect(rows.map((row) => row.at(-1))).toEqual(['also', 'praise', '']);
  const { text: json } = await write('json');
  expect(JSON.parse(json)).toMatchObject([{ also: 'praise' }, { also: null }]);
});

test('it begins at the moment asked for, that moment included', async () => {
  const { keep, write } = await startWriting();
  for (const n of [1, 2, 3]) await keep(n);
  const { messages, text } = await write('json', Number(ts(2)) * 1000);
  expect(messages).toBe(2);
  expect(JSON.parse(text).map((row: { ts: string }) => row.ts)).toEqual([ts(2), ts(3)]);
});
