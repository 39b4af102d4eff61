import type { Cost, Usage } from '../core/runs/verdict.ts';

/**
 * What Claude costs, in US dollars per million tokens, from https://platform.claude.com/docs/en/about-claude/pricing
 * as of November 2026. Batches cost half of it, cached and long prompts have factors of their own.
 */
const PRICES: Record<string, { input: number; output: number }> = {
  'claude-haiku-5-5': { input: 0.1, output: 0.5 },
  'claude-sonnet-5-5': { input: 2, output: 10 },
  'claude-opus-5-5': { input: 4, output: 20 },
};

const FACTORS = { batch: 0.5, standard: 1 };
/** How a request was made: in a batch, or alone. */
type Tier = keyof typeof FACTORS;

const CACHE_WRITE_5M = 1.25;
const CACHE_WRITE_1H = 2;
const CACHE_READ = 0.1;

/** Above so many prompt tokens the same model costs five times as much. */
const LONG_PROMPT = { tokens: 100_000, factor: 5 };

/**
 * What an answer was billed, in 10⁻⁹ US dollars (whole numbers add up without drift).
 * @returns null when the price of the model is not known
 */
export function nanoUsdOf(model: string, usage: Usage, tier: Tier = 'batch'): number | null {
  const price = PRICES[model];
  if (!price) return null;
  const written = usage.cache_creation_input_tokens ?? 0;
  const written1h = usage.cache_creation?.ephemeral_1h_input_tokens ?? 0;
  const read = usage.cache_read_input_tokens ?? 0;
  const prompt = usage.input_tokens + written + read;
  const input =
    usage.input_tokens +
    (written - written1h) * CACHE_WRITE_5M +
    written1h * CACHE_WRITE_1H +
    read * CACHE_READ;
  const factor = FACTORS[tier] * (prompt > LONG_PROMPT.tokens ? LONG_PROMPT.factor : 1);
  // Dollars per million tokens are 1,000 nano-dollars per token.
  return Math.round((input * price.input + usage.output_tokens * price.output) * factor * 1000);
}

/** What an answer was billed: its tokens, cached or not, and the money. */
export const costOf = (model: string, usage: Usage, tier: Tier = 'batch'): Cost => ({
  inputTokens:
    usage.input_tokens +
    (usage.cache_creation_input_tokens ?? 0) +
    (usage.cache_read_input_tokens ?? 0),
  outputTokens: usage.output_tokens,
  nanoUsd: nanoUsdOf(model, usage, tier),
});

/** Tokens of a text, roughly: about four characters each in English, fewer elsewhere. */
const tokensIn = (characters: number) => Math.ceil(characters / 3.5);

/** Tokens of an answer as it is asked for. */
const ANSWER_TOKENS = 96;

/**
 * About what a run will cost, in US dollars, said before it is spent. Rather too much than too
 * little: cache hits in batches are best effort, so none are counted on.
 * @param prefixCharacters of the instructions that go with every message
 * @returns null when the price of the model is not known
 */
export function estimateUsd(
  model: string,
  {
    messages,
    characters,
    prefixCharacters,
  }: {
    messages: number;
    characters: number;
    prefixCharacters: number;
  },
): number | null {
  const price = PRICES[model];
  if (!price) return null;
  // A request that does not meet the cache writes to it.
  const prefixTokens = tokensIn(prefixCharacters) * CACHE_WRITE_1H;
  const input = tokensIn(characters) + messages * prefixTokens;
  const output = messages * ANSWER_TOKENS;
  return ((input * price.input + output * price.output) * FACTORS.batch) / 1e6;
}

/** Tokens of an id in the list of groups, with what stands around it. */
const ID_TOKENS = 8;

/** As `estimateUsd`: what grouping that run's gists will cost, a few requests of their own. */
export function estimateGroupingUsd(
  model: string,
  { requests, gists, characters }: { requests: number; gists: number; characters: number },
): number | null {
  const price = PRICES[model];
  if (!price) return null;
  const output = gists * ID_TOKENS + requests * ANSWER_TOKENS;
  return (tokensIn(characters) * price.input + output * price.output) / 1e6;
}
