import { describe, expect, test } from 'vitest';
import { createBlockCheck } from '../../../sim/slack/block-kit/validate.ts';
import { themesKey } from '../../../src/core/delivery/effects.ts';
import type { ThemeMerge, ThemeMessage, ThemeView } from '../../../src/core/themes/themes.ts';
import { parseMerge, parseTheme } from '../../../src/slack/blocks/actions.ts';
import { replaceDataBlocks } from '../../../src/slack/blocks/data-blocks.ts';
import { renderDigest } from '../../../src/slack/blocks/digest/digest.ts';
import { flattenBlocks } from '../../../src/slack/blocks/flatten.ts';
import { renderTheme } from '../../../src/slack/blocks/themes.ts';
import {
  CHANNEL,
  digestOf,
  HOSTILE,
  type More,
  nowhere,
  renderContext,
  theme,
  tsOf,
} from './digest/digests.ts';
import { expectGolden, ODD_WORDS } from './golden.ts';

const merge = (id: number, more: Partial<ThemeMerge> = {}): ThemeMerge => ({
  id,
  one: { id, title: `Theme ${id}` },
  other: { id: id + 1, title: `Theme ${id + 1}` },
  state: 'proposed',
  by: null,
  ...more,
});

/** The post of a digest's themes; undefined when it has none. */
function postOf(more: More) {
  const effects = [...renderDigest(7, digestOf([], more), renderContext, nowhere)];
  const effect = effects.find(({ key }) => key === themesKey(7))?.effect;
  return effect?.kind === 'post' ? effect : undefined;
}

interface Table {
  type: string;
  rows: { text?: string }[][];
}
const tableOf = (blocks: object[]) => blocks[0] as Table;

describe('the post of the themes', () => {
  test('is none when there are none', () => {
    expect(postOf({ themes: [] })).toBeUndefined();
  });

  test.each<[string, More]>([
    [
      'themes',
      {
        themes: [
          theme(1, { title: 'Export fails on Safari' }),
          theme(2, { trend: 'new', fresh: 2, month: 2, firstSeen: Date.parse('2024-11-22') }),
          theme(3, { trend: 'steady', fresh: 1, latest: { ts: tsOf(4), threadTs: tsOf(3) } }),
          theme(4, { trend: 'quiet', fresh: 0, firstSeen: Date.parse('2023-12-31') }),
        ],
        merges: [merge(1), merge(3, { state: 'merged', by: 'U0BOB' })],
      },
    ],
    ['themes-many', { themes: Array.from({ length: 150 }, (_, n) => theme(n + 1)) }],
    [
      'themes-hostile',
      {
        themes: HOSTILE.map((title, n) => theme(n + 1, { title })),
        merges: HOSTILE.slice(0, 5).map((title, n) =>
          merge(n + 1, { one: { id: 1, title }, other: { id: 2, title }, by: 'U0BOB' }),
        ),
      },
    ],
    ...Object.entries(ODD_WORDS).map(([name, { words }]): [string, More] => [
      `themes-${name}`,
      { themes: [1, 2].map((n) => theme(n, { title: words.slice(0, 140) })), merges: [merge(1)] },
    ]),
  ])('%s', async (name, more) => {
    const post = postOf(more);
    const { blocks = [], text = '' } = post ?? {};
    createBlockCheck([]).message(blocks, text);
    expect(JSON.stringify(blocks).length).toBeLessThan(9000);
    const inWords = replaceDataBlocks(blocks) ?? [];
    createBlockCheck([]).message(inWords, text);
    await expectGolden(`digests/${name}`, post);
  });

  test('has the most important ones in a table, says how many more there are, and tells it in words', () => {
    const { blocks = [] } = postOf({
      themes: Array.from({ length: 150 }, (_, n) => theme(n + 1)),
    }) ?? { blocks: [] };
    const rows = tableOf(blocks).rows.slice(1);
    expect(rows.length).toBeGreaterThan(10);
    expect(rows.map(([title]) => title?.text)).toEqual(rows.map((_, n) => `Theme ${n + 1}`));
    const plain = flattenBlocks('', blocks);
    expect(plain).toContain('Theme 1 · new 5 · 30 days 11 · first seen 12 Nov · trend growing');
    expect(plain).toContain(`and ${150 - rows.length} more themes`);
  });
});

const member = (n: number, more: Partial<ThemeMessage> = {}): ThemeMessage => ({
  ts: tsOf(n),
  threadTs: null,
  gist: `What message ${n} says`,
  takenOutBy: null,
  ...more,
});

const viewOf = (more: Partial<ThemeView> = {}): ThemeView => ({
  id: 12,
  channel: CHANNEL,
  title: 'Export fails on Safari',
  total: 2,
  messages: [member(2), member(1, { threadTs: tsOf(0) })],
  ...more,
});

describe('the modal of a theme', () => {
  test.each<[string, ThemeView, string?]>([
    ['theme', viewOf()],
    [
      'theme-taken-out',
      viewOf({
        messages: [
          member(3, { takenOutBy: 'U0BOB' }),
          member(2),
          member(1, { takenOutBy: '' }),
          member(0, { gist: '' }),
        ],
      }),
    ],
    [
      'theme-many',
      viewOf({ total: 5_012, messages: Array.from({ length: 20 }, (_, n) => member(20 - n)) }),
    ],
    ['theme-emptied', viewOf({ total: 0, messages: [] })],
    ['theme-refused', viewOf(), 'Guests may not.'],
    [
      'theme-hostile',
      viewOf({
        title: HOSTILE[0] ?? '',
        messages: HOSTILE.map((gist, n) => member(n, { gist: gist.slice(0, 140) })),
      }),
    ],
    ...Object.entries(ODD_WORDS).map(([name, { words }]): [string, ThemeView] => [
      `theme-${name}`,
      viewOf({ title: words.slice(0, 140), messages: [member(1, { gist: words.slice(0, 140) })] }),
    ]),
  ])('%s', async (name, view, notice) => {
    const modal = renderTheme(view, renderContext, notice);
    expect(() => createBlockCheck([]).view(modal, 'modal')).not.toThrow();
    await expectGolden(`modals/${name}`, modal);
  });
});

test('a theme that has lost its messages says so', () => {
  const said = JSON.stringify(renderTheme(viewOf({ total: 0, messages: [] }), renderContext));
  expect(said).toContain('No messages belong to it any more.');
  expect(said).not.toContain('0 messages');
});

test('a block says which theme, message or merge its buttons are about, and nothing else does', () => {
  expect(parseTheme('about-theme-12')).toEqual({ theme: 12, ts: null });
  expect(parseTheme('about-theme-12-1732272000.000100')).toEqual({
    theme: 12,
    ts: '1732272000.000100',
  });
  expect(parseMerge('about-merge-3')).toBe(3);
  for (const id of ['about-theme-', 'about-theme-x', 'about-theme-1-2', 'about-merge-3-4', '']) {
    expect([parseTheme(id), parseMerge(id)]).toEqual([undefined, undefined]);
  }
});
