import Anthropic, { APIConnectionError } from '@anthropic-ai/sdk';
import { describe, expect, test } from 'vitest';
import type { Fault, ItemFault } from '../../../sim/claude/faults.ts';
import { ask, askMany, runBatch, startSim, textOf } from './claude-helpers.ts';

describe('faults of a request', () => {
  test('a status is returned for a path, as often as asked', async () => {
    const { sim, client } = await startSim();
    sim.faults.add({ kind: 'status', status: 529, path: /batches$/, method: 'get', times: 2 });
    await client.models.list();
    const list = () => client.messages.batches.list();
    await expect(list()).rejects.toMatchObject({ status: 529, type: 'overloaded_error' });
    await expect(list()).rejects.toMatchObject({ status: 529 });
    expect((await list()).data).toEqual([]);
    expect(sim.calls.map(({ status }) => status)).toEqual([200, 529, 529, 200]);
    expect(sim.calls[1]?.error?.type).toBe('overloaded_error');
  });

  test('a fault can be removed', async () => {
    const { sim, client } = await startSim();
    const remove = sim.faults.add({ kind: 'cut' });
    remove();
    await client.models.list();
  });

  test('a cut creates nothing; a lost answer and a late 5xx leave a batch', async () => {
    const { sim, client } = await startSim();
    const create = () => client.messages.batches.create({ requests: askMany(1) });
    sim.faults.add({ kind: 'cut' });
    await expect(create()).rejects.toThrow(APIConnectionError);
    expect(sim.batches()).toHaveLength(0);
    sim.faults.add({ kind: 'lost_answer' });
    await expect(create()).rejects.toThrow(APIConnectionError);
    expect(sim.batches()).toHaveLength(1);
    sim.faults.add({ kind: 'created_then_5xx', status: 503 });
    await expect(create()).rejects.toMatchObject({ status: 503 });
    expect(sim.batches()).toHaveLength(2);
  });

  test('a hang never answers', async () => {
    const { sim, client } = await startSim();
    sim.faults.add({ kind: 'hang' });
    const hanging = client.models.list().catch((error: unknown) => error);
    await sim.waitFor(() => sim.calls.length === 1);
    const other = await client.models.list();
    expect(await Promise.race([hanging, other])).toBe(other);
    expect(sim.calls.map(({ status }) => status)).toEqual([0, 200]);
    await sim.stop();
    expect(await hanging).toBeInstanceOf(APIConnectionError);
  });

  test('a new batch can return 404 for a while', async () => {
    const { sim, client } = await startSim();
    sim.faults.add({ kind: 'not_found_after_create', times: 2 });
    const { id } = await client.messages.batches.create({ requests: askMany(1) });
    const retrieve = () => client.messages.batches.retrieve(id);
    await expect(retrieve()).rejects.toMatchObject({ status: 404 });
    await expect(retrieve()).rejects.toMatchObject({ status: 404 });
    expect((await retrieve()).id).toBe(id);
  });

  test('a spend limit is a 429 without retry-after, or a 400', async () => {
    const { sim, client } = await startSim();
    sim.faults.add({ kind: 'spend_cap' });
    sim.faults.add({ kind: 'spend_limit_400' });
    await client.messages.batches.list();
    const create = () => client.messages.batches.create({ requests: askMany(1) });
    const capped = await create().catch((error: unknown) => error);
    expect(capped).toBeInstanceOf(Anthropic.RateLimitError);
    expect(capped).toMatchObject({ errorCode: 'enforced_spend_limit_reached' });
    if (!(capped instanceof Anthropic.APIError)) throw new Error('not an API error');
    expect(capped.headers?.get('retry-after')).toBeNull();
    await expect(create()).rejects.toMatchObject({ status: 400, type: 'invalid_request_error' });
    expect(sim.batches()).toEqual([]);
  });
});

describe('faults of the results', () => {
  async function readWith(fault: Fault) {
    const { sim, client } = await startSim();
    const { id } = await client.messages.batches.create({ requests: askMany(10) });
    sim.endBatch(id);
    sim.faults.add(fault);
    const ids: string[] = [];
    const read = async () => {
      for await (const row of await client.messages.batches.results(id)) ids.push(row.custom_id);
    };
    const error = await read().catch((caught: unknown) => caught);
    const first = [...ids];
    ids.length = 0;
    await read();
    expect(ids).toHaveLength(10);
    return { ids: first, error };
  }

  test('cut in the middle of a line', async () => {
    const { ids, error } = await readWith({ kind: 'results_cut', afterRows: 4 });
    expect(ids).toHaveLength(4);
    expect(error).toMatchObject({ name: 'TypeError', message: 'terminated' });
  });

  test('a clean early end is silent', async () => {
    const { ids, error } = await readWith({ kind: 'results_short', rows: 4 });
    expect(ids).toHaveLength(4);
    expect(error).toBeUndefined();
  });

  test('a broken line', async () => {
    const { ids, error } = await readWith({ kind: 'results_broken_line', atRow: 4 });
    expect(ids).toHaveLength(4);
    expect(error).toBeInstanceOf(SyntaxError);
  });

  test('a duplicate row and an unknown row', async () => {
    const twice = await readWith({ kind: 'results_duplicate_row' });
    expect(twice.ids).toHaveLength(11);
    expect(new Set(twice.ids).size).toBe(10);
    const strange = await readWith({ kind: 'results_unknown_custom_id', atRow: 3 });
    expect(strange.ids[3]).toBe('sim-nobody-asked-for-this');
    expect(strange.ids).toHaveLength(11);
  });

  test('a stall keeps the socket open', async () => {
    const { sim, client } = await startSim();
    const { id } = await client.messages.batches.create({ requests: askMany(10) });
    sim.endBatch(id);
    sim.faults.add({ kind: 'results_stall', afterRows: 4 });
    const watchdog = new AbortController();
    const stream = await client.messages.batches.results(id, {}, { signal: watchdog.signal });
    let rows = 0;
    const read = async () => {
      for await (const _ of stream) {
        rows += 1;
        if (rows === 4) setImmediate(() => watchdog.abort());
      }
    };
    await read().catch(() => undefined);
    expect(rows).toBe(4);
  });
});

describe('outcomes of single items', () => {
  const only =
    (id: string): ItemFault['match'] =>
    (customId) =>
      customId === id;

  test('the counts agree with the results', async () => {
    const { sim, client } = await startSim();
    const { faults } = sim;
    faults.addItem({ match: only('item-0'), outcome: 'errored', errorType: 'overloaded_error' });
    faults.addItem({ match: only('item-1'), outcome: 'expired' });
    faults.addItem({ match: only('item-2'), outcome: 'canceled' });
    const { batch, rows } = await runBatch({ sim, client }, askMany(6));
    expect(batch.request_counts).toEqual({
      processing: 0,
      succeeded: 3,
      errored: 1,
      expired: 1,
      canceled: 1,
    });
    const errored = rows.find((row) => row.custom_id === 'item-0');
    expect(errored?.result).toMatchObject({
      type: 'errored',
      error: { type: 'error', error: { type: 'overloaded_error' } },
    });
  });

  test('items match by text, as often as asked', async () => {
    const { sim, client } = await startSim();
    const match: ItemFault['match'] = (_id, text) => text.startsWith('The app');
    sim.faults.addItem({ match, outcome: 'expired', times: 2 });
    const { batch } = await runBatch({ sim, client }, askMany(5));
    expect(batch.request_counts).toMatchObject({ expired: 2, succeeded: 3 });
  });

  test('answers can be unusable or unusual', async () => {
    const { sim, client } = await startSim();
    const outcomes = [
      'refusal',
      'max_tokens',
      'thinking_first',
      'enum_case',
      'not_json',
      'wrong_schema',
      'fenced',
    ] as const;
    for (const [index, outcome] of outcomes.entries()) {
      sim.faults.addItem({ match: only(`item-${index}`), outcome });
    }
    const { rows } = await runBatch({ sim, client }, askMany(8));
    const at = (index: number) => rows.find((row) => row.custom_id === `item-${index}`);
    expect(at(0)?.result).toMatchObject({ message: { stop_reason: 'refusal', content: [] } });
    expect(at(1)?.result).toMatchObject({
      message: { stop_reason: 'max_tokens', usage: { output_tokens: 300 } },
    });
    expect(() => JSON.parse(textOf(at(1)))).toThrow();
    expect(at(2)?.result).toMatchObject({ message: { content: [{ type: 'thinking' }, {}] } });
    expect(JSON.parse(textOf(at(3)))).toMatchObject({ category: 'BUG', language: 'en' });
    expect(() => JSON.parse(textOf(at(4)))).toThrow();
    expect(JSON.parse(textOf(at(5)))).not.toHaveProperty('category');
    expect(textOf(at(6))).toMatch(/^```json\n\{.*\}\n```$/s);
    expect(JSON.parse(textOf(at(7)))).toMatchObject({ category: 'bug' });
  });

  test('messages outside batches can fail too', async () => {
    const { sim, client } = await startSim();
    const match = () => true;
    sim.faults.addItem({ match, outcome: 'errored', errorType: 'api_error', times: 1 });
    sim.faults.addItem({ match, outcome: 'refusal', times: 1 });
    await expect(client.messages.create(ask('Hello'))).rejects.toMatchObject({ status: 500 });
    expect((await client.messages.create(ask('Hello'))).stop_reason).toBe('refusal');
  });
});
