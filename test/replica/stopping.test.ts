import { expect, test } from 'vitest';
import { onPostgres } from '../postgres/fresh-workspace.ts';
import { addTenants, openProcesses } from './processes.ts';
import { counted, openCloudStage, until } from './stage.ts';

/** A replica is told to stop at an awkward moment. */

test('while a job does not end: it says so', async () => {
  const stage = await openCloudStage();
  const replica = await stage.start();
  const tenants = [stage.addTenant({ name: 'Acme' }), stage.addTenant({ name: 'Zeta' })];
  for (const tenant of tenants) await stage.install(tenant);
  await counted([replica], tenants);
  const [acme] = tenants;
  acme?.slack.faults.add({ kind: 'hang', method: 'chat.postMessage' });
  acme?.post('The export is broken');
  await stage.cloud.idle();
  await acme?.type();
  await until(() => acme?.slack.callCounts.get('chat.postMessage')).toBe(1);
  expect(await replica.stop()).toBe('too long');
});

test('while a sweep waits for Slack: it waits no longer, and the next process reads on', async () => {
  const stage = await openCloudStage();
  const replica = await stage.start();
  const tenant = stage.addTenant();
  const fault = { kind: 'rate_limit' as const, retryAfter: 600 };
  tenant.slack.faults.add({ ...fault, method: 'conversations.history' });
  await stage.install(tenant);
  await until(() => tenant.slack.callCounts.get('conversations.history')).toBe(1);
  expect(await replica.stop()).toBe('drained');
  expect(replica.lines.filter(({ level }) => level >= 50)).toEqual([]);
  const next = await stage.start();
  await counted([next], [tenant]);
});

test('while reactions wait for Slack: they wait no longer, and the next process adds them', async () => {
  const stage = await openCloudStage();
  const replica = await stage.start();
  const tenant = stage.addTenant();
  await stage.install(tenant);
  await counted([replica], [tenant]);
  const fault = { kind: 'rate_limit' as const, retryAfter: 600 };
  tenant.slack.faults.add({ ...fault, method: 'reactions.add' });
  for (let n = 1; n <= 12; n++) tenant.post(`The export is broken (No. ${n})`);
  await stage.cloud.idle();
  await tenant.type();
  await until(() => replica.lines.map(({ msg }) => msg)).toContain('Slack asks to wait');
  expect(await replica.stop()).toBe('drained');
  expect(replica.lines.map(({ msg }) => msg)).not.toContain('not delivered; it is tried again');
  await stage.start();
  await until(() => tenant.reacted().length).toBe(11);
});

test.runIf(onPostgres)('while the database is away: it ends all the same', async () => {
  const stage = await openProcesses();
  const replica = await stage.launch('only');
  await addTenants(stage, [replica], 2);
  await stage.server.halt();
  await replica.logged('the locks of workspaces are lost with their connection');
  await replica.end('SIGTERM');
  expect(await replica.ended).toEqual({ code: 0, said: '' });
  expect(replica.lines.map(({ msg }) => msg)).toContain('stopped');
});
