import { expect, test } from 'vitest';
import { limitTransport } from '../../../../sim/slack/cloud/transport.ts';
import type { Answer, Outgoing } from '../../../../sim/slack/delivery.ts';

/** How many requests are on their way to the app at once. */

const EVENT: Outgoing = { kind: 'events_api', payload: {}, retry: { attempt: 0, reason: '' } };

test('64 requests are under way, the others wait for their turn', async () => {
  const answers: ((answer: Answer) => void)[] = [];
  const transport = limitTransport(() => ({
    deliver: () => new Promise<Answer>((resolve) => answers.push(resolve)),
  }));
  const delivered = Array.from({ length: 100 }, () => transport.deliver(EVENT));
  const started = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    return answers.length;
  };
  expect(await started()).toBe(64);
  answers[0]?.({ kind: 'acked' });
  answers[1]?.({ kind: 'failed', reason: 'http_error' });
  expect(await started()).toBe(66);
  for (let next = 2; next < 100; next += 1) {
    answers[next]?.({ kind: 'acked' });
    await started();
  }
  expect((await Promise.all(delivered)).map(({ kind }) => kind)).toEqual([
    'acked',
    'failed',
    ...Array(98).fill('acked'),
  ]);
  // All places are free again.
  for (let more = 0; more < 100; more += 1) void transport.deliver(EVENT);
  expect(await started()).toBe(164);
});
