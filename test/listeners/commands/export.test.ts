import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { startWith } from '../../harness.ts';

test.each([
  ['', 'csv', null],
  ['csv', 'csv', null],
  ['JSON', 'json', null],
  ['csv 7d', 'csv', 6],
  ['json 90d', 'json', 89],
])('“export %s” asks for %s', async (words, format, daysBefore) => {
  const stage = await startWith(['It crashes']);
  expect(await stage.type(`export ${words}`)).toMatch(/^Preparing 1 message as /);
  const [row] =
    await stage.rows(
      sql<{ format: string; since: number | null; asked_at: number }>`select * from exports`,
    );
  expect(row?.format).toBe(format);
  const midnight = new Date(row?.asked_at ?? 0).setUTCHours(0, 0, 0, 0);
  expect(row?.since).toBe(daysBefore === null ? null : midnight - daysBefore * 24 * 3_600_000);
});

test('today and a date begin at midnight, where the asker is', async () => {
  const stage = await startWith(['It crashes']);
  const user = stage.slack.addUser({ name: 'asha', tz: 'Asia/Kathmandu' });
  stage.slack.join(stage.channel, user);
  await stage.type('export csv 2026-11-01', { user });
  const [row] = await stage.rows(sql<{ since: number }>`select since from exports`);
  expect(new Date(row?.since ?? 0).toISOString()).toBe('2026-10-31T18:15:00.000Z');
});

test.each([
  ['xls', 'Did you mean `/classify-feedback export csv`?'],
  ['jsno', 'Did you mean `/classify-feedback export json`?'],
  ['csv week', 'Did you mean `/classify-feedback export csv 7d`?'],
  ['json todya', 'Did you mean `/classify-feedback export json today`?'],
  ['csv 2026-02-30', 'For instance: `/classify-feedback export csv 2026-11-01`'],
  ['csv 2999-01-01', 'For instance: `/classify-feedback export csv 2026-11-01`'],
  ['csv 0d', 'Did you mean `/classify-feedback export csv 7d`?'],
  ['csv yesteryear', 'For instance:'],
  ['csv 7d please', 'more than I understand'],
  ['<!channel>`', "Unknown option `@channel'`"],
])('“export %s” is answered with what it can do', async (words, answer) => {
  const stage = await startWith(['It crashes']);
  expect(await stage.type(`export ${words}`)).toContain(answer);
  const shown = stage.slack.ephemerals(stage.user).at(-1);
  expect(shown && stage.slack.pings(shown)).toEqual([]);
  expect(await stage.rows(sql`select id from exports`)).toEqual([]);
});

test('with nothing to export it says so', async () => {
  const stage = await startWith([]);
  expect(await stage.type('export')).toBe('There are no messages to export.');
});
