import { expect, test } from 'vitest';
import { onPostgres } from '../postgres/fresh-workspace.ts';
import { gatherCrowd } from './crowd.ts';
import { addTenants, openProcesses, shared } from './processes.ts';

/** The other replica is given a little less than Slack's three seconds. */
const SLACK_WAITS_MS = 2_800;

/** Replicas are stopped and started again, one after the other, while people use them. */

test.runIf(onPostgres)('two replicas are updated one after the other', async () => {
  const stage = await openProcesses();
  let first = await stage.launch('first');
  let second = await stage.launch('second');
  const old = [first, second];
  const tenants = await addTenants(stage, old, 6);
  await shared(stage, { first: 3, second: 3 });
  const crowd = gatherCrowd(stage, tenants);
  await crowd.goOn(2);
  expect(await first.end('SIGTERM')).toBe(0);
  await shared(stage, { second: 6 });
  await crowd.goOn(1);
  first = await stage.launch('first');
  await shared(stage, { first: 3, second: 3 });
  await crowd.goOn(1);
  expect(await second.end('SIGTERM')).toBe(0);
  await shared(stage, { first: 6 });
  second = await stage.launch('second');
  await shared(stage, { first: 3, second: 3 });
  await crowd.goOn(1);
  await crowd.stop();
  // On a busy machine somebody may have waited in vain, but nobody was refused.
  expect(crowd.unanswered.filter(({ ms }) => ms < SLACK_WAITS_MS)).toEqual([]);
  const errors = [...old, first, second].flatMap(({ lines }) =>
    lines.filter(({ level }) => level >= 50),
  );
  expect(errors).toEqual([]);
});
