import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatCustomId, parseCustomId } from '../../../src/core/runs/custom-id.ts';

/** Slack's ids have 9 to 21 characters; a bot that runs a million times has done well. */
const identity = fc.record({
  channel: fc.stringMatching(/^[CG][A-Z0-9]{8,20}$/),
  ts: fc.stringMatching(/^[0-9]{10}\.[0-9]{6}$/),
  run: fc.integer({ min: 1, max: 9_999_999 }),
});

test('a message is found again from its custom_id alone', () => {
  fc.assert(
    fc.property(identity, (id) => {
      expect(parseCustomId(formatCustomId(id))).toEqual(id);
    }),
  );
});

test('every custom_id is one that Claude takes', () => {
  fc.assert(
    fc.property(identity, (id) => {
      expect(formatCustomId(id)).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
    }),
  );
});

test('reads as channel, time and run', () => {
  const id = { channel: 'C0FEEDBACK', ts: '1732272000.123456', run: 7 };
  expect(formatCustomId(id)).toBe('C0FEEDBACK-1732272000_123456-r7');
});

test.each([
  '',
  'my-request-1',
  'C0FEEDBACK-1732272000_123456',
  'C0FEEDBACK-1732272000.123456-r7',
  'C0FEEDBACK-1732272000_123456-r',
  'c0feedback-1732272000_123456-r7',
  'x-C0FEEDBACK-1732272000_123456-r7',
  'C0FEEDBACK-1732272000_123456-r7-again',
  'C0FEEDBACK-1732272000_123456-r7\n',
])('%j belongs to somebody else', (stranger) => {
  expect(parseCustomId(stranger)).toBeUndefined();
});
