import { describe, expect, test } from 'vitest';
import { essenceOf } from '../../../src/core/intake/essence.ts';
import { tellingWords } from '../../../src/core/intake/voice.ts';

/** What an integration sends again, and what it says for somebody else. */

const same = (one: string, other: string) =>
  tellingWords(essenceOf(one)) === tellingWords(essenceOf(other));

const SAID = 'The export to PDF fails on Safari';

describe('what is sent again has the same words', () => {
  test.each([
    [SAID],
    [`  ${SAID.toUpperCase()}!!  `],
    [`*${SAID}.*`],
    [`Retry: ${SAID}`],
    [`[RESENT] ${SAID}`],
    [`${SAID} (attempt 3)`],
    [`Re: Fwd: ${SAID}`],
    [`#4711 ${SAID}`],
    [`${SAID}\nTicket: https://desk.example/t/4712`.replace('Ticket: ', '')],
    [`${SAID} <https://desk.example/t/4712|#4712>`],
    [`${SAID}\nrequest id 7f3a91c2-0b1d`.replace('request id ', '')],
  ])('%j', (again) => {
    expect(same(again, SAID)).toBe(true);
  });
});

describe('what somebody else says has others', () => {
  test.each([
    [SAID, 'The export to PDF fails on Firefox'],
    [SAID, 'The export to PDF works on Safari'],
    ['Export fails', 'Import fails'],
    ['Rating: 5', 'Rating: 1'],
    ['Version 3 crashes', 'Version 4 crashes'],
    ['アプリが落ちる', 'アプリが遅い'],
  ])('%j, %j', (one, other) => {
    expect(same(one, other)).toBe(false);
  });
});

test('signs and numbers alone are no words to tell by', () => {
  expect(tellingWords('?!')).toBe('');
  expect(tellingWords('')).toBe('');
  expect(tellingWords('retry')).toBe('');
});
