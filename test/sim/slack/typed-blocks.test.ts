import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createBlockCheck } from '../../../sim/slack/block-kit/validate.ts';
import { createEmojiSet } from '../../../sim/slack/emoji.ts';
import { toRichText } from '../../../sim/slack/typed-blocks.ts';
import type { JsonObject } from '../../../sim/slack/types.ts';
import { startStage } from './start-sim.ts';

/** The rich text that Slack keeps beside the `text` of everything that people type. */

const emoji = createEmojiSet();
emoji.add('party-parrot');
const elementsOf = (text: string): unknown => toRichText(text, emoji)?.elements;
const said = (text: string, style?: object) => ({ type: 'text', text, ...(style && { style }) });
const section = (...elements: object[]) => ({ type: 'rich_text_section', elements });
const list = (style: string, indent: number, ...items: object[]) => ({
  type: 'rich_text_list',
  style,
  indent,
  border: 0,
  elements: items,
});

const CASES: [string, string, unknown][] = [
  ['plain words', 'It crashes &amp; burns', [section(said('It crashes & burns'))]],
  [
    'bold, italic, struck and code',
    'a *b* _c_ ~d~ `e`',
    [
      section(
        said('a '),
        said('b', { bold: true }),
        said(' '),
        said('c', { italic: true }),
        said(' '),
        said('d', { strike: true }),
        said(' '),
        said('e', { code: true }),
      ),
    ],
  ],
  [
    'styles within one another',
    '*b _bi_*',
    [section(said('b ', { bold: true }), said('bi', { bold: true, italic: true }))],
  ],
  ['signs that format nothing', '2 * 3 * 4 a_b_c', [section(said('2 * 3 * 4 a_b_c'))]],
  [
    'a person, a channel, a group and everybody',
    '<@U1> <#C1|dev> <!subteam^S1|@devs> <!here>',
    [
      section(
        { type: 'user', user_id: 'U1' },
        said(' '),
        { type: 'channel', channel_id: 'C1' },
        said(' '),
        { type: 'usergroup', usergroup_id: 'S1' },
        said(' '),
        { type: 'broadcast', range: 'here' },
      ),
    ],
  ],
  [
    'links',
    '<https://a.example/?a=1&amp;b=2> and <https://b.example|the docs> and <mailto:a@b.example|a@b.example>',
    [
      section(
        { type: 'link', url: 'https://a.example/?a=1&b=2' },
        said(' and '),
        { type: 'link', url: 'https://b.example', text: 'the docs' },
        said(' and '),
        { type: 'link', url: 'mailto:a@b.example', text: 'a@b.example' },
      ),
    ],
  ],
  [
    'emoji, by Slack’s first name, with a skin tone, and custom ones',
    ':thumbsup: :wave::skin-tone-3: :party-parrot: at 10:30:45 :nosuch:',
    [
      section(
        { type: 'emoji', name: '+1', unicode: '1f44d' },
        said(' '),
        { type: 'emoji', name: 'wave', unicode: '1f44b-1f3fc', skin_tone: 3 },
        said(' '),
        { type: 'emoji', name: 'party-parrot' },
        said(' at 10:30:45 :nosuch:'),
      ),
    ],
  ],
  [
    'lists',
    'Two things:\n• one\n    ◦ and a half\n• two\n1. first\n2. second\nend',
    [
      section(said('Two things:\n')),
      list('bullet', 0, section(said('one'))),
      list('bullet', 1, section(said('and a half'))),
      list('bullet', 0, section(said('two'))),
      list('ordered', 0, section(said('first')), section(said('second'))),
      section(said('end')),
    ],
  ],
  [
    'a quote and code',
    'They say\n&gt; it *fails*\n&gt; often\n```\nboom &lt;1&gt;\n```',
    [
      section(said('They say\n')),
      {
        type: 'rich_text_quote',
        elements: [said('it '), said('fails', { bold: true }), said('\noften')],
      },
      { type: 'rich_text_preformatted', border: 0, elements: [said('boom <1>')] },
    ],
  ],
  ['nothing', ' \n', undefined],
];

test.each(CASES)('%s', (_what, text, elements) => {
  expect(elementsOf(text)).toEqual(elements);
});

/** What the text elements of rich text say, in their order. */
function wordsOf(node: unknown): string {
  if (Array.isArray(node)) return node.map(wordsOf).join('');
  const { type, text, elements } = node as JsonObject;
  return type === 'text' ? String(text) : wordsOf(elements ?? []);
}

test('whatever people type, Slack’s own rules accept the block, and no letter is lost', () => {
  const check = createBlockCheck([]);
  const bits = ['*', '_', '~', '`', '```', '\n', '&gt; ', '• ', '1. ', '    ', ':tada:', ':', ' '];
  const typed = fc.array(fc.oneof(fc.constantFrom(...bits), fc.stringMatching(/^[A-Z]{1,3}$/)));
  const letters = (words: string) => words.replaceAll(/[^A-Z]/g, '');
  fc.assert(
    fc.property(typed, (parts) => {
      const text = parts.join('');
      const block = toRichText(text, emoji);
      if (block) check.message([block], '');
      expect(letters(wordsOf(block ?? []))).toBe(letters(text));
    }),
  );
});

describe('in the workspace', () => {
  test('each message that a person types has it, in events and in history, and edits renew it', async () => {
    const { sim, ann, channel, client } = await startStage();
    const ts = sim.post({ channel, user: ann, text: 'It *crashes*' });
    const read = async () =>
      (await client.conversations.history({ channel })).messages?.[0] as unknown as JsonObject;
    const before = await read();
    expect(before.blocks).toMatchObject([
      {
        type: 'rich_text',
        block_id: expect.any(String),
        elements: [section(said('It '), said('crashes', { bold: true }))],
      },
    ]);
    sim.edit({ channel, ts, text: 'It _burns_' });
    const after = await read();
    expect(after.blocks).toMatchObject([
      { elements: [section(said('It '), said('burns', { italic: true }))] },
    ]);
  });

  test('posts of integrations have the blocks that they bring, and none otherwise', async () => {
    const { sim, ann, channel } = await startStage();
    const bare = sim.post({ channel, botId: 'B0OTHER', subtype: 'bot_message', text: 'x' });
    const blocks = [{ type: 'divider' }];
    const own = sim.post({ channel, user: ann, text: 'with a table', blocks });
    const wordless = sim.post({ channel, user: ann, files: [{ id: 'F1' }] });
    expect(sim.message(channel, bare)).not.toHaveProperty('blocks');
    expect(sim.message(channel, own)?.blocks).toEqual(blocks);
    expect(sim.message(channel, wordless)).not.toHaveProperty('blocks');
  });
});
