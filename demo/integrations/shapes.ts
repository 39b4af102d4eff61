import type { People } from '../../sim/slack/people.ts';
import type { JsonObject } from '../../sim/slack/types.ts';

/** How integrations shape their posts: each as it comes from Slack, where the words are elsewhere. */

/** What a post says and how, without its place and its author. */
export type Shape = Omit<Parameters<People['post']>[0], 'channel' | 'user' | 'botId'>;

const plain = (text: string) => ({ type: 'plain_text', text, emoji: true });
const mrkdwn = (text: string) => ({ type: 'mrkdwn', text, verbatim: false });
const section = (text: string): JsonObject => ({ type: 'section', text: mrkdwn(text) });
const context = (text: string): JsonObject => ({ type: 'context', elements: [mrkdwn(text)] });
const button = (text: string, url: string): JsonObject => ({
  type: 'actions',
  elements: [{ type: 'button', action_id: 'open', text: plain(text), url }],
});
const numbered = (blocks: JsonObject[], name: string): JsonObject[] =>
  blocks.map((block, index) => ({ block_id: `${name}${index}`, ...block }));

const rich = (...elements: JsonObject[]): JsonObject => ({
  type: 'rich_text',
  elements: [{ type: 'rich_text_section', elements }],
});
const words = (text: string): JsonObject => ({ type: 'text', text });

/** A form whose answers are blocks; `text` is only what a notification shows. */
export const form = (name: string, answers: [question: string, answer: string][]): Shape => ({
  text: `New response to ${name}`,
  blocks: numbered(
    [
      { type: 'header', text: plain(`New response to ${name}`) },
      ...answers.map(([question, answer]) => section(`*${question}*\n${answer}`)),
      context('Submitted through the web form'),
      button('View response', 'https://forms.example/responses'),
    ],
    'form',
  ),
});

/** A form that a script relays to a webhook: no text, all of it in the fields of an attachment. */
export const relayedForm = (answers: [question: string, answer: string][]): Shape => ({
  text: '',
  attachments: [
    {
      id: 1,
      color: '4285f4',
      pretext: 'A new answer',
      fallback: answers.map((pair) => pair.join(': ')).join('\n'),
      fields: answers.map(([title, value]) => ({ title, value, short: value.length < 20 })),
      footer: 'Contact form',
    },
  ],
});

/** A tracker: who did what is the text, the ticket is blocks within an attachment. */
export const trackerTicket = (
  key: string,
  ticket: { by: string; title: string; says: string; priority: string; status?: string },
): Shape => ({
  text: `${ticket.by} *created* a Bug`,
  attachments: [
    {
      id: 1,
      color: '2684ff',
      fallback: '[no preview available]',
      blocks: numbered(
        [
          section(`*<https://tracker.example/browse/${key}|${key} ${ticket.title}>*`),
          section(ticket.says),
          context(`Status: *${ticket.status ?? 'To Do'}*   Priority: *${ticket.priority}*`),
        ],
        'issue',
      ),
    },
  ],
});

/** A help desk of the old kind: one attachment, and its fallback is all that it says. */
export const deskTicket = (id: number, subject: string, says: string): Shape => ({
  text: '',
  attachments: [{ id: 1, fallback: `Ticket #${id}: ${subject}\n${says}` }],
});

/** A review of an app store. */
export const review = (
  stars: number,
  { author, title, says, version }: Record<'author' | 'title' | 'says' | 'version', string>,
): Shape => ({
  text: '',
  attachments: [
    {
      id: 1,
      color: stars > 3 ? '36a64f' : 'd00000',
      fallback: `${stars} stars: ${title}`,
      author_name: author,
      title: `${'★'.repeat(stars)}${'☆'.repeat(5 - stars)} ${title}`,
      title_link: 'https://reviews.example/1',
      text: says,
      footer: `App Store, version ${version}`,
      mrkdwn_in: ['text'],
    },
  ],
});

/** An e-mail to the channel's address: Slackbot posts it as a file. */
export const email = (
  id: string,
  mail: { from: [string, string]; subject: string; says: string },
) =>
  ({
    text: '',
    subtype: 'file_share',
    files: [
      {
        id,
        mode: 'email',
        filetype: 'email',
        name: mail.subject.replaceAll(/\W+/g, '_'),
        title: mail.subject,
        subject: mail.subject,
        from: [
          {
            name: mail.from[0],
            address: mail.from[1],
            original: `${mail.from[0]} <${mail.from[1]}>`,
          },
        ],
        to: [{ address: 'feedback@example.slack.com', name: '', original: '' }],
        cc: [],
        plain_text: mail.says,
        preview: `<div>${mail.says}</div>`,
        preview_plain_text: mail.says,
        preview_is_truncated: false,
        has_more: false,
      },
    ],
  }) satisfies Shape;

/** A chat on the web site, relayed line by line under the visitor's name. */
export const chat = (visitor: string, lines: string[], page: string): Shape => ({
  username: visitor,
  text: 'New message from a visitor',
  blocks: numbered(
    [
      rich(...lines.map((line, index) => words(index === 0 ? line : `\n${line}`))),
      { type: 'divider' },
      context(`On <${page}>`),
    ],
    'chat',
  ),
});

/** The answer to a survey: the score in a table beside the words. */
export const survey = (score: number, says: string, plan: string): Shape => ({
  text: "This content can't be displayed.",
  blocks: numbered(
    [
      {
        type: 'table',
        rows: [
          [
            { type: 'raw_text', text: 'Score' },
            { type: 'raw_text', text: 'Plan' },
          ],
          [
            { type: 'raw_text', text: `${score} of 10` },
            { type: 'raw_text', text: plan },
          ],
        ],
      },
      ...(says === '' ? [] : [{ type: 'markdown', text: `> ${says}` }]),
    ],
    'nps',
  ),
});

/** A voice clip, with Slack's transcript. */
export const voiceClip = (id: string, says: string): Shape => ({
  files: [
    {
      id,
      name: 'audio_message.m4a',
      title: 'audio_message.m4a',
      subtype: 'slack_audio',
      duration_ms: 4200,
      transcription: {
        status: 'complete',
        locale: 'en-US',
        preview: { content: says, has_more: false },
      },
    },
  ],
});

/** @param shows its alternative text */
export const picture = (id: string, text: string, shows?: string): Shape => ({
  text,
  files: [{ id, name: 'image.png', title: 'image.png', ...(shows && { alt_txt: shows }) }],
});

/** A message of another channel, forwarded with or without a comment. */
export const forwarded = (text: string, by: string, says: string): Shape => ({
  text,
  attachments: [
    {
      id: 1,
      ts: '1790000000.000100',
      is_msg_unfurl: true,
      is_share: true,
      channel_id: 'C0SALES',
      from_url: 'https://example.slack.com/archives/C0SALES/p1790000000000100',
      author_name: by,
      fallback: '[no preview available]',
      text: '',
      footer: 'Slack Conversation',
      mrkdwn_in: ['text'],
      message_blocks: [
        {
          team: 'T0EXAMPLE',
          channel: 'C0SALES',
          ts: '1790000000.000100',
          message: { blocks: [{ ...rich(words(says)), block_id: 'fwd' }] },
        },
      ],
    },
  ],
});

/** A monitor: an alert with fields, or its end. */
export const alert = (what: string, state: 'down' | 'up'): Shape => ({
  text: state === 'down' ? `:red_circle: ${what} is down` : `:large_green_circle: ${what} is up`,
  attachments: [
    {
      id: 1,
      color: state === 'down' ? 'd00000' : '36a64f',
      fallback: `${what}: ${state}`,
      fields: [
        { title: 'Check', value: 'GET /health', short: true },
        { title: 'Region', value: 'eu-central', short: true },
      ],
    },
  ],
});
