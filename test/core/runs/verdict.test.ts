import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_TAXONOMY } from '../../../src/core/runs/taxonomy.ts';
import { GIST_LENGTH, type Reading, readResult } from '../../../src/core/runs/verdict.ts';

const USAGE = {
  input_tokens: 12,
  output_tokens: 80,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 1100,
  cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
  service_tier: 'batch',
};
const ANSWER = {
  category: 'bug',
  sentiment: 'negative',
  urgency: 'medium',
  gist: 'Export to PDF fails on large boards',
  language: 'en',
  confidence: 0.9,
  runner_up: 'usability',
};

/** A result as the service sends it, with `content` as its blocks. */
const answered = (content: unknown[], more: object = {}) => ({
  type: 'succeeded',
  message: {
    id: 'msg_01AbCdEf',
    type: 'message',
    role: 'assistant',
    model: 'claude-haiku-5-5',
    content,
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: USAGE,
    ...more,
  },
});
const saying = (text: string, more: object = {}) => answered([{ type: 'text', text }], more);
const judging = (more: object = {}) => saying(JSON.stringify({ ...ANSWER, ...more }));
const errored = (type: string, message: string) => ({
  type: 'errored',
  error: { type: 'error', request_id: 'req_01', error: { type, message } },
});

const read = (result: unknown) => readResult(result, DEFAULT_TAXONOMY);

function judged(result: unknown) {
  const reading = read(result);
  if (reading.kind !== 'judged') throw new Error(reading.reason);
  return reading.judgement;
}

describe('a good answer', () => {
  test('is a judgement with what it was billed', () => {
    expect(read(judging())).toEqual({
      kind: 'judged',
      judgement: { ...ANSWER, also: null, theme: null, flagged: true },
      model: 'claude-haiku-5-5',
      usage: {
        input_tokens: 12,
        output_tokens: 80,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 1100,
        cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
      },
    });
  });

  test.each([
    ['none', null],
    [undefined, null],
    [7, null],
    ['lost_category', null],
    [' Usability', 'usability'],
  ])('has a second likeliest category where it names one: %j', (runner_up, second) => {
    expect(judged(judging({ runner_up })).runner_up).toBe(second);
  });

  test.each([
    ['praise', 'praise'],
    [' Feature_Request', 'feature_request'],
    ['none', null],
    ['bug', null],
    ['noise', null],
    ['lost_category', null],
    [['praise'], null],
    [null, null],
    [undefined, null],
  ])('does two things where it names another category: %j', (also, second) => {
    expect(judged(judging({ also }))).toMatchObject({ category: 'bug', also: second });
  });

  test('does one thing when it is noise', () => {
    expect(judged(judging({ category: 'noise', also: 'praise' })).also).toBeNull();
  });

  test('flags by its first category alone', () => {
    const wish = { category: 'feature_request', urgency: 'medium', sentiment: 'negative' };
    expect(judged(judging({ ...wish, also: 'bug' })).flagged).toBe(false);
    expect(judged(judging({ also: 'feature_request' })).flagged).toBe(true);
  });

  test('is found behind a block of thinking', () => {
    const thinking = { type: 'thinking', thinking: 'Hm.', signature: 'x' };
    const text = { type: 'text', text: JSON.stringify(ANSWER) };
    expect(judged(answered([thinking, text])).category).toBe('bug');
  });

  test.each([
    ['12', 12],
    [' 7 ', 7],
    [0, 0],
    ['none', null],
    ['', null],
    ['t12', null],
    ['1.5', null],
    ['-3', null],
    ['9'.repeat(16), null],
    [undefined, null],
    [null, null],
    [{ id: 3 }, null],
  ])('names the theme %j as %j, and is good whatever it names', (theme, id) => {
    expect(judged(judging({ theme })).theme).toBe(id);
  });

  test('counts in whatever case it is written', () => {
    const { category, sentiment, urgency, language } = judged(
      judging({ category: 'Bug', sentiment: 'NEGATIVE', urgency: ' Medium ', language: 'EN' }),
    );
    expect([category, sentiment, urgency, language]).toEqual(['bug', 'negative', 'medium', 'en']);
  });

  test.each([
    [1.7, 1],
    [-3, 0],
    [0.4, 0.4],
  ])('that is %d sure counts as %d sure', (said, kept) => {
    expect(judged(judging({ confidence: said })).confidence).toBe(kept);
  });

  test('has a gist of one clean, short line', () => {
    const { gist } = judged(judging({ gist: `Export\u0000\n fails ${'😀'.repeat(400)}` }));
    expect(gist.startsWith('Export fails 😀')).toBe(true);
    expect(gist.length).toBeLessThanOrEqual(GIST_LENGTH);
    expect(gist.isWellFormed()).toBe(true);
  });

  test('may leave out the language, which nothing depends on', () => {
    expect(judged(judging({ language: undefined })).language).toBe('und');
  });

  test('flags by the rules of the taxonomy, not by what the model says', () => {
    expect(judged(judging({ urgency: 'low', flagged: true })).flagged).toBe(false);
    expect(judged(judging({ category: 'noise', urgency: 'high' })).flagged).toBe(false);
    expect(judged(judging({ category: 'praise', urgency: 'high' })).flagged).toBe(true);
  });
});

describe('an answer that is no good uses up a try and is billed', () => {
  test.each<[string, unknown, string]>([
    ['refused', answered([], { stop_reason: 'refusal' }), 'Claude declined to answer'],
    [
      'cut off, even where it looks complete',
      saying(JSON.stringify(ANSWER), { stop_reason: 'max_tokens' }),
      'the answer was cut off',
    ],
    ['without text', answered([{ type: 'thinking' }]), 'an answer without text'],
    ['prose', saying('This is a bug.'), 'an answer that is not JSON'],
    [
      'in a code fence, which structured outputs never use',
      saying(`\`\`\`json\n${JSON.stringify(ANSWER)}\n\`\`\``),
      'an answer that is not JSON',
    ],
    ['of a category that is not there', judging({ category: 'rant' }), 'does not fit'],
    ['without a gist', judging({ gist: undefined }), 'does not fit'],
    ['with words for the confidence', judging({ confidence: 'high' }), 'does not fit'],
    ['a list', saying('[]'), 'does not fit'],
  ])('%s', (_what, result, reason) => {
    const reading = read(result);
    expect(reading).toMatchObject({ kind: 'again', counts: true, model: 'claude-haiku-5-5' });
    expect(reading.usage?.output_tokens).toBe(80);
    expect((reading as { reason: string }).reason).toContain(reason);
  });
});

describe('a result without an answer is not billed', () => {
  test.each<[string, unknown, Reading]>([
    [
      'expired',
      { type: 'expired' },
      { kind: 'again', reason: 'expired before Claude came to it', counts: false, unasked: true },
    ],
    [
      'canceled',
      { type: 'canceled' },
      { kind: 'again', reason: 'canceled', counts: false, unasked: true },
    ],
    [
      'nothing that is known',
      { type: 'paused' },
      { kind: 'again', reason: 'not understood', counts: true },
    ],
    [
      'succeeded without a message',
      { type: 'succeeded' },
      { kind: 'again', reason: 'not understood', counts: true },
    ],
  ])('%s', (_what, result, reading) => {
    expect(read(result)).toEqual(reading);
  });

  test.each([
    ['invalid_request_error', true],
    ['request_too_large', true],
    ['authentication_error', false],
    ['billing_error', false],
    ['permission_error', false],
    ['not_found_error', false],
    ['rate_limit_error', false],
    ['timeout_error', false],
    ['api_error', false],
    ['overloaded_error', false],
  ])('%s: its own fault is %s', (type, counts) => {
    expect(read(errored(type, 'no luck'))).toEqual({
      kind: 'again',
      reason: `${type}: no luck`,
      counts,
    });
  });

  test('an error of any length makes a reason that people can read', () => {
    const reading = read(errored('api_error', `bad\u0000\n${'x'.repeat(5000)}`));
    expect((reading as { reason: string }).reason).toMatch(/^api_error: bad x{100,}…$/);
    expect((reading as { reason: string }).reason.length).toBeLessThanOrEqual(200);
  });
});

test('whatever stands where a result should be, reading it never throws', () => {
  const anything = fc.oneof(fc.jsonValue(), fc.anything());
  const results = fc.oneof(
    anything,
    fc.record({ type: fc.constantFrom('succeeded', 'errored', 'expired'), message: anything }),
    anything.map((error) => ({ type: 'errored', error: { error } })),
    anything.map((content) => answered([{ type: 'text', text: content }])),
    fc.json().map((json) => saying(json)),
    anything.map((value) => saying(JSON.stringify({ ...ANSWER, gist: value }) ?? '')),
  );
  fc.assert(
    fc.property(results, (result) => {
      expect(['judged', 'again']).toContain(read(result).kind);
    }),
    { numRuns: 500 },
  );
});

test('every reading of any text is well-formed and within its limits', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (gist, language) => {
      const judgement = judged(judging({ gist, language }));
      expect(judgement.gist.isWellFormed() && judgement.language.isWellFormed()).toBe(true);
      expect(judgement.gist.length).toBeLessThanOrEqual(GIST_LENGTH);
      expect(judgement.language.length).toBeLessThanOrEqual(8);
    }),
  );
});
