import { describe, expect, test } from 'vitest';
import { escapeText, findLinks, findPings } from '../../../sim/slack/text.ts';

const rich = (...elements: object[]) => ({
  type: 'rich_text',
  elements: [{ type: 'rich_text_section', elements }],
});

describe('whom a post pings', () => {
  test.each<[string, Parameters<typeof findPings>[0], string[]]>([
    [
      'tokens in text',
      { text: 'hey <!here> and <@U1> <!subteam^S1|@team>' },
      ['<!here>', '<@U1>', '<!subteam^S1>'],
    ],
    ['escaped ones', { text: '&lt;!here&gt; &lt;@U1&gt;' }, []],
    ['plain words', { text: '@here @channel' }, []],
    ['plain words that Slack was asked to find', { text: '@here', parse: 'full' }, ['<!here>']],
    [
      'mrkdwn objects',
      { text: '', blocks: [{ type: 'section', text: { type: 'mrkdwn', text: '<!channel>' } }] },
      ['<!channel>'],
    ],
    [
      'plain_text objects',
      { text: '', blocks: [{ type: 'header', text: { type: 'plain_text', text: '<!channel>' } }] },
      [],
    ],
    [
      'markdown blocks',
      { text: '', blocks: [{ type: 'markdown', text: '<!everyone>' }] },
      ['<!everyone>'],
    ],
    [
      'rich text elements',
      {
        text: '',
        blocks: [rich({ type: 'user', user_id: 'U2' }, { type: 'broadcast', range: 'here' })],
      },
      ['<@U2>', '<!here>'],
    ],
    ['text inside rich text', { text: '', blocks: [rich({ type: 'text', text: '<!here>' })] }, []],
    ['attachments', { text: '', attachments: [{ text: '<!here>' }] }, ['<!here>']],
    ['channels and dates', { text: '<#C1|x> <!date^1^{date}|d>' }, []],
  ])('%s', (_name, message, pings) => {
    expect(findPings(message)).toEqual(pings);
  });
});

test('the links of a post and their texts', () => {
  expect(
    findLinks({
      text: '<https://a.example|a> https://b.example',
      blocks: [
        { type: 'markdown', text: '[c](https://c.example)' },
        rich(
          { type: 'link', url: 'https://d.example', text: 'd' },
          { type: 'text', text: 'https://inert.example' },
        ),
        {
          type: 'actions',
          elements: [
            { type: 'button', url: 'https://e.example', text: { type: 'plain_text', text: 'e' } },
          ],
        },
      ],
    }),
  ).toEqual([
    { url: 'https://a.example', label: 'a' },
    { url: 'https://b.example', label: 'https://b.example' },
    { url: 'https://c.example', label: 'c' },
    { url: 'https://d.example', label: 'd' },
    { url: 'https://e.example', label: 'e' },
  ]);
});

test('stored text has entities except in tokens', () => {
  expect(escapeText('a < b > c & d &amp; <@U1> <!here> <foo>')).toBe(
    'a &lt; b &gt; c &amp; d &amp; <@U1> <!here> &lt;foo&gt;',
  );
});
