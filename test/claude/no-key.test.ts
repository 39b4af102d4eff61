import { expect, onTestFinished, test } from 'vitest';
import { startClaudeSim } from '../../sim/claude/claude-sim.ts';
import {
  cancelBatch,
  checkModel,
  createBatch,
  createClaude,
  NO_KEY,
  readResults,
} from '../../src/claude/batches.ts';
import { createTestClock } from '../harness.ts';

/** Before a key is set, nothing is sent to Claude, and all that is asked waits for a key. */

test('without a key, every call says so, and none is made', async () => {
  const sim = await startClaudeSim();
  onTestFinished(() => sim.stop());
  const claude = createClaude({ apiKey: null, baseUrl: sim.url });
  const blocked = { kind: 'blocked', reason: NO_KEY, mend: 'key' };
  expect(await createBatch(claude, [])).toEqual(blocked);
  expect(await cancelBatch(claude, 'msgbatch_1')).toEqual(blocked);
  expect(await checkModel(claude, 'claude-haiku-5-5')).toEqual(blocked);
  const results = await readResults(claude, 'msgbatch_1', createTestClock()).next();
  expect(results.value).toEqual({ kind: 'unavailable', answer: blocked });
  expect(sim.calls).toEqual([]);
});
