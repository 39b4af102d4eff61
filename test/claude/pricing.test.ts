import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cacheTtl, estimateUsd, nanoUsdOf } from '../../src/claude/pricing.ts';
import { measurePrefix } from '../../src/claude/prompt.ts';
import { DEFAULT_TAXONOMY } from '../../src/core/runs/taxonomy.ts';
import type { Usage } from '../../src/core/runs/verdict.ts';

const HAIKU = 'claude-haiku-5-5';

/** 10⁻⁹ dollars: in a batch, a token of Haiku's costs 50 in and 250 out. */
describe('an answer is billed', () => {
  test.each<[string, string, Usage, number]>([
    ['plain', HAIKU, { input_tokens: 1000, output_tokens: 100 }, 75_000],
    [
      'with a cache read, at a tenth',
      HAIKU,
      { input_tokens: 100, output_tokens: 100, cache_read_input_tokens: 1000 },
      // 100 × 50 + 1000 × 5 + 100 × 250
      35_000,
    ],
    [
      'with a cache write for five minutes, at one and a quarter',
      HAIKU,
      { input_tokens: 0, output_tokens: 0, cache_creation_input_tokens: 1000 },
      62_500,
    ],
    [
      'with a cache write for an hour, at twice',
      HAIKU,
      {
        input_tokens: 0,
        output_tokens: 0,
        cache_creation_input_tokens: 1000,
        cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 1000 },
      },
      100_000,
    ],
    [
      'with both kinds of writes and a read',
      HAIKU,
      {
        input_tokens: 10,
        output_tokens: 4,
        cache_creation_input_tokens: 300,
        cache_read_input_tokens: 50,
        cache_creation: { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 200 },
      },
      // (10 + 125 + 400 + 5) × 50 + 4 × 250
      28_000,
    ],
    [
      'up to 100,000 prompt tokens as usual',
      HAIKU,
      { input_tokens: 100_000, output_tokens: 0 },
      5_000_000,
    ],
    [
      'above 100,000 prompt tokens, cached ones included, five times as much',
      HAIKU,
      { input_tokens: 1, output_tokens: 10, cache_read_input_tokens: 100_000 },
      // (1 × 50 + 100,000 × 5 + 10 × 250) × 5
      2_512_750,
    ],
    ['by Sonnet', 'claude-sonnet-5-5', { input_tokens: 1000, output_tokens: 100 }, 1_500_000],
    ['by Opus', 'claude-opus-5-5', { input_tokens: 1000, output_tokens: 100 }, 3_000_000],
    ['that is nothing, nothing', HAIKU, { input_tokens: 0, output_tokens: 0 }, 0],
  ])('%s', (_what, model, usage, nano) => {
    expect(nanoUsdOf(model, usage)).toBe(nano);
  });

  test('in whole numbers, so that sums do not drift', () => {
    const tokens = fc.integer({ min: 0, max: 50_000 });
    fc.assert(
      fc.property(tokens, tokens, tokens, (input_tokens, output_tokens, written) => {
        const usage = { input_tokens, output_tokens, cache_creation_input_tokens: written };
        expect(Number.isSafeInteger(nanoUsdOf(HAIKU, usage))).toBe(true);
      }),
    );
  });
});

test('of a model without a known price nothing is said, rather than something wrong', () => {
  expect(nanoUsdOf('claude-next-9', { input_tokens: 1, output_tokens: 1 })).toBeNull();
  const size = { messages: 1, characters: 10, prefixCharacters: 10 };
  expect(estimateUsd('claude-next-9', 'batch', size)).toBeNull();
});

describe('the estimate', () => {
  const prefixCharacters = measurePrefix(DEFAULT_TAXONOMY, HAIKU);

  /** The bill of a run in English, where only some of the requests meet the cache. */
  function billUsd(messages: number, characters: number, hits: number) {
    const prefix = Math.round(prefixCharacters / 4);
    const read = Math.floor(messages * hits);
    const bill = (usage: Partial<Usage>) =>
      nanoUsdOf(HAIKU, {
        input_tokens: Math.round(characters / messages / 4) + 10,
        output_tokens: 75,
        ...usage,
      }) ?? Number.NaN;
    const cache_creation = { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: prefix };
    const uncached = bill({ input_tokens: prefix + Math.round(characters / messages / 4) + 10 });
    if (cacheTtl(messages, 'batch') === null) return (messages * uncached) / 1e9;
    const writing = bill({ cache_creation_input_tokens: prefix, cache_creation });
    const reading = bill({ cache_read_input_tokens: prefix });
    return (read * reading + (messages - read) * writing) / 1e9;
  }

  // Hits in batches are best effort: 30 to 98 % were seen, and the first request has none.
  test.each([
    [1, 200, 0],
    [3, 600, 0],
    [10, 2000, 0.3],
    [200, 20_000, 0.3],
    [200, 20_000, 0.98],
    [10_000, 3_000_000, 0.3],
  ])('for %d messages of %d characters is not below the bill at %d cache hits', (n, size, hits) => {
    const estimate = estimateUsd(HAIKU, 'batch', {
      messages: n,
      characters: size,
      prefixCharacters,
    });
    expect(estimate).toBeGreaterThanOrEqual(billUsd(n, size, hits));
  });

  test('for nothing is nothing', () => {
    expect(estimateUsd(HAIKU, 'batch', { messages: 0, characters: 0, prefixCharacters })).toBe(0);
  });

  test('of a large run does not count as one long prompt', () => {
    const ten =
      estimateUsd(HAIKU, 'batch', { messages: 10, characters: 3500, prefixCharacters: 700 }) ?? 0;
    const many = { messages: 1000, characters: 350_000, prefixCharacters: 700 };
    expect(estimateUsd(HAIKU, 'batch', many)).toBeCloseTo(ten * 100, 9);
  });
});
