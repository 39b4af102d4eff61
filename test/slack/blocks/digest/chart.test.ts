import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBlockCheck } from '../../../../sim/slack/block-kit/validate.ts';
import { chartDays } from '../../../../src/core/digest/chart.ts';
import { describeDataBlock, replaceDataBlocks } from '../../../../src/slack/blocks/data-blocks.ts';
import { describeChart, renderChart } from '../../../../src/slack/blocks/digest/chart.ts';
import { flattenBlocks } from '../../../../src/slack/blocks/flatten.ts';
import { richText, section, text } from '../../../../src/slack/blocks/rich-text.ts';
import { nastyLine } from '../nasty.ts';

const days = chartDays(Date.parse('2026-11-23T08:00:00Z'), 'UTC');
const counts = days.map((_, n) => (n % 5 === 0 ? 0 : n));

test('a chart is told in words: its sum, its course and its highest point', () => {
  const block = renderChart({ days, series: [{ name: 'Bug', counts, total: 76 }] });
  createBlockCheck([]).message([block], 'x');
  expect(flattenBlocks('', [block])).toBe(
    'Feedback per day, last 14 days\n• ·▁▂▂▃·▄▅▅▆·▇██ 76 Bug, most on 23 Nov: 13',
  );
});

test('its days are short, with the month where it begins, and whole when one of them is said', () => {
  const turn = chartDays(Date.parse('2026-12-05T08:00:00Z'), 'UTC');
  const top = turn.map(({ date }) => (date === '2026-12-03' ? 2 : 1));
  const block = renderChart({ days: turn, series: [{ name: 'Bug', counts: top, total: 15 }] });
  expect(block.chart.axis_config.categories.join(' ')).toBe(
    '22 Nov 23 24 25 26 27 28 29 30 1 Dec 2 3 4 5',
  );
  expect(flattenBlocks('', [block])).toContain('most on 3 Dec: 2');
});

test('long and equal names are short and different', () => {
  const name = 'Everything that has to do with billing';
  const block = renderChart({
    days,
    series: [1, 2, 3].map((total) => ({ name, counts, total })),
  });
  expect(block.chart.series.map((series) => series.name)).toEqual([
    'Everything that has…',
    'Everything that… 2',
    'Everything that… 3',
  ]);
  createBlockCheck([]).message([block], 'x');
});

test('whatever the categories are called, Slack takes it and it is short', () => {
  const names = fc.array(nastyLine(40), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(names, fc.array(fc.nat(99_999), { minLength: 14, maxLength: 14 }), (all, some) => {
      const series = all.map((name) => ({ name: name || 'x', counts: some, total: 1 }));
      const block = renderChart({ days, series });
      createBlockCheck([]).message([block], 'x');
      expect(JSON.stringify(block).length).toBeLessThan(4000);
      createBlockCheck([]).message([describeChart(block)], 'x');
    }),
  );
});

test('only charts are put in words', () => {
  const words = richText(section(text('hello')));
  const chart = renderChart({ days, series: [{ name: 'Bug', counts: [1, 2], total: 3 }] });
  expect(replaceDataBlocks([words])).toBeUndefined();
  expect(replaceDataBlocks([words, chart])?.[0]).toBe(words);
  expect(describeDataBlock({ type: 'data_visualization', chart: 'none' })).toBeUndefined();
});
