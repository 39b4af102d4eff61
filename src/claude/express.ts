import type Anthropic from '@anthropic-ai/sdk';
import type { RateLimit, RateLimits } from '../core/runs/pace.ts';
import { ask, type ClaudeAnswer } from './batches.ts';
import type { BatchRequest, Claude } from './outgoing.ts';

/** The express lane: one request of a batch, made on its own at once. */

/** A verdict is short; Claude mostly answers within seconds. */
const TIMEOUT_MS = 60_000;

export interface ExpressAnswer {
  message: Anthropic.Message;
  limits: RateLimits;
}

/** Makes the request once. A lost answer may have been billed. */
export function requestVerdict(
  claude: Claude,
  { params }: BatchRequest,
): Promise<ClaudeAnswer<ExpressAnswer>> {
  return ask(async () => {
    const { data, response } = await claude.messages
      .create({ ...params, stream: false }, { timeout: TIMEOUT_MS })
      .withResponse();
    return { message: data, limits: readRateLimits(response.headers) };
  });
}

/** The limits that headers name: https://platform.claude.com/docs/en/api/rate-limits */
function readRateLimits(headers: Headers): RateLimits {
  const read = (what: string): RateLimit | undefined => {
    const value = (name: string) => headers.get(`anthropic-ratelimit-${what}-${name}`);
    const [limit, remaining] = [Number(value('limit') ?? ''), Number(value('remaining') ?? '')];
    const resetAt = Date.parse(value('reset') ?? '');
    const known = value('limit') !== null && value('remaining') !== null;
    return known && limit > 0 && remaining >= 0 && resetAt > 0
      ? { limit, remaining, resetAt }
      : undefined;
  };
  return {
    requests: read('requests'),
    inputTokens: read('input-tokens'),
    outputTokens: read('output-tokens'),
  };
}
