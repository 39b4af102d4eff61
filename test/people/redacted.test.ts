import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildGrouping } from '../../src/claude/grouping.ts';
import { renderMessage } from '../../src/claude/prompt.ts';
import { readCases } from '../core/privacy/cases.ts';
import { askWhy, wordsOf } from './modals.ts';
import { BUG, DAY_MS, startPeople, startSummedUp } from './stage.ts';

/** No private part of what people wrote reaches Claude, whatever it is shown as. */

const digits = (length: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length });

/** Adds the digit that makes a number valid by Luhn's rule. */
function withCheckDigit(numbers: number[]): string {
  const sum = numbers
    .toReversed()
    .map((digit, at) => (at % 2 === 0 ? digit * 2 - (digit > 4 ? 9 : 0) : digit))
    .reduce((one, other) => one + other, 0);
  return [...numbers, (10 - (sum % 10)) % 10].join('');
}

const inFours = (number: string) => number.replace(/(.{4})(?=.)/g, '$1 ');

const card = fc.tuple(digits(14), fc.boolean()).map(([rest, spaced]) => {
  const number = withCheckDigit([4, ...rest]);
  return spaced ? inFours(number) : number;
});

const iban = fc.tuple(digits(18), fc.boolean()).map(([account, spaced]) => {
  const bban = account.join('');
  const check = 98n - (BigInt(`${bban}131400`) % 97n);
  const number = `DE${check.toString().padStart(2, '0')}${bban}`;
  return spaced ? inFours(number) : number;
});

const word = fc.stringMatching(/^[a-z][a-z0-9]{2,11}$/);
const email = fc
  .tuple(word, word, fc.constantFrom('com', 'de', 'co.uk', 'io'))
  .map(([who, where, end]) => `${who}@${where}.${end}`);

const phone = fc
  .tuple(fc.constantFrom('+336', '+4915', '06', '+1415', '(415) '), digits(8))
  .map(([start, rest]) => {
    const tail = rest.join('');
    if (start === '+1415') return `+1 415 555 ${tail.slice(0, 4)}`;
    if (start === '(415) ') return `(415) 555-${tail.slice(0, 4)}`;
    return start === '+4915' ? `+49151${tail}` : `${start}${tail}`;
  });

const octet = fc.integer({ min: 0, max: 255 });
const ip = fc.oneof(
  fc.tuple(octet, octet, octet).map((rest) => `server 10.${rest.join('.')}`),
  fc.tuple(octet, octet).map((rest) => `198.51.${rest.join('.')}`),
  fc.ipV6().filter((address) => /\d.*:.*[\da-f]{3}/.test(address) && !address.includes('.')),
);

const key = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9]{36}$/).map((rest) => `ghp_${rest}`),
  fc.stringMatching(/^[A-Za-z0-9]{24}$/).map((rest) => `xoxb-123456789012-123456789012-${rest}`),
  fc.stringMatching(/^[a-f][0-9]{3}[a-f0-9]{28}$/).map((rest) => `api_key=${rest}`),
);

const number = digits(11).map((rest) => `customer 7${rest.join('')}`);

const SECRET = fc.oneof(card, iban, email, phone, ip, key, number);

/** What must not be left of it: the word that leads to it is no secret. */
const bare = (secret: string) => secret.replace(/^(?:server|customer) |^api_key=/, '');

const innocent = fc.constantFrom('it crashes', 'see', 'Größe', '発生', '\n', '(', '"', '-', 'v2.1');
const PLANTED = fc.tuple(innocent, SECRET, innocent).map(([before, secret, after]) => ({
  text: `${before} ${secret} ${after}`,
  secret: bare(secret),
}));

const privacy = { redact: true };
const nameOf = () => 'Ana';

describe('a secret', () => {
  test('does not reach the prompt, in whatever it stands', () => {
    fc.assert(
      fc.property(PLANTED, PLANTED, PLANTED, PLANTED, (message, reply, example, theme) => {
        const content = renderMessage(
          {
            text: message.text,
            replies: [reply.text],
            examples: [{ text: example.text, category: 'bug' }],
            themes: [{ id: 1, title: theme.text }],
          },
          { nameOf, privacy },
        );
        for (const { secret } of [message, reply, example, theme]) {
          expect(content).not.toContain(secret);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('does not reach the grouping', () => {
    fc.assert(
      fc.property(PLANTED, PLANTED, (gist, theme) => {
        const request = buildGrouping(
          { gists: [gist.text, 'dark mode'], themes: [{ id: 1, title: theme.text }] },
          'claude-haiku-5-5',
          privacy,
        );
        const sent = JSON.stringify(request);
        for (const { secret } of [gist, theme]) expect(sent).not.toContain(secret);
      }),
      { numRuns: 300 },
    );
  });

  test('is not cut in half where a long text is', () => {
    const secret = 'ann.lee@example.com';
    for (let before = 5_970; before < 6_010; before++) {
      const text = `${'x '.repeat(before / 2)}${secret} ${'y '.repeat(4_000)}`;
      const content = renderMessage(
        { text, replies: [], examples: [], themes: [] },
        { nameOf, privacy },
      );
      expect(content).not.toMatch(/ann|lee|example/);
    }
  });
});

const labelled = readCases().flatMap(({ text, spans }) =>
  spans.map(({ start, end }) => ({ text, secret: text.slice(start, end) })),
);

describe.each(['batch', 'express'] as const)('in the %s lane', (lane) => {
  test('Claude is sent none, in messages, replies, examples, themes and groups', async () => {
    const people = await startPeople([], {
      settings: { expressUpToUsd: lane === 'express' ? 100 : 0 },
    });
    const { slack, channel, user, claude, clock } = people;
    const planted = labelled.filter((_case, at) => at % 9 === 0);
    const day = async (words: string) => {
      const sent = planted.map(({ text }) =>
        slack.post({ channel, user, text: `${words} ${text}` }),
      );
      for (const [at, ts] of sent.entries()) {
        const text = planted[(at + 1) % planted.length]?.text ?? '';
        if (at % 2 === 0) slack.post({ channel, user: people.ben, text, threadTs: ts });
      }
      await slack.idle();
      await people.sumUp();
      return sent;
    };
    const [first = '', second = ''] = await day('It crashes when I save.');
    await people.react(people.ben, first, 'bulb');
    await people.react(people.ben, second, 'confounded');
    clock.jump(DAY_MS);
    await day('It crashes when I save again.');

    const sent = JSON.stringify([claude.batches().map(({ requests }) => requests), claude.asked]);
    expect(sent).toContain('<example');
    expect(sent).toContain('<theme');
    expect(sent).toContain('<reply');
    expect(sent).toContain('<gist');
    const leaked = labelled.filter(({ secret }) =>
      sent.includes(JSON.stringify(secret).slice(1, -1)),
    );
    expect(leaked).toEqual([]);
    expect(claude.batches().length > 0).toBe(lane === 'batch');
  });
});

test('with REDACT=off a text goes as it is', () => {
  const text = 'write to ann@example.com';
  const content = renderMessage(
    { text, replies: [], examples: [], themes: [] },
    { nameOf, privacy: { redact: false } },
  );
  expect(content).toContain(text);
});

test('*Why?* says what was replaced, and shows the text as it is', async () => {
  const text =
    'It crashes when I save as <mailto:ann@example.com|ann@example.com>, call 06 12 34 56 78';
  const people = await startSummedUp([text, BUG]);
  const [ts = '', plain = ''] = people.sent;
  const said = wordsOf(await askWhy(people, people.ben, people.card(ts)));
  expect(said).toContain(
    'Before keyword rules saw it, 1 e-mail address and 1 phone number were replaced.',
  );
  expect(said).toContain('ann@example.com, call 06 12 34 56 78');
  expect(wordsOf(await askWhy(people, people.ben, people.card(plain)))).not.toContain('replaced');
});

test('*Why?* says nothing of it when nothing is replaced', async () => {
  const people = await startSummedUp(['It crashes when I save as ann@example.com'], {
    settings: { redact: false },
  });
  const [ts = ''] = people.sent;
  expect(wordsOf(await askWhy(people, people.ben, people.card(ts)))).not.toContain('replaced');
  expect(JSON.stringify(people.claude.batches()[0]?.requests)).toContain('ann@example.com');
});
