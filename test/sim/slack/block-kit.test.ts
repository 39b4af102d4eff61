import { describe, expect, test } from 'vitest';
import { createBlockCheck } from '../../../sim/slack/block-kit/validate.ts';
import { ApiError } from '../../../sim/slack/types.ts';
import { section, startStage } from './start-sim.ts';

const check = createBlockCheck(['card']);
const plain = (text: string) => ({ type: 'plain_text', text });
const mrkdwn = (text: string) => ({ type: 'mrkdwn', text });
const button = (more: object = {}) => ({
  type: 'button',
  text: plain('Go'),
  action_id: 'go',
  ...more,
});
const option = (value: string) => ({ text: plain(value), value });
const many = <T>(count: number, make: (i: number) => T) =>
  Array.from({ length: count }, (_, i) => make(i));
const raw = (text: string) => ({ type: 'raw_text', text });

/** Why a message with these blocks is refused; empty when it is accepted. */
function problems(...blocks: unknown[]): string[] {
  try {
    check.message(blocks, '');
    return [];
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return (error.extra.errors as string[] | undefined) ?? [error.code];
  }
}

describe('what a message may hold', () => {
  const rich = {
    type: 'rich_text',
    elements: [
      {
        type: 'rich_text_section',
        elements: [
          { type: 'text', text: 'a', style: { bold: true } },
          { type: 'link', url: 'https://a.example', text: 'b' },
          { type: 'emoji', name: 'bug' },
          { type: 'user', user_id: 'U1' },
          { type: 'channel', channel_id: 'C1' },
          { type: 'date', timestamp: 1, format: '{date}' },
        ],
      },
      {
        type: 'rich_text_list',
        style: 'bullet',
        elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: 'x' }] }],
      },
      { type: 'rich_text_quote', elements: [{ type: 'text', text: 'q' }] },
      { type: 'rich_text_preformatted', elements: [{ type: 'text', text: 'p' }] },
    ],
  };
  const pie = { type: 'pie', segments: [{ label: 'Bug', value: 3 }] };
  const bar = {
    type: 'bar',
    series: [
      {
        name: 'Week',
        data: [
          { label: 'Mon', value: 1 },
          { label: 'Tue', value: 2 },
        ],
      },
    ],
    axis_config: { categories: ['Mon', 'Tue'], x_label: 'Day' },
  };

  test.each<[string, unknown[]]>([
    [
      'the usual',
      [
        { type: 'header', text: plain('H') },
        { type: 'divider' },
        section('s'),
        { type: 'context', elements: [mrkdwn('c')] },
      ],
    ],
    ['fields', [{ type: 'section', fields: many(10, () => mrkdwn('f')) }]],
    [
      'actions',
      [
        {
          type: 'actions',
          elements: [button(), { type: 'overflow', action_id: 'more', options: [option('a')] }],
        },
      ],
    ],
    [
      'an accessory',
      [
        {
          ...section('s'),
          accessory: { type: 'static_select', action_id: 's', options: [option('a')] },
        },
      ],
    ],
    ['rich text', [rich]],
    ['markdown', [{ type: 'markdown', text: '**b**' }]],
    [
      'a table',
      [{ type: 'table', rows: [[raw('a'), rich]], column_settings: [null, { align: 'right' }] }],
    ],
    [
      'a data table',
      [
        {
          type: 'data_table',
          caption: 'c',
          rows: [[raw('a')], [{ type: 'raw_number', value: 1 }]],
        },
      ],
    ],
    [
      'charts',
      [
        { type: 'data_visualization', title: 't', chart: pie },
        { type: 'data_visualization', title: 't', chart: bar },
      ],
    ],
    [
      'a container',
      [
        {
          type: 'container',
          title: plain('t'),
          is_collapsible: true,
          child_blocks: [section('s')],
        },
      ],
    ],
    [
      'feedback',
      [
        {
          type: 'context_actions',
          elements: [
            {
              type: 'feedback_buttons',
              action_id: 'f',
              positive_button: { text: plain('+'), value: '1' },
              negative_button: { text: plain('-'), value: '0' },
            },
          ],
        },
      ],
    ],
    [
      'an image',
      [{ type: 'image', image_url: 'https://a.example/a.png', alt_text: 'a', title: plain('t') }],
    ],
    [
      'progress',
      [
        {
          type: 'plan',
          title: 'p',
          tasks: [{ type: 'task_card', task_id: '1', title: 't', status: 'complete' }],
        },
      ],
    ],
  ])('%s', (_name, blocks) => {
    expect(problems(...blocks)).toEqual([]);
  });

  test.each<[string, unknown[], string]>([
    [
      'an unknown block',
      [{ type: 'hologram' }],
      'unsupported block type: hologram [json-pointer:/blocks/0]',
    ],
    [
      'a block that this workspace refuses',
      [{ type: 'card', title: mrkdwn('t') }],
      'unsupported block type: card',
    ],
    [
      'an alert in a message',
      [{ type: 'alert', text: plain('a') }],
      'unsupported block type: alert',
    ],
    [
      'an unknown field',
      [{ ...section('s'), colour: 'red' }],
      'invalid additional property: colour',
    ],
    [
      'empty text',
      [section('')],
      'must be more than 0 characters [json-pointer:/blocks/0/text/text]',
    ],
    [
      'long text',
      [section('x'.repeat(3001))],
      'must be less than 3001 characters [json-pointer:/blocks/0/text/text]',
    ],
    ['a section with nothing', [{ type: 'section' }], 'must define either `text` or `fields`'],
    [
      'eleven fields',
      [{ type: 'section', fields: many(11, () => mrkdwn('f')) }],
      'no more than 10 items allowed',
    ],
    [
      'a long field',
      [{ type: 'section', fields: [mrkdwn('x'.repeat(2001))] }],
      'must be less than 2001',
    ],
    [
      'mrkdwn in a header',
      [{ type: 'header', text: mrkdwn('h') }],
      'unsupported text type: mrkdwn',
    ],
    ['a long header', [{ type: 'header', text: plain('x'.repeat(151)) }], 'must be less than 151'],
    [
      'emoji on mrkdwn',
      [{ type: 'section', text: { ...mrkdwn('a'), emoji: true } }],
      'invalid additional property: emoji',
    ],
    [
      'eleven context elements',
      [{ type: 'context', elements: many(11, () => mrkdwn('c')) }],
      'no more than 10',
    ],
    [
      '26 buttons',
      [{ type: 'actions', elements: many(26, (i) => button({ action_id: `a${i}` })) }],
      'no more than 25',
    ],
    ['no buttons', [{ type: 'actions', elements: [] }], 'no fewer than 1'],
    [
      'a long button',
      [{ type: 'actions', elements: [button({ text: plain('x'.repeat(76)) })] }],
      'must be less than 76',
    ],
    [
      'a long value',
      [{ type: 'actions', elements: [button({ value: 'x'.repeat(2001) })] }],
      'must be less than 2001',
    ],
    [
      'a bad style',
      [{ type: 'actions', elements: [button({ style: 'blue' })] }],
      'unsupported value',
    ],
    [
      'an input element in actions',
      [{ type: 'actions', elements: [{ type: 'plain_text_input', action_id: 'i' }] }],
      'unsupported element',
    ],
    [
      'six overflow options',
      [
        {
          type: 'actions',
          elements: [{ type: 'overflow', action_id: 'o', options: many(6, (i) => option(`${i}`)) }],
        },
      ],
      'no more than 5',
    ],
    [
      'a select that shows none of its options',
      [
        {
          type: 'actions',
          elements: [
            {
              type: 'static_select',
              action_id: 's',
              options: [option('a')],
              initial_option: { ...option('a'), text: plain('A') },
            },
          ],
        },
      ],
      'must match one of the options',
    ],
    [
      'a checked box that is not there',
      [
        {
          type: 'actions',
          elements: [
            {
              type: 'checkboxes',
              action_id: 'c',
              options: [option('a')],
              initial_options: [option('a'), option('b')],
            },
          ],
        },
      ],
      'must match one of the options',
    ],
    [
      '11 checkboxes',
      [
        {
          type: 'actions',
          elements: [
            { type: 'checkboxes', action_id: 'c', options: many(11, (i) => option(`${i}`)) },
          ],
        },
      ],
      'no more than 10',
    ],
    [
      'a select without options',
      [{ type: 'actions', elements: [{ type: 'static_select', action_id: 's' }] }],
      'must define either `options`',
    ],
    [
      'one action_id twice',
      [{ type: 'actions', elements: [button(), button()] }],
      '`action_id` go already exists',
    ],
    [
      'one block_id twice',
      [
        { ...section('a'), block_id: 'x' },
        { ...section('b'), block_id: 'x' },
      ],
      '`block_id` x already exists',
    ],
    [
      '51 blocks',
      many(51, () => ({ type: 'divider' })),
      'no more than 50 items allowed [json-pointer:/blocks]',
    ],
    [
      'an empty rich text element',
      [
        {
          type: 'rich_text',
          elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: '' }] }],
        },
      ],
      'must be more than 0',
    ],
    [
      'an odd broadcast',
      [
        {
          type: 'rich_text',
          elements: [
            { type: 'rich_text_section', elements: [{ type: 'broadcast', range: 'all' }] },
          ],
        },
      ],
      'unsupported value',
    ],
    [
      'two tables',
      many(2, () => ({ type: 'table', rows: [[raw('a')]] })),
      'no more than 1 blocks of type table',
    ],
    [
      'three charts',
      many(3, () => ({ type: 'data_visualization', title: 't', chart: pie })),
      'no more than 2 blocks of type',
    ],
    [
      'seven segments',
      [
        {
          type: 'data_visualization',
          title: 't',
          chart: { type: 'pie', segments: many(7, (i) => ({ label: `${i}`, value: 1 })) },
        },
      ],
      'no more than 6',
    ],
    [
      'a zero segment',
      [
        {
          type: 'data_visualization',
          title: 't',
          chart: { type: 'pie', segments: [{ label: 'a', value: 0 }] },
        },
      ],
      'must be between',
    ],
    [
      'labels that do not match',
      [
        {
          type: 'data_visualization',
          title: 't',
          chart: { ...bar, axis_config: { categories: ['Mon'] } },
        },
      ],
      'labels must match',
    ],
    [
      'a long chart title',
      [{ type: 'data_visualization', title: 'x'.repeat(51), chart: pie }],
      'must be less than 51',
    ],
    [
      'a data table without caption',
      [{ type: 'data_table', rows: [[raw('a')], [raw('b')]] }],
      'missing required field: caption',
    ],
    [
      '101 rows',
      [{ type: 'data_table', caption: 'c', rows: many(101, () => [raw('a')]) }],
      'no more than 100',
    ],
    [
      'uneven rows',
      [{ type: 'data_table', caption: 'c', rows: [[raw('a')], [raw('a'), raw('b')]] }],
      'the same number of cells',
    ],
    [
      'a container in a container',
      [
        {
          type: 'container',
          title: plain('t'),
          child_blocks: [{ type: 'container', title: plain('t'), child_blocks: [section('s')] }],
        },
      ],
      'unsupported block type: container',
    ],
    ['not even an object', ['text'], 'should be an object'],
  ])('refuses %s', (_name, blocks, problem) => {
    expect(problems(...blocks).join('\n')).toContain(problem);
  });
});

test('views: title, size, private metadata, submit, surface', () => {
  const modal = (more: object) => ({
    type: 'modal',
    title: plain('T'),
    blocks: [section('s')],
    ...more,
  });
  const refused = (view: unknown, kind: 'modal' | 'home' = 'modal') => {
    try {
      check.view(view, kind);
      return '';
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return JSON.stringify(error.extra);
    }
  };
  const input = {
    type: 'input',
    label: plain('L'),
    element: { type: 'plain_text_input', action_id: 'i' },
  };
  expect(
    refused(modal({ blocks: [input], submit: plain('OK'), private_metadata: 'x'.repeat(3000) })),
  ).toBe('');
  expect(refused(modal({ blocks: [{ type: 'alert', text: plain('a') }] }))).toBe('');
  expect(refused(modal({ title: plain('x'.repeat(25)) }))).toContain('must be less than 25');
  expect(refused(modal({ private_metadata: 'x'.repeat(3001) }))).toContain(
    'must be less than 3001',
  );
  expect(refused(modal({ blocks: [input] }))).toContain('missing required field: submit');
  expect(refused(modal({ blocks: many(101, () => ({ type: 'divider' })) }))).toContain(
    'no more than 100',
  );
  expect(
    refused(
      { type: 'home', blocks: [{ type: 'container', title: plain('t'), child_blocks: [] }] },
      'home',
    ),
  ).toContain('unsupported block type');
  expect(refused({ type: 'home', blocks: [section('s')] }, 'home')).toBe('');
});

test('the Web API names the place of an error', async () => {
  const { client, channel } = await startStage();
  await expect(
    client.chat.postMessage({ channel, text: 'x', blocks: [section('')] }),
  ).rejects.toMatchObject({
    data: {
      error: 'invalid_blocks',
      response_metadata: {
        messages: ['[ERROR] must be more than 0 characters [json-pointer:/blocks/0/text/text]'],
      },
    },
  });
});
