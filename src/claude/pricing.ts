import type { Lane } from '../core/runs/lane.ts';
import type { Cost, Usage } from '../core/runs/verdict.ts';

/**
 * Claude's prices in US dollars per million tokens, from https://platform.claude.com/docs/en/about-claude/pricing
 * as of November 2026. Batches cost half; cached prompts and long prompts have their own factors.
 */
const PRICES: Record<string, { input: number; output: number }> = {
  'claude-haiku-5-5': { input: 0.1, output: 0.5 },
  'claude-sonnet-5-5': { input: 2, output: 10 },
  'claude-opus-5-5': { input: 4, output: 20 },
};

const FACTORS = { batch: 0.5, standard: 1 };
/** How a request was made: in a batch or on its own. */
type Tier = keyof typeof FACTORS;

/** Express requests are made on their own. */
export const TIERS: Record<Lane, Tier> = { batch: 'batch', express: 'standard' };

const CACHE_WRITE_5M = 1.25;
const CACHE_WRITE_1H = 2;
const CACHE_READ = 0.1;

/**
 * Whether, and for how long, the prompt that requests share is to be cached. The first request pays more
 * for writing it, the others less for reading it; with one or two in an hour it costs more than it saves.
 * A batch may take long between two of its requests; express calls follow one another.
 */
export function cacheTtl(requests: number, lane: Lane): '5m' | '1h' | null {
  const [ttl, write] =
    lane === 'batch' ? (['1h', CACHE_WRITE_1H] as const) : (['5m', CACHE_WRITE_5M] as const);
  return write + CACHE_READ * (requests - 1) < requests ? ttl : null;
}

/** Above this many prompt tokens the model costs five times as much. */
const LONG_PROMPT = { tokens: 100_000, factor: 5 };

/**
 * What Claude billed for an answer, in 10⁻⁹ US dollars (integers add up without drift).
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

/** What Claude billed for an answer: its tokens, cached or not, and the money. */
export const costOf = (model: string, usage: Usage, tier: Tier = 'batch'): Cost => ({
  inputTokens:
    usage.input_tokens +
    (usage.cache_creation_input_tokens ?? 0) +
    (usage.cache_read_input_tokens ?? 0),
  outputTokens: usage.output_tokens,
  nanoUsd: nanoUsdOf(model, usage, tier),
});

/** The rough number of tokens in a text: a token is about four characters in English, fewer elsewhere. */
const tokensIn = (characters: number) => Math.ceil(characters / 3.5);

/** The tokens of a normal answer. */
const ANSWER_TOKENS = 104;

/**
 * Estimates the cost of a run in US dollars, to be shown before it is spent. The estimate is rather too
 * high than too low: cache hits in batches are best effort, so it assumes none.
 * @param prefixCharacters the length of the instructions that go with every message
 * @returns null when the price of the model is not known
 */
export function estimateUsd(
  model: string,
  lane: Lane,
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
  const prefixTokens = tokensIn(prefixCharacters) * mostForPrefix(messages, lane);
  const input = tokensIn(characters) + messages * prefixTokens;
  const output = messages * ANSWER_TOKENS;
  return ((input * price.input + output * price.output) * FACTORS[TIERS[lane]]) / 1e6;
}

/** What each token of the shared prompt costs at most: a request that misses the cache writes to it. */
function mostForPrefix(messages: number, lane: Lane): number {
  const ttl = cacheTtl(messages, lane);
  if (ttl === null) return 1;
  return ttl === '1h' ? CACHE_WRITE_1H : CACHE_WRITE_5M;
}

/** The tokens of one id in the list of groups, with its punctuation. */
const ID_TOKENS = 8;

/** Like `estimateUsd`, for grouping the gists of the run, which takes a few separate requests. */
export function estimateGroupingUsd(
  model: string,
  { requests, gists, characters }: { requests: number; gists: number; characters: number },
): number | null {
  const price = PRICES[model];
  if (!price) return null;
  const output = gists * ID_TOKENS + requests * ANSWER_TOKENS;
  return (tokensIn(characters) * price.input + output * price.output) / 1e6;
}
