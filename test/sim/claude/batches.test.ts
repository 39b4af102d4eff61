import { describe, expect, test } from 'vitest';
import { ask, askMany, connect, readRows, runBatch, startSim } from './claude-helpers.ts';

describe('the life of a batch', () => {
  test('all requests count as processing until the whole batch has ended', async () => {
    const { sim, client } = await startSim();
    const created = await client.messages.batches.create({ requests: askMany(3) });
    expect(created).toMatchObject({
      type: 'message_batch',
      processing_status: 'in_progress',
      results_url: null,
      ended_at: null,
      request_counts: { processing: 3, succeeded: 0, errored: 0, canceled: 0, expired: 0 },
    });
    expect(Date.parse(created.expires_at) - Date.parse(created.created_at)).toBe(86_400_000);
    sim.endBatch(created.id);
    const ended = await client.messages.batches.retrieve(created.id);
    expect(ended.processing_status).toBe('ended');
    expect(ended.request_counts).toMatchObject({ processing: 0, succeeded: 3 });
  });

  test('ends by itself after its time', async () => {
    const { sim, client } = await startSim({ batchMs: () => 20 });
    await client.messages.batches.create({ requests: askMany(1) });
    await sim.waitFor(() => sim.batches()[0]?.status === 'ended', { what: 'the end' });
  });

  test('held batches wait, and end when released', async () => {
    const { sim, client } = await startSim({ batchMs: 0 });
    sim.holdBatches(true);
    const { id } = await client.messages.batches.create({ requests: askMany(1) });
    // It is due at once, so without the hold it would end before these calls.
    await client.messages.batches.retrieve(id);
    expect((await client.messages.batches.retrieve(id)).processing_status).toBe('in_progress');
    sim.holdBatches(false);
    await sim.waitFor(() => sim.batches()[0]?.status === 'ended');
  });

  test('results are shuffled, come from another host, and need the key', async () => {
    const { sim, client } = await startSim();
    const { batch, rows } = await runBatch({ sim, client }, askMany(50));
    const ids = rows.map((row) => row.custom_id);
    const sent = askMany(50).map((request) => request.custom_id);
    expect(ids).not.toEqual(sent);
    expect(ids.toSorted()).toEqual(sent.toSorted());
    const url = batch.results_url ?? '';
    expect(new URL(url).host).not.toBe(new URL(sim.url).host);
    expect((await fetch(url)).status).toBe(401);
    expect(sim.batches()[0]?.results).toEqual(rows);
  });

  test('a cancel keeps finished requests and cancels the others', async () => {
    const { sim, client } = await startSim();
    const { id } = await client.messages.batches.create({ requests: askMany(10) });
    sim.progressBatch(id, 4);
    const canceling = await client.messages.batches.cancel(id);
    expect(canceling).toMatchObject({
      processing_status: 'canceling',
      request_counts: { processing: 10 },
    });
    expect(canceling.cancel_initiated_at).not.toBeNull();
    await sim.waitFor(() => sim.batches()[0]?.status === 'ended');
    const { request_counts: counts } = await client.messages.batches.retrieve(id);
    expect(counts).toMatchObject({ processing: 0, succeeded: 4, canceled: 6 });
    const rows = await readRows(client, id);
    expect(rows.filter(({ result }) => result.type === 'canceled')).toHaveLength(6);
    await expect(client.messages.batches.cancel(id)).rejects.toMatchObject({ status: 400 });
  });

  test('expires on request and after 24 hours; results are removed after 29 days', async () => {
    let now = Date.now();
    const { sim, client } = await startSim({ now: () => now });
    const early = await client.messages.batches.create({ requests: askMany(4) });
    const late = await client.messages.batches.create({ requests: askMany(2) });
    sim.progressBatch(early.id, 1);
    sim.expireBatch(early.id);
    const first = await client.messages.batches.retrieve(early.id);
    expect(first.request_counts).toMatchObject({ succeeded: 1, expired: 3 });
    now += 24 * 3_600_000;
    const second = await client.messages.batches.retrieve(late.id);
    expect(second).toMatchObject({ processing_status: 'ended', request_counts: { expired: 2 } });
    now += 28 * 86_400_000;
    expect((await client.messages.batches.retrieve(late.id)).archived_at).not.toBeNull();
    await expect(client.messages.batches.results(late.id)).rejects.toMatchObject({ status: 404 });
  });

  test('can be deleted only after it has ended', async () => {
    const { sim, client } = await startSim();
    const { id } = await client.messages.batches.create({ requests: askMany(1) });
    await expect(client.messages.batches.delete(id)).rejects.toMatchObject({ status: 400 });
    sim.endBatch(id);
    const deleted = await client.messages.batches.delete(id);
    expect(deleted).toEqual({ id, type: 'message_batch_deleted' });
    await expect(client.messages.batches.retrieve(id)).rejects.toMatchObject({ status: 404 });
  });
});

describe('list', () => {
  test('pages newest first, forwards and backwards', async () => {
    const { client } = await startSim();
    const ids: string[] = [];
    for (let made = 0; made < 5; made += 1) {
      ids.unshift((await client.messages.batches.create({ requests: askMany(1) })).id);
    }
    const page = await client.messages.batches.list({ limit: 2 });
    expect(page).toMatchObject({ has_more: true, first_id: ids[0], last_id: ids[1] });
    const all: string[] = [];
    for await (const batch of client.messages.batches.list({ limit: 2 })) all.push(batch.id);
    expect(all).toEqual(ids);
    const newer = await client.messages.batches.list({ limit: 2, before_id: ids[3] ?? '' });
    expect(newer.data.map(({ id }) => id)).toEqual([ids[1], ids[2]]);
    expect(newer.has_more).toBe(true);
    await expect(client.messages.batches.list({ limit: 1001 })).rejects.toThrow(
      /less than or equal to 1000/,
    );
  });
});

describe('create refuses at once', () => {
  const cases: [string, unknown, RegExp][] = [
    ['no requests', { requests: [] }, /at least 1 item/],
    ['missing requests', {}, /requests: Field required/],
    [
      'a long custom_id',
      { requests: [{ custom_id: 'a'.repeat(65), params: {} }] },
      /64 characters/,
    ],
    ['a bad custom_id', { requests: [{ custom_id: 'a.b', params: {} }] }, /match pattern/],
    [
      'a custom_id twice',
      { requests: [1, 2].map(() => ({ custom_id: 'a', params: {} })) },
      /requests\.1\.custom_id.*unique/,
    ],
    ['no params', { requests: [{ custom_id: 'a' }] }, /requests\.0\.params: Field required/],
  ];
  test.each(cases)('%s', async (_name, body, message) => {
    const { sim, client } = await startSim();
    const failed = client.post('/v1/messages/batches', { body });
    await expect(failed).rejects.toMatchObject({ status: 400, type: 'invalid_request_error' });
    await expect(failed).rejects.toThrow(message);
    expect(sim.batches()).toEqual([]);
  });

  test('too many requests, too many bytes, a full queue', async () => {
    const { client } = await startSim({ maxBatchBytes: 20_000_000, maxQueued: 5 });
    const many = Array.from({ length: 100_001 }, (_, i) => ({ custom_id: `i${i}`, params: {} }));
    const create = (body: unknown) => client.post('/v1/messages/batches', { body });
    await expect(create({ requests: many })).rejects.toThrow(/at most 100000 items/);
    await expect(create({ requests: 'x'.repeat(20_000_001) })).rejects.toMatchObject({
      status: 413,
      type: 'request_too_large',
    });
    await client.messages.batches.create({ requests: askMany(3) });
    await expect(client.messages.batches.create({ requests: askMany(3) })).rejects.toMatchObject({
      status: 429,
      type: 'rate_limit_error',
    });
  });

  test('the wrong key, no version, no JSON', async () => {
    const { sim } = await startSim();
    const stranger = connect({ ...sim, apiKey: 'wrong' });
    await expect(stranger.messages.batches.list()).rejects.toMatchObject({
      status: 401,
      type: 'authentication_error',
    });
    const url = `${sim.url}/v1/messages/batches`;
    const authorization = `Bearer ${sim.apiKey}`;
    const noVersion = await fetch(url, { headers: { authorization } });
    expect(noVersion.status).toBe(400);
    const headers = { authorization, 'anthropic-version': '2026-10-21' };
    const noJson = await fetch(url, { method: 'POST', body: '{', headers });
    expect(await noJson.json()).toMatchObject({
      type: 'error',
      error: { type: 'invalid_request_error' },
      request_id: noJson.headers.get('request-id'),
    });
    expect(noJson.headers.get('x-simulated')).toBe('keyword-rules');
  });

  test('requests over the limit per minute are refused', async () => {
    const { client } = await startSim({ requestsPerMinute: 2 });
    await client.messages.batches.list();
    await client.messages.batches.list();
    const third = await client.messages.batches.list().catch((error: unknown) => error);
    expect(third).toMatchObject({ status: 429, type: 'rate_limit_error' });
  });
});

test('params are checked only at the end, item by item', async () => {
  const started = await startSim();
  const { max_tokens: _, ...noMaxTokens } = ask('hello');
  const requests = [
    { custom_id: 'good', params: ask('It crashes') },
    { custom_id: 'no-max', params: noMaxTokens as ReturnType<typeof ask> },
    { custom_id: 'no-model', params: ask('hello', { model: 'claude-nobody' }) },
    { custom_id: 'warm', params: ask('hello', { temperature: 0 }) },
  ];
  const { batch, rows } = await runBatch(started, requests);
  expect(batch.request_counts).toMatchObject({ succeeded: 1, errored: 3 });
  const errors = Object.fromEntries(
    rows.map(({ custom_id, result }) => [
      custom_id,
      result.type === 'errored' ? result.error.error : undefined,
    ]),
  );
  expect(errors).toMatchObject({
    'no-max': { type: 'invalid_request_error', message: 'max_tokens: Field required' },
    'no-model': { type: 'not_found_error', message: 'model: claude-nobody' },
    warm: { type: 'invalid_request_error', message: expect.stringContaining('temperature') },
  });
});
