import { describe, expect, onTestFinished, test } from 'vitest';
import { onPostgres } from '../postgres/fresh-workspace.ts';
import { expectNoneTwice, gatherCrowd } from './crowd.ts';
import { addTenants, openProcesses, type ProcessStage, shared } from './processes.ts';
import { type Tenant, until } from './stage.ts';

/** One of two replicas is killed: the other has all workspaces, nothing is lost, and nothing is done twice. */

async function openTwo() {
  const stage = await openProcesses();
  const first = await stage.launch('first');
  const second = await stage.launch('second');
  const tenants = await addTenants(stage, [first, second], 6);
  await shared(stage, { first: 3, second: 3 });
  return { stage, first, second, tenants };
}

const owned = async (stage: ProcessStage, tenants: readonly Tenant[], name: string) => {
  const owners = await stage.owners();
  return tenants.filter(({ slack }) => owners.get(slack.teamId)?.includes(name));
};

/** @returns what resolves when an envelope was committed into the inbox */
async function listenForEnvelope({ server }: ProcessStage): Promise<() => Promise<void>> {
  const client = await server.connect('postgres', 'winnow');
  onTestFinished(() => client.end());
  await client.query('listen winnow');
  const { promise: heard, resolve } = Promise.withResolvers<void>();
  client.on('notification', ({ payload = '' }) => {
    if (JSON.parse(payload).kind === 'inbox') resolve();
  });
  return () => heard;
}

/** Each workspace has one message more than before, which is in one summary. */
async function expectSummedUp(stage: ProcessStage, tenants: readonly Tenant[]) {
  await stage.cloud.idle();
  expect(stage.cloud.lostEvents).toEqual([]);
  await Promise.all(
    tenants.map(async (tenant) => {
      await until(async () => {
        await tenant.type();
        return tenant.reacted().length;
      }).toBe(1);
      const summaries = tenant
        .posts()
        .filter(({ metadata }) => metadata?.event_type === 'winnow_digest');
      expect(summaries).toHaveLength(1);
      expectNoneTwice(tenant);
    }),
  );
}

describe.runIf(onPostgres)('a replica is killed', () => {
  test('while people post, type and press, and wait for its answers', async () => {
    const { stage, first, tenants } = await openTwo();
    const crowd = gatherCrowd(stage, tenants);
    await crowd.goOn(2);
    await first.end('SIGKILL');
    await shared(stage, { second: 6 });
    await crowd.goOn(1);
    await crowd.stop();
  });

  test.each(['that received it', 'that it is for'])(
    'when an envelope is in the inbox: the one %s',
    async (which) => {
      const { stage, first, second, tenants } = await openTwo();
      const theirs = await owned(stage, tenants, 'second');
      // It is there, and does nothing.
      second.process.kill('SIGSTOP');
      stage.balancer.remove(second.port);
      const envelope = await listenForEnvelope(stage);
      for (const tenant of theirs) tenant.post('The export is broken');
      await envelope();
      if (which === 'that received it') {
        await first.end('SIGKILL');
        second.process.kill('SIGCONT');
        stage.balancer.add(second.port);
      } else {
        await stage.cloud.idle();
        expect(await stage.query('select count(*)::int as waiting from inbox')).toEqual([
          { waiting: 3 },
        ]);
        await second.end('SIGKILL');
      }
      await shared(stage, which === 'that received it' ? { second: 6 } : { first: 6 });
      await expectSummedUp(stage, theirs);
    },
  );

  test('while Claude has the batches of its workspaces', async () => {
    const { stage, first, tenants } = await openTwo();
    for (const tenant of tenants) tenant.post('The export is broken');
    await stage.cloud.idle();
    stage.claude.holdBatches(true);
    for (const tenant of tenants) await tenant.type();
    await until(() => stage.claude.batches().length).toBe(6);
    await first.end('SIGKILL');
    stage.claude.holdBatches(false);
    await shared(stage, { second: 6 });
    await expectSummedUp(stage, tenants);
    expect(stage.claude.batches()).toHaveLength(6);
  });

  test('when it has posted, and does not know it', async () => {
    const { stage, first, tenants } = await openTwo();
    const own = await owned(stage, tenants, 'first');
    for (const { slack } of own) {
      slack.faults.add({ kind: 'hang', method: 'chat.postMessage', when: 'after' });
    }
    for (const tenant of tenants) tenant.post('The export is broken');
    await stage.cloud.idle();
    for (const tenant of tenants) await tenant.type();
    for (const tenant of own) await until(() => tenant.posts().length).toBe(1);
    await first.end('SIGKILL');
    await shared(stage, { second: 6 });
    await expectSummedUp(stage, tenants);
  });

  test.each(['connects', 'gets its share'])('while the other one %s', async (when) => {
    const stage = await openProcesses();
    const first = await stage.launch('first');
    const tenants = await addTenants(stage, [first], 6);
    for (const tenant of tenants) tenant.post('The export is broken');
    await stage.cloud.idle();
    await stage.launch('second', { waits: false });
    if (when === 'gets its share') {
      await first.logged('workspaces are given to other replicas');
    } else {
      const connections = `select from pg_stat_activity where application_name = 'second'`;
      await until(async () => (await stage.query(connections)).length).toBeGreaterThan(0);
    }
    await first.end('SIGKILL');
    await shared(stage, { second: 6 });
    await expectSummedUp(stage, tenants);
  });
});

test.runIf(onPostgres)('both go on when PostgreSQL was killed and started again', async () => {
  const { stage, first, second, tenants } = await openTwo();
  const crowd = gatherCrowd(stage, tenants);
  await crowd.goOn(2);
  await stage.server.crash();
  // Whoever connects first may take more than its share.
  await shared(stage, { first: expect.any(Number), second: expect.any(Number) });
  await crowd.goOn(1);
  await crowd.stop();
  for (const { lines } of [first, second]) {
    const lost = lines
      .filter(({ msg }) => msg === 'another Winnow has taken over a workspace; it ends here')
      .map(({ team }) => team);
    expect(new Set(lost).size).toBe(lost.length);
  }
});
