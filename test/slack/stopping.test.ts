import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { startSlackSim } from '../../sim/slack/slack-sim.ts';
import { systemClock } from '../../src/jobs/loop.ts';
import { createSlack } from '../../src/slack/client.ts';
import { toSlackLogger } from '../../src/slack/logger.ts';

test('a call that would have to wait is not made once Winnow stops', async () => {
  const sim = await startSlackSim();
  onTestFinished(() => sim.stop());
  const stopping = new AbortController();
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const slack = createSlack(
    {
      ...{ token: sim.botToken, apiUrl: sim.apiUrl, rateScale: 1 },
      ...{ logger: toSlackLogger(log, false), stopping: stopping.signal },
    },
    systemClock,
  );
  const ask = (method: string) => slack.call(method, {}, z.looseObject({}));
  sim.faults.add({ kind: 'rate_limit', method: 'emoji.list', retryAfter: 600 });
  expect(await ask('emoji.list')).toMatchObject({ kind: 'limited' });
  const waiting = ask('emoji.list');
  stopping.abort();
  const unsent = { kind: 'unsent', reason: 'Winnow stops' };
  expect([await waiting, await ask('emoji.list')]).toEqual([unsent, unsent]);
  expect(await ask('auth.test')).toMatchObject({ kind: 'ok' });
  expect(sim.callCounts.get('emoji.list')).toBe(1);
});
