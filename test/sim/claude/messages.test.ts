import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ask, MODEL, runBatch, startSim, VERDICT } from './claude-helpers.ts';

function formatOf(schema: Record<string, unknown>) {
  return { output_config: { format: { type: 'json_schema' as const, schema } } };
}

describe('a message', () => {
  test('is answered by keyword rules, and the answer says so', async () => {
    const { client } = await startSim();
    const { data, response } = await client.messages.create(ask('It crashes')).withResponse();
    expect(response.headers.get('x-simulated')).toBe('keyword-rules');
    expect(data.id).toMatch(/^msg_sim_/);
    expect(data).toMatchObject({
      model: 'keyword-rules',
      stop_reason: 'end_turn',
      role: 'assistant',
    });
    expect(data.usage).toMatchObject({ service_tier: 'standard', cache_read_input_tokens: 0 });
    const plain = await client.messages.create(ask('Hello', { output_config: {} }));
    expect(plain.content[0]).toMatchObject({ text: expect.stringContaining('simulation') });
  });

  test('fits a schema that the SDK makes from zod', async () => {
    const { client } = await startSim();
    const schema = z.object({
      category: z.enum(['bug', 'praise']).nullable(),
      gist: z.string().max(200),
      confidence: z.number().min(0).max(1),
      related: z.array(z.string()),
      duplicate_of: z.string().nullable(),
      urgent: z.boolean(),
    });
    const format = zodOutputFormat(schema);
    const answer = await client.messages.parse(ask('Crashes', { output_config: { format } }));
    expect(answer.parsed_output).toMatchObject({
      category: 'bug',
      gist: 'Crashes',
      related: [],
      duplicate_of: null,
      urgent: false,
    });
  });

  test('starts with thinking unless disabled, which counts toward max_tokens', async () => {
    const { client } = await startSim();
    const { thinking: _, ...thinking } = ask('It crashes');
    const full = await client.messages.create({ ...thinking, max_tokens: 1000 });
    expect(full.content.map(({ type }) => type)).toEqual(['thinking', 'text']);
    expect(full.usage.output_tokens_details?.thinking_tokens).toBeGreaterThan(50);
    const cut = await client.messages.create({ ...thinking, max_tokens: 40 });
    expect(cut).toMatchObject({ stop_reason: 'max_tokens', usage: { output_tokens: 40 } });
    expect(cut.content.map(({ type }) => type)).toEqual(['thinking']);
    const short = await client.messages.create(ask('It crashes', { max_tokens: 10 }));
    expect(short.stop_reason).toBe('max_tokens');
    expect(short.usage.output_tokens).toBe(10);
  });
});

describe('what is refused', () => {
  const open = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] };
  const many = (count: number, child: unknown, required: boolean) => {
    const names = Array.from({ length: count }, (_, index) => `p${index}`);
    return {
      type: 'object',
      additionalProperties: false,
      required: required ? names : [],
      properties: Object.fromEntries(names.map((name) => [name, child])),
    };
  };
  const nullable = { anyOf: [{ type: 'string' }, { type: 'null' }] };
  const tree = {
    $ref: '#/$defs/Node',
    $defs: { Node: many(1, { $ref: '#/$defs/Node' }, true) },
  };
  const cases: [string, Parameters<typeof ask>[1], RegExp][] = [
    ['temperature', { temperature: 0.5 }, /`temperature` is deprecated/],
    ['top_p', { top_p: 0.5 }, /top_p/],
    ['top_k', { top_k: 5 }, /top_k/],
    [
      'prefill',
      {
        messages: [
          { role: 'user', content: 'hi' },
          { role: 'assistant', content: '{' },
        ],
      },
      /does not support assistant message prefill/,
    ],
    ['an empty message', { messages: [{ role: 'user', content: '' }] }, /non-empty content/],
    ['no messages', { messages: [] }, /at least one message/],
    ['too many tokens', { max_tokens: 1_000_000 }, /maximum allowed number of output tokens/],
    ['an open object', formatOf(open), /'additionalProperties' must be explicitly set to false/],
    ['recursion', formatOf(tree), /Circular reference/],
    ['25 optional fields', formatOf(many(25, { type: 'string' }, false)), /optional.*limit: 24/],
    ['17 unions', formatOf(many(17, nullable, true)), /union types.*limit: 16/],
    ['a minimum', formatOf(many(1, { type: 'number', minimum: 0 }, true)), /minimum/],
  ];
  test.each(cases)('%s', async (_name, more, message) => {
    const { client } = await startSim();
    // Sent raw, because the SDK itself refuses some of these.
    const failed = client.post('/v1/messages', { body: ask('Hello', more) });
    await expect(failed).rejects.toMatchObject({ status: 400, type: 'invalid_request_error' });
    await expect(failed).rejects.toThrow(message);
  });

  test('missing and unknown fields, unknown and retired models', async () => {
    let now = Date.parse('2026-11-29T00:00:00Z');
    const { client } = await startSim({ now: () => now });
    const post = (body: unknown) => client.post('/v1/messages', { body });
    const { max_tokens: _, ...rest } = ask('x');
    await expect(post(rest)).rejects.toThrow('max_tokens: Field required');
    await expect(post({ ...ask('x'), more: 1 })).rejects.toThrow('more: Extra inputs');
    await expect(post(ask('x', { model: 'gpt' }))).rejects.toMatchObject({
      status: 404,
      type: 'not_found_error',
    });
    const old = ask('x', { model: 'claude-sonnet-4-5', temperature: 0 });
    await client.messages.create(old);
    now = Date.parse('2026-11-30T00:00:00Z');
    await expect(post(old)).rejects.toMatchObject({ status: 404 });
  });
});

describe('tokens', () => {
  const long = 'You sort feedback into categories. '.repeat(70);
  const system = (text: string, ttl: '5m' | '1h') => [
    { type: 'text' as const, text, cache_control: { type: 'ephemeral' as const, ttl } },
  ];

  test('countTokens counts what a message is charged for', async () => {
    const { client } = await startSim();
    const { max_tokens: _, ...counted } = ask('It crashes', { system: long });
    const { input_tokens } = await client.messages.countTokens(counted);
    const message = await client.messages.create({ ...counted, max_tokens: 300 });
    expect(message.usage.input_tokens).toBe(input_tokens);
    expect(input_tokens).toBeGreaterThan(600);
  });

  test('the first request writes the prefix, later ones read it', async () => {
    const { client } = await startSim();
    const params = ask('It crashes', { system: system(long, '1h') });
    const first = (await client.messages.create(params)).usage;
    const second = (await client.messages.create(params)).usage;
    expect(first.cache_read_input_tokens).toBe(0);
    expect(first.cache_creation?.ephemeral_1h_input_tokens).toBe(first.cache_creation_input_tokens);
    expect(second.cache_read_input_tokens).toBe(first.cache_creation_input_tokens);
    expect(second.cache_creation_input_tokens).toBe(0);
    expect(second.input_tokens).toBe(first.input_tokens);
    // Another format is another prefix; short prefixes are never cached.
    const other = formatOf({ ...VERDICT, description: 'other' });
    const third = (await client.messages.create({ ...params, ...other })).usage;
    expect(third.cache_read_input_tokens).toBe(0);
    const short = ask('It crashes', { system: system('Be brief.', '5m') });
    expect((await client.messages.create(short)).usage.cache_creation_input_tokens).toBe(0);
  });

  test('in a batch most requests read the prefix, and all have the same total', async () => {
    const started = await startSim();
    const requests = Array.from({ length: 100 }, (_, index) => ({
      custom_id: `c-${index}`,
      params: ask('Same text', { system: system(long, '1h') }),
    }));
    const { rows } = await runBatch(started, requests);
    const usages = rows.flatMap(({ result }) =>
      result.type === 'succeeded' ? [result.message.usage] : [],
    );
    const hits = usages.filter((usage) => (usage.cache_read_input_tokens ?? 0) > 0);
    expect(hits.length).toBeGreaterThan(80);
    expect(hits.length).toBeLessThan(100);
    const totals = usages.map(
      (usage) =>
        usage.input_tokens +
        (usage.cache_read_input_tokens ?? 0) +
        (usage.cache_creation_input_tokens ?? 0),
    );
    expect(new Set(totals).size).toBe(1);
    expect(new Set(usages.map(({ service_tier }) => service_tier))).toEqual(new Set(['batch']));
  });
});

test('models list their lifecycle and capabilities', async () => {
  const { client } = await startSim({ now: () => Date.parse('2026-11-10T00:00:00Z') });
  expect(await client.models.retrieve(MODEL)).toMatchObject({
    lifecycle: 'active',
    retires_at: null,
    capabilities: { batch: { supported: true }, structured_outputs: { supported: true } },
  });
  expect(await client.models.retrieve('claude-sonnet-4-5')).toMatchObject({
    lifecycle: 'deprecated',
    retires_at: '2026-11-30T00:00:00Z',
  });
  const ids: string[] = [];
  for await (const model of client.models.list({ limit: 2 })) ids.push(model.id);
  expect(ids).toEqual([MODEL, 'claude-sonnet-5-5', 'claude-opus-5-5', 'claude-sonnet-4-5']);
  await expect(client.models.retrieve('claude-nobody')).rejects.toMatchObject({ status: 404 });
});
