import Anthropic from '@anthropic-ai/sdk';
import { expect, test } from 'vitest';
import type { ClaudeSimOptions } from '../../../sim/claude/claude-sim.ts';
import { ask, connect, startSim } from './claude-helpers.ts';

const START = Date.parse('2026-11-23T10:00:00Z');
const UNITS = ['requests', 'tokens', 'input-tokens', 'output-tokens'];

/** The real client and a clock that only the test moves. */
async function startLimited(options: ClaudeSimOptions) {
  const clock = { time: START };
  const { sim, client } = await startSim({ now: () => clock.time, ...options });
  return { clock, sim, client };
}

function readLimits(headers: Headers) {
  return Object.fromEntries(
    UNITS.map((unit) => {
      const read = (part: string) => headers.get(`anthropic-ratelimit-${unit}-${part}`) ?? '';
      const [limit, remaining] = [Number(read('limit')), Number(read('remaining'))];
      return [unit, { limit, remaining, reset: read('reset') }];
    }),
  );
}

async function send(client: Anthropic, more: Parameters<typeof ask>[1] = {}) {
  const { data, response } = await client.messages.create(ask('It fails', more)).withResponse();
  return { usage: data.usage, limits: readLimits(response.headers) };
}

async function sendRefused(client: Anthropic) {
  const error = await send(client).catch((caught: unknown) => caught);
  if (!(error instanceof Anthropic.RateLimitError)) throw new Error(`not refused: ${error}`);
  const headers = error.headers ?? new Headers();
  return { error, seconds: Number(headers.get('retry-after')), limits: readLimits(headers) };
}

test('an answer tells the limits of the lowest paid tier, and what is left of them', async () => {
  const { client } = await startLimited({});
  const { usage, limits } = await send(client, { system: 'Sort this. '.repeat(2000) });
  expect(usage.input_tokens).toBeGreaterThan(5000);
  expect(limits).toEqual({
    requests: { limit: 1000, remaining: 999, reset: '2026-11-23T10:00:01Z' },
    'input-tokens': { limit: 2_000_000, remaining: 1_994_000, reset: '2026-11-23T10:00:01Z' },
    'output-tokens': { limit: 400_000, remaining: 400_000, reset: '2026-11-23T10:00:01Z' },
    tokens: { limit: 2_400_000, remaining: 2_394_000, reset: '2026-11-23T10:00:01Z' },
  });
});

test('too many requests are refused until the bucket has refilled by the clock', async () => {
  const { clock, client } = await startLimited({ requestsPerMinute: 2 });
  await send(client);
  expect((await send(client)).limits.requests).toEqual({
    limit: 2,
    remaining: 0,
    reset: '2026-11-23T10:01:00Z',
  });
  const { error, seconds, limits } = await sendRefused(client);
  expect(error).toMatchObject({ status: 429, type: 'rate_limit_error' });
  expect(error.message).toContain('2 requests per minute');
  expect(seconds).toBe(30);
  expect(limits.requests?.remaining).toBe(0);
  clock.time += seconds * 1000 - 1;
  expect((await sendRefused(client)).seconds).toBe(1);
  clock.time += 1;
  await send(client);
  clock.time += 60_000;
  expect((await send(client)).limits.requests?.remaining).toBe(1);
});

test('input counts without what is read from the cache, output as it is written', async () => {
  const { clock, client } = await startLimited({
    inputTokensPerMinute: 5000,
    outputTokensPerMinute: 10_000,
  });
  const system = [
    {
      type: 'text' as const,
      text: 'You sort feedback into categories. '.repeat(300),
      cache_control: { type: 'ephemeral' as const, ttl: '1h' as const },
    },
  ];
  const first = await send(client, { system, max_tokens: 20_000 });
  expect(first.usage.cache_creation_input_tokens).toBeGreaterThan(2000);
  const left = first.limits['input-tokens']?.remaining ?? 0;
  expect(left).toBeLessThan(3000);
  // What was asked for at most does not count.
  expect(first.limits['output-tokens']?.remaining).toBe(10_000);
  const second = await send(client, { system });
  expect(second.usage.cache_read_input_tokens).toBeGreaterThan(2000);
  expect(second.limits['input-tokens']?.remaining).toBe(left);
  clock.time += 60_000;
  expect((await send(client, { system })).limits['input-tokens']?.remaining).toBe(5000);
});

test('too many input tokens are refused, and nothing is written to the cache', async () => {
  const { clock, sim, client } = await startLimited({ inputTokensPerMinute: 3000 });
  const { usage } = await send(client, { system: 'x'.repeat(8000) });
  const fresh = 3000 - usage.input_tokens;
  const cache_control = { type: 'ephemeral' as const };
  const system = [{ type: 'text' as const, text: 'y'.repeat(4 * fresh + 400), cache_control }];
  const refused = send(client, { system });
  await expect(refused).rejects.toMatchObject({ status: 429 });
  await expect(refused).rejects.toThrow('3,000 input tokens per minute');
  expect(sim.tokens().input).toBe(usage.input_tokens);
  clock.time += 60_000;
  expect((await send(client, { system })).usage.cache_read_input_tokens).toBe(0);
});

test('output that exceeds its limit makes the next request wait', async () => {
  const { clock, client } = await startLimited({ outputTokensPerMinute: 10 });
  const { usage } = await send(client);
  expect(usage.output_tokens).toBeGreaterThan(10);
  const { error, seconds } = await sendRefused(client);
  expect(error.message).toContain('10 output tokens per minute');
  expect(seconds).toBeGreaterThan(60);
  clock.time += seconds * 1000;
  await send(client);
});

test('each model has limits of its own; so have batches and token counts', async () => {
  const { client } = await startLimited({ requestsPerMinute: 1 });
  await send(client);
  await send(client, { model: 'claude-sonnet-5-5' });
  const { max_tokens: _, ...counted } = ask('It fails');
  await client.messages.countTokens(counted);
  await client.messages.batches.list();
  await sendRefused(client);
});

test('refusals tell the limits too, but not to strangers; a bad request counts', async () => {
  const { sim, client } = await startLimited({});
  const read = async (work: Promise<unknown>) => {
    const error = await work.catch((caught: unknown) => caught);
    if (!(error instanceof Anthropic.APIError)) throw new Error(`no answer: ${error}`);
    return readLimits(error.headers ?? new Headers()).requests?.remaining;
  };
  expect(await read(send(client, { temperature: 0.5 }))).toBe(999);
  sim.faults.add({ kind: 'status', status: 500, path: /messages$/ });
  expect(await read(send(client))).toBe(999);
  const stranger = connect({ ...sim, apiKey: 'wrong' });
  expect(await read(send(stranger))).toBe(0);
  const { response } = await client.messages.batches.list().withResponse();
  expect(response.headers.get('anthropic-ratelimit-requests-limit')).toBeNull();
});
