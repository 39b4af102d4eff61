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
