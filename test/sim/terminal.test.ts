import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { renderForTerminal } from '../../sim/terminal.ts';

/** Blocks as text in a terminal. */

const show = (...blocks: Record<string, unknown>[]) =>
  stripVTControlCharacters(renderForTerminal(new Map(), { text: '', blocks }));

test('a table: its caption, and a line for each row, whatever its cells hold', () => {
  const words = (text: string) => ({ type: 'raw_text', text });
  const link = {
    type: 'rich_text',
    elements: [
      {
        type: 'rich_text_section',
        elements: [{ type: 'link', url: 'https://example.com', text: '28 Nov' }],
      },
    ],
  };
  const rows = [
    [words('Theme'), words('New'), words('Latest')],
    [words('Dark mode'), { type: 'raw_number', value: 5 }, link],
    [words('Export'), { type: 'raw_number', value: 20_000, text: '7 Nov' }, link],
  ];
  expect(show({ type: 'data_table', caption: 'Themes', rows })).toBe(
    [
      'Themes',
      '  Theme  ·  New  ·  Latest',
      '  Dark mode  ·  5  ·  ‹28 Nov›',
      '  Export  ·  7 Nov  ·  ‹28 Nov›',
    ].join('\n'),
  );
});

test('a chart: the sum of each series', () => {
  const series = [
    { name: 'Bug', data: [{ value: 1 }, { value: 2 }] },
    { name: 'Praise', data: [{ value: 0 }] },
  ];
  expect(show({ type: 'data_visualization', title: 'Feedback a day', chart: { series } })).toBe(
    'Feedback a day\n  3 Bug  ·  0 Praise',
  );
});
