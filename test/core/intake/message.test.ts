import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Intake, interpretMessageEvent } from '../../../src/core/intake/message.ts';

const SELF = { userId: 'U0WINNOW01', botId: 'B0WINNOW01' };
const FIXTURES = path.join(import.meta.dirname, '../../fixtures/events');

const interpret = (event: unknown) => interpretMessageEvent(event, SELF);

describe('what recorded events mean', () => {
  test.each(readdirSync(FIXTURES))('%s', (file) => {
    const { event, intake } = JSON.parse(readFileSync(path.join(FIXTURES, file), 'utf8'));
    expect(interpret(event)).toEqual(intake);
  });
});

const event = (more: object) => ({
  type: 'message',
  channel: 'C0FEEDBACK',
  user: 'U0ANA00001',
  ts: '1732272000.123456',
  text: 'hello',
  ...more,
});

/** The words of whatever an event turned out to be. */
const wordsOf = (intake: Intake) => {
  if (intake.kind === 'message') return intake.message.text;
  if (intake.kind === 'reply') return intake.reply.text;
  throw new Error(JSON.stringify(intake));
};

test.each<[string, object, string]>([
  [
    'text that also stands in blocks is taken once',
    { blocks: [{ type: 'x', text: 'hello' }] },
    'hello',
  ],
  [
    'an attachment that says nothing else is known by its fallback',
    { text: '', attachments: [{ fallback: 'Ticket 1' }] },
    'Ticket 1',
  ],
  [
    'a file without any name is still there',
    { text: '', files: [{ id: 'F1' }] },
    '[file: unnamed]',
  ],
  ['controls are taken out', { text: 'a\u0000b\u202ec' }, 'abc'],
  ['half an emoji is replaced', { text: 'a\ud83d' }, 'a\ufffd'],
  ['a message without words stays one', { text: '' }, ''],
  ['blocks of a kind yet to come', { text: '', blocks: [{ type: 'hologram', text: 'hi' }] }, 'hi'],
  [
    'blocks that are not what Slack sends',
    { text: '', blocks: [null, 7, ['a'], { elements: 'x', fields: [{ text: { text: 'b' } }] }] },
    'b',
  ],
])('%s', (_what, more, words) => {
  expect(wordsOf(interpret(event(more)))).toBe(words);
});

test('a parent that has replies is a message, not a reply to itself', () => {
  const intake = interpret(event({ thread_ts: '1732272000.123456', reply_count: 2 }));
  expect(intake).toMatchObject({ kind: 'message', message: { threadTs: null } });
});

test('broken details never cost a message its words', () => {
  const odd = { user: 7, bot_id: {}, bot_profile: 'x', edited: 1, files: {}, attachments: 'y' };
  expect(wordsOf(interpret(event(odd)))).toBe('hello');
});

test('whatever comes as an event, reading it never throws', () => {
  const part = fc.oneof(fc.jsonValue(), fc.object());
  const nearly = fc
    .record(
      {
        subtype: fc.constantFrom('message_changed', 'message_deleted', 'bot_message', 'tombstone'),
        message: part,
        previous_message: part,
        deleted_ts: part,
        user: part,
        bot_id: part,
        blocks: part,
        attachments: fc.array(part),
        files: fc.array(part),
        thread_ts: part,
        edited: part,
      },
      { requiredKeys: [] },
    )
    .map((more) => event(more));
  fc.assert(
    fc.property(fc.oneof(part, fc.anything(), nearly), (any) => {
      expect(['message', 'reply', 'deleted', 'ignored']).toContain(interpret(any).kind);
    }),
    { numRuns: 500 },
  );
});

test('whatever is written, wherever it stands, what is kept is well-formed and clean', () => {
  // UTF-16 units one by one: half emoji, NUL and all.
  const anyText = fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 })
    .map((units) => String.fromCharCode(...units));
  const places = fc.record(
    {
      text: anyText,
      username: anyText,
      files: fc.array(fc.record({ title: anyText, name: anyText }), { maxLength: 2 }),
      attachments: fc.array(
        fc.record({ title: anyText, text: anyText, fallback: anyText, is_share: fc.boolean() }),
        { maxLength: 2 },
      ),
      blocks: fc.array(
        fc.record({
          type: fc.constantFrom('section', 'rich_text_section', 'link'),
          text: fc.oneof(anyText, fc.record({ text: anyText })),
          url: anyText,
          elements: fc.array(fc.record({ type: fc.constant('text'), text: anyText })),
        }),
        { maxLength: 2 },
      ),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(places, (more) => {
      const intake = interpret({ ...event({ text: '' }), ...more });
      if (intake.kind !== 'message') throw new Error(intake.kind);
      for (const words of [intake.message.text, intake.message.authorName ?? '']) {
        expect(words.isWellFormed()).toBe(true);
        expect(words.includes('\u0000')).toBe(false);
      }
    }),
    { numRuns: 300 },
  );
});
