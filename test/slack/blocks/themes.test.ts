import type { SectionBlock } from '@slack/types';
import { describe, expect, test } from 'vitest';
import { createBlockCheck } from '../../../sim/slack/block-kit/validate.ts';
import { themesKey } from '../../../src/core/delivery/effects.ts';
import type {
  ThemeMerge,
  ThemeMessage,
  ThemeOrder,
  ThemeView,
} from '../../../src/core/themes/themes.ts';
import type { TopicFacts } from '../../../src/core/themes/topics.ts';
import { parseMerge, parseTheme, THEMES } from '../../../src/slack/blocks/actions.ts';
import { renderDigest } from '../../../src/slack/blocks/digest/digest.ts';
import { flattenBlocks } from '../../../src/slack/blocks/flatten.ts';
import { type AllThemes, renderAllThemes } from '../../../src/slack/blocks/themes/all.ts';
import { renderTheme } from '../../../src/slack/blocks/themes/one.ts';
import { describeAsks } from '../../../src/slack/blocks/themes/topic.ts';
import {
  CHANNEL,
  digestOf,
  HOSTILE,
  type More,
  nowhere,
  renderContext,
  START,
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

const topic = (id: number, more: Partial<TopicFacts> = {}): TopicFacts => ({
  id,
  title: 'Permissions',
  state: 'grouped',
  by: null,
  people: 15,
  fresh: 4,
  asks: [
    { id: 1, title: 'Asks for contacts', people: 7 },
    { id: 2, title: 'Wants to call', people: 5 },
    { id: 9, title: 'Far too many permissions', people: 3 },
  ],
  ...more,
});

/** The post of a digest's themes; undefined when it has none. */
function postOf(more: More) {
  const effects = [...renderDigest(7, digestOf([], more), renderContext, nowhere)];
  const effect = effects.find(({ key }) => key === themesKey(7))?.effect;
  return effect?.kind === 'post' ? effect : undefined;
}

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
    [
      'topics',
      {
        themes: [theme(1, { title: 'Asks for contacts' }), theme(2, { title: 'Wants to call' })],
        topics: [
          topic(1, { by: 'U0BOB' }),
          topic(2, { state: 'proposed', title: 'Sync', people: 1_200, fresh: 3 }),
          topic(3, { title: 'Of last week', fresh: 0 }),
        ],
      },
    ],
    [
      'topics-hostile',
      {
        themes: [theme(1)],
        topics: HOSTILE.flatMap((words, n) => {
          const title = words.slice(0, 40);
          const asks = [1, 2, 3, 4, 5].map((id) => ({ id, title: words, people: id }));
          return [topic(n, { title, asks }), topic(n + 100, { title, asks, state: 'proposed' })];
        }),
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
    await expectGolden(`digests/${name}`, post);
  });

  test('has the five most important ones, says how many more there are, and offers all of them', () => {
    const themes = Array.from({ length: 150 }, (_, n) => theme(n + 1));
    const { blocks = [] } = postOf({ themes }) ?? {};
    const plain = flattenBlocks('', blocks);
    expect(plain.split('\n').slice(0, 3)).toEqual([
      'Recurring themes',
      'Theme 1 11 people · 14 messages in 30 days ↗ · 5 people now · since 12 Nov',
      'Theme 2 11 people · 14 messages in 30 days ↗ · 5 people now · since 12 Nov',
    ]);
    expect(plain).toContain('Theme 5 ');
    expect(plain).not.toContain('Theme 6 ');
    expect(plain).toContain('and 145 more themes');
    expect(JSON.stringify(blocks)).toContain(THEMES.all);
    const few = postOf({ themes: themes.slice(0, 5) });
    expect(JSON.stringify(few?.blocks)).not.toContain(THEMES.all);
  });
});

describe('the modal of all themes', () => {
  const themes = [
    theme(1, { month: 9, firstSeen: 3_000 }),
    theme(2, { month: 30, firstSeen: 1_000, trend: 'new' }),
    theme(3, { month: 20, firstSeen: 2_000, trend: 'quiet' }),
  ];
  const all = { run: 7, writtenAt: START, themes, order: 'important', trend: null } as const;
  const draw = (facts: AllThemes) => {
    const modal = renderAllThemes(facts, renderContext);
    createBlockCheck([]).view(modal, 'modal');
    return modal;
  };
  const titlesIn = (facts: AllThemes) =>
    draw(facts)
      .blocks.filter(({ type }) => type === 'section')
      .map((block) => (block as SectionBlock).text?.text.replace('Theme ', ''));

  test.each<[ThemeOrder, string[]]>([
    ['important', ['1', '2', '3']],
    ['month', ['2', '3', '1']],
    ['newest', ['1', '3', '2']],
    ['oldest', ['2', '3', '1']],
  ])('has them in the order that the reader chooses: %s', (order, titles) => {
    expect(titlesIn({ ...all, order })).toEqual(titles);
  });

  test('has those of one kind, and says how many there are of each', () => {
    expect(titlesIn({ ...all, trend: 'quiet' })).toEqual(['3']);
    expect(JSON.stringify(draw({ ...all, trend: 'steady' }))).toContain('There are no themes of');
    const said = JSON.stringify(draw(all));
    for (const label of ['All (3)', 'New (1)', 'Growing (1)', 'Steady (0)', 'Gone quiet (1)']) {
      expect(said).toContain(label);
    }
  });

  test('of hundreds fits', () => {
    const many = Array.from({ length: 300 }, (_, n) => theme(n, { title: 'x'.repeat(140) }));
    expect(JSON.stringify(draw({ ...all, themes: many }))).toContain('and 210 more themes');
  });

  test('looks so', async () => {
    await expectGolden('modals/all-themes', draw(all));
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
  people: 2,
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

const DARK = 'Add dark mode for planning at night';
const SORT = 'Sort athletes by age';

test.each([
  [
    'as they are',
    ['contacts', 'calls', 'all', 'x', 'y'],
    44,
    'contacts 9, calls 8, all 7 and 2 more',
  ],
  [
    'cut where that leaves enough',
    [DARK, SORT],
    50,
    'Add dark mode for… 9, Sort athletes by age 8',
  ],
  ['fewer where it would not', [DARK, SORT, 'x'], 39, 'Add dark mode for… 9 and 2 more'],
  ['one, even where there is hardly room', [DARK, 'x'], 4, 'Add dark mo… 9 and 1 more'],
  ['without a limit', [DARK, SORT, 'x', 'y'], undefined, `${DARK} 9, ${SORT} 8, x 7 and 1 more`],
])('the asks of a topic in a line: %s', (_how, titles, room, expected) => {
  const asks = titles.map((title, id) => ({ id, title, people: 9 - id }));
  expect(describeAsks({ asks }, room)).toBe(expected);
});
