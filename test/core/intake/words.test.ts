import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createEmojiSet } from '../../../sim/slack/emoji.ts';
import { toRichText } from '../../../sim/slack/typed-blocks.ts';
import { interpretMessage, slackMessageSchema } from '../../../src/core/intake/message.ts';
import { gatherWords, wordedSchema } from '../../../src/core/intake/words.ts';
import { toPlainText } from '../../../src/core/text.ts';

/** Everything that people see of a post, each part once. */

const SELF = { userId: 'U0BOT', botId: 'B0BOT' };

interface Case {
  name: string;
  post: { botId?: string } & Record<string, unknown>;
  /** Words that have to be in it. */
  mustShow?: string[];
  /** The whole of it, as a person reads it. */
  shows?: string;
}

const CASES: Case[] = JSON.parse(readFileSync(new URL('posts.json', import.meta.url), 'utf8'));

/** What is stored of a post, as a person reads it. */
function show({ botId, ...post }: Case['post']): string {
  const by = botId === undefined ? {} : { bot_id: botId };
  const message = slackMessageSchema.parse({ ts: '1790000000.000100', ...by, ...post });
  const intake = interpretMessage('C0FEEDBACK', message, SELF);
  if (intake.kind !== 'message') throw new Error(`it is ${JSON.stringify(intake)}`);
  return toPlainText(intake.message.text, () => undefined);
}

test.each(CASES)('$name', ({ post, mustShow = [], shows }) => {
  const said = show(post);
  for (const words of mustShow) expect(said).toContain(words);
  if (shows !== undefined) expect(said).toBe(shows);
});

const rich = (...elements: object[]) => [
  { type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] },
];
const typed = (text: string) => rich({ type: 'text', text });
const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });
const lost = '[no preview available]';

describe('never twice:', () => {
  test.each<[string, object, string]>([
    [
      'what somebody typed, with its rich text',
      {
        text: 'It *crashes* &amp; burns, <@U1> <!subteam^S1|@devs> :tada:\n1. one\n2. <https://x.example|two>',
        blocks: [
          ...rich(
            { type: 'text', text: 'It ' },
            { type: 'text', text: 'crashes', style: { bold: true } },
            { type: 'text', text: ' & burns, ' },
            { type: 'user', user_id: 'U1' },
            { type: 'text', text: ' ' },
            { type: 'usergroup', usergroup_id: 'S1' },
            { type: 'text', text: ' ' },
            { type: 'emoji', name: 'tada', unicode: '1f389' },
          ),
          {
            type: 'rich_text',
            elements: [
              {
                type: 'rich_text_list',
                style: 'ordered',
                elements: [
                  { type: 'rich_text_section', elements: [{ type: 'text', text: 'one' }] },
                  {
                    type: 'rich_text_section',
                    elements: [{ type: 'link', url: 'https://x.example', text: 'two' }],
                  },
                ],
              },
            ],
          },
        ],
      },
      'It *crashes* & burns, @someone @devs :tada:\n1. one\n2. two (https://x.example)',
    ],
    [
      'a nested list, and a skin tone',
      {
        text: '1. one :wave::skin-tone-2:\n    a. two\n    b. three',
        blocks: rich(
          { type: 'text', text: 'one ' },
          { type: 'emoji', name: 'wave', skin_tone: 2 },
          { type: 'text', text: '\ntwo\nthree' },
        ),
      },
      '1. one :wave::skin-tone-2:\n    a. two\n    b. three',
    ],
    [
      'a fallback of all blocks',
      { text: 'Bug: it fails', blocks: [section('Bug'), section('it fails')] },
      'Bug: it fails',
    ],
    [
      'a cut fallback',
      { text: 'Bug: it fai…', blocks: [section('Bug: it fails often')] },
      'Bug: it fails often',
    ],
    [
      'a cut fallback with dots',
      { text: 'Bug: it fai...', blocks: [section('Bug: it fails often')] },
      'Bug: it fails often',
    ],
    [
      'a fallback that is cut within a word',
      { text: 'New\nBug: it fails oft', blocks: [section('Bug: it fails often')] },
      'New\nBug: it fails often',
    ],
    [
      'a cut fallback that says so',
      { text: 'Bug: it fails oft... (more)', blocks: [section('Bug: it fails often')] },
      'Bug: it fails often',
    ],
    [
      'a file that repeats the text',
      {
        text: 'the export always fails',
        files: [
          { title: 'error.txt', preview: 'the export always fails' },
          { title: 'image.png', filetype: 'png', alt_txt: 'the export always fails' },
        ],
      },
      'the export always fails\n[file: error.txt]\n[file: image.png]',
    ],
    [
      'attachments that say the same',
      {
        attachments: [
          { text: 'it always fails' },
          { text: 'it is slow' },
          { text: 'it always fails' },
        ],
      },
      'it always fails\nit is slow',
    ],
    [
      'a title in plain and in rich text',
      {
        blocks: [
          {
            type: 'container',
            title: { type: 'plain_text', text: 'it fails' },
            rich_text_title: typed('it fails')[0],
            child_blocks: [section('on iOS')],
          },
        ],
      },
      'it fails\non iOS',
    ],
    [
      'a fallback that says more',
      { text: 'New review by Jane', blocks: [section('it fails')] },
      'New review by Jane\nit fails',
    ],
    [
      'a short fallback',
      { text: 'it fails', blocks: [section('it fails'), section('on iOS')] },
      'it fails\non iOS',
    ],
    [
      'an attachment that repeats the text',
      {
        text: 'the export always fails',
        attachments: [{ text: 'the export always fails', fallback: 'x' }],
      },
      'the export always fails',
    ],
    [
      'a title and its alternative text',
      {
        blocks: [
          {
            type: 'image',
            title: { type: 'plain_text', text: 'A dialog' },
            alt_text: 'A dialog',
            image_url: 'https://x.example/1.png',
          },
        ],
      },
      'A dialog',
    ],
    [
      'a text of an attachment and its blocks',
      { attachments: [{ text: 'it fails', blocks: [section('it fails')], fallback: lost }] },
      'it fails',
    ],
  ])('%s', (_what, post, shown) => {
    expect(show({ user: 'U1', ...post })).toBe(shown);
  });
});

describe('not at all:', () => {
  test.each<[string, object, string]>([
    [
      'labels of buttons and options',
      {
        blocks: [
          section('A'),
          {
            type: 'actions',
            elements: [
              { type: 'button', action_id: 'x', text: { type: 'plain_text', text: 'Open' } },
              {
                type: 'static_select',
                action_id: 'y',
                options: [{ text: { type: 'plain_text', text: 'One' }, value: '1' }],
              },
            ],
          },
        ],
      },
      'A',
    ],
    [
      'a button without an action',
      {
        blocks: [
          section('A'),
          {
            type: 'actions',
            elements: [
              {
                type: 'button',
                text: { type: 'plain_text', text: 'Open' },
                url: 'https://x.example',
              },
            ],
          },
        ],
      },
      'A',
    ],
    [
      'a preview of a link',
      {
        text: 'look',
        attachments: [{ from_url: 'https://x.example', title: 'A page', text: 'its words' }],
      },
      'look',
    ],
    [
      'words that stand for what Slack does not show',
      { text: "This content can't be displayed.", attachments: [{ fallback: lost }] },
      '',
    ],
    [
      'such words in other places, and as Slack spells them elsewhere',
      {
        text: `New\n${lost}`,
        blocks: [section('This content can’t be displayed')],
        attachments: [{ title: lost, text: 'it fails' }],
      },
      'New\nit fails',
    ],
  ])('%s', (_what, post, shown) => {
    expect(show({ user: 'U1', ...post })).toBe(shown);
  });
});

describe('also:', () => {
  test.each<[string, object, string]>([
    [
      'a date by its fallback',
      {
        blocks: rich(
          { type: 'text', text: 'since ' },
          { type: 'date', timestamp: 1790000000, format: '{date}', fallback: '21 Sep' },
        ),
      },
      'since 21 Sep',
    ],
    ['a telephone number', { text: 'call <tel:+4930123|+49 30 123>' }, 'call +49 30 123'],
    [
      'a video',
      {
        blocks: [
          {
            type: 'video',
            title: { type: 'plain_text', text: 'How it fails' },
            description: { type: 'plain_text', text: 'A recording' },
            alt_text: 'a screen',
            video_url: 'https://x.example',
            thumbnail_url: 'https://x.example',
          },
        ],
      },
      'How it fails\nA recording\na screen',
    ],
    [
      'a block that is newer than this code',
      {
        blocks: [
          {
            type: 'hologram',
            body: { type: 'mrkdwn', text: 'it fails' },
            items: [{ type: 'thing', caption: 'on <Mars>' }],
          },
        ],
      },
      'it fails\non <Mars>',
    ],
    [
      'a cut transcript',
      {
        files: [
          {
            title: 'clip.m4a',
            transcription: { status: 'complete', preview: { content: 'it fails', has_more: true } },
          },
        ],
      },
      '[file: clip.m4a]\nit fails …',
    ],
    [
      'what was forwarded with attachments and files of its own',
      {
        attachments: [
          {
            is_share: true,
            fallback: lost,
            message_blocks: [
              {
                message: {
                  text: 'see below',
                  attachments: [{ text: 'it fails', attachments: [{ text: 'on iOS' }] }],
                  files: [{ title: 'log.txt', preview: 'error 7' }],
                },
              },
            ],
          },
        ],
      },
      'Forwarded: see below\nit fails\non iOS\n[file: log.txt]\nerror 7',
    ],
    [
      'a canvas or an e-mail whose preview is HTML',
      {
        files: [
          {
            title: 'Notes',
            mode: 'quip',
            preview: '<h1>Bugs</h1><p>it <b>fails</b> &amp; burns</p>',
          },
          { title: 'Mail', mode: 'email', preview: '<div>it fails<br>since Monday</div>' },
        ],
      },
      '[file: Notes]\nBugs\nit fails & burns\n[file: Mail]\nit fails\nsince Monday',
    ],
    [
      'a snippet of HTML as it is',
      { files: [{ title: 'a.html', mode: 'snippet', preview: '<p>it fails</p>' }] },
      '[file: a.html]\n<p>it fails</p>',
    ],
    [
      'the name of a call, and the tasks of a plan',
      {
        blocks: [
          { type: 'call', call_id: 'R1', call: { v1: { name: 'About the export' } } },
          {
            type: 'plan',
            title: 'Repair',
            tasks: [{ type: 'task_card', title: 'Look', details: typed('it fails')[0] }],
          },
        ],
      },
      'About the export\nRepair\nLook\nit fails',
    ],
    [
      'a file in an attachment',
      {
        attachments: [
          { is_share: true, text: 'see', files: [{ title: 'log.txt', preview: 'error 7' }] },
        ],
      },
      'Forwarded: see\n[file: log.txt]\nerror 7',
    ],
  ])('%s', (_what, post, shown) => {
    expect(show({ user: 'U1', ...post })).toBe(shown);
  });

  test('the sender of an e-mail', () => {
    const files = [
      { mode: 'email', subject: 'It fails', from: [{ name: 'Jane', address: 'j@x.example' }] },
    ];
    const message = slackMessageSchema.parse({ ts: '1790000000.000100', user: 'USLACKBOT', files });
    expect(interpretMessage('C0', message, SELF)).toMatchObject({
      message: { author: null, authorName: 'Jane' },
    });
  });

  test('what Slackbot itself says is no feedback', () => {
    const message = slackMessageSchema.parse({
      ts: '1790000000.000100',
      user: 'USLACKBOT',
      text: 'Hi',
    });
    expect(interpretMessage('C0', message, SELF)).toMatchObject({ kind: 'ignored' });
  });
});

/** Blocks with these words, each in a place of its own. */
function build(words: string[], shape: number[]): { blocks: unknown[]; hidden: string[] } {
  const hidden: string[] = [];
  const blocks = words.map((word, index): unknown => {
    const text = { type: 'plain_text', text: word };
    const cell = { type: 'raw_text', text: word };
    switch ((shape[index] ?? 0) % 10) {
      case 0:
        return section(word);
      case 1:
        return { type: 'section', fields: [text] };
      case 2:
        return { type: 'header', text };
      case 3:
        return { type: 'table', rows: [[cell], []] };
      case 4:
        return { type: 'context', elements: [{ type: 'mrkdwn', text: word }] };
      case 5:
        return { type: 'markdown', text: word };
      case 6:
        return { type: 'new', items: [[{ content: [{ body: text }] }]] };
      case 7:
        hidden.push(word);
        return { type: 'actions', elements: [{ type: 'button', action_id: 'x', text }] };
      case 8:
        return { type: 'image', alt_text: word, image_url: 'https://x.example' };
      default:
        return typed(word)[0];
    }
  });
  return { blocks, hidden };
}

test('property: every visible word is shown exactly once', () => {
  const words = fc.uniqueArray(fc.stringMatching(/^[a-z]{6,9}$/), { minLength: 1, maxLength: 12 });
  const shape = fc.array(fc.nat(), { minLength: 12, maxLength: 12 });
  const places = fc.array(fc.nat(7), { minLength: 12, maxLength: 12 });
  fc.assert(
    fc.property(words, shape, places, fc.boolean(), (all, shapes, where, repeated) => {
      const at = (place: number) => all.filter((_, index) => where[index] === place);
      const main = build(at(0), shapes);
      const inAttachment = build(at(1), shapes);
      const visible = at(0).filter((word) => !main.hidden.includes(word));
      const said = show({
        user: 'U1',
        text: (repeated ? visible : []).join(' '),
        blocks: main.blocks,
        attachments: [
          {
            fallback: lost,
            blocks: inAttachment.blocks,
            fields: at(2).map((value) => ({ value })),
          },
          {
            is_share: true,
            message_blocks: [
              {
                message: {
                  blocks: typed(at(3).join(' ')),
                  attachments: at(5).map((text) => ({ text, fallback: text })),
                  files: at(6).map((preview) => ({ title: 'a file', preview })),
                },
              },
            ],
          },
        ],
        files: [
          ...at(4).map((plain_text) => ({ title: 'a file', plain_text })),
          ...at(7).map((word) => ({ title: 'a canvas', mode: 'quip', preview: `<p>${word}</p>` })),
        ],
      });
      const hidden = new Set([...main.hidden, ...inAttachment.hidden]);
      for (const word of all) {
        const times = said.split(/[^a-z]+/).filter((one) => one === word).length;
        expect(times, word).toBe(hidden.has(word) ? 0 : 1);
      }
    }),
  );
});

test('property: typed text stays as it is, whatever rich text Slack makes of it', () => {
  const emoji = createEmojiSet();
  const word = fc.stringMatching(/^[a-z]{1,4}$/);
  const bits = ['*', '_', '~', '\n', '&gt; ', '• ', '1. ', '    ', ':tada:', ' ', ', ', '&lt;'];
  const tokens = ['<@U1>', '<#C1|dev>', '<https://a.example|docs>', '<!subteam^S1|@devs>'];
  const code = word.map((inside) => `\`\`\`${inside}\`\`\``);
  const typed = fc.array(fc.oneof(word, fc.constantFrom(...bits, ...tokens), code));
  fc.assert(
    fc.property(typed, (parts) => {
      const text = parts.join('').trim();
      const block = toRichText(text, emoji);
      const message = wordedSchema.parse({ text, blocks: block ? [block] : [] });
      expect(gatherWords(message)).toBe(text);
    }),
  );
});

test('property: nothing makes it throw', () => {
  fc.assert(
    fc.property(
      fc.anything({ maxDepth: 6 }),
      fc.anything(),
      fc.anything(),
      (blocks, attachments, files) => {
        const raw = {
          ts: '1790000000.000100',
          user: 'U1',
          text: 'x',
          blocks: [blocks],
          attachments: [attachments],
          files: [files],
        };
        expect(show(raw)).toBeTypeOf('string');
      },
    ),
  );
  let deep: unknown = section('deep');
  for (let level = 0; level < 20_000; level++) deep = { type: 'group', elements: [deep] };
  expect(show({ user: 'U1', text: 'x', blocks: [deep] })).toBe('x');
});
