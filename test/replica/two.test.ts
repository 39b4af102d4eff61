import { describe, expect, test } from 'vitest';
import type { SimMessage } from '../../sim/slack/types.ts';
import { ACTIONS } from '../../src/slack/blocks/actions.ts';
import { setWritesPerHour } from '../../src/store/workspaces/workspaces.ts';
import { onPostgres } from '../postgres/fresh-workspace.ts';
import {
  type CloudStage,
  counted,
  openCloudStage,
  openControlOf,
  type Replica,
  type Tenant,
  until,
} from './stage.ts';

/** Two replicas that share workspaces: any of them takes what Slack sends. */

async function openTwo(count = 4) {
  const stage = await openCloudStage();
  const replicas = [await stage.start(), await stage.start()] as const;
  const tenants: Tenant[] = [];
  for (let n = 1; n <= count; n++) {
    const tenant = stage.addTenant({ name: `Team ${n}` });
    await stage.install(tenant);
    tenants.push(tenant);
  }
  await counted(replicas, tenants);
  return { stage, replicas, tenants };
}

const count = ({ lines }: Replica, words: string) =>
  lines.filter(({ msg }) => msg === words).length;

async function classify({ cloud }: CloudStage, tenants: Tenant[]) {
  await cloud.idle();
  for (const tenant of tenants) await tenant.type();
  for (const tenant of tenants) await until(() => tenant.reacted().length).toBe(1);
}

const troubles = (replicas: readonly Replica[]) =>
  replicas.flatMap(({ lines }) => lines.filter(({ level }) => level >= 50));

describe.runIf(onPostgres)('two replicas', () => {
  test('answer for all workspaces, whichever of them Slack asks', async () => {
    const { stage, replicas, tenants } = await openTwo();
    for (const tenant of tenants) tenant.post('The export is broken');
    await classify(stage, tenants);
    for (const tenant of tenants) {
      // Twice, so that each replica has it once.
      for (const _ of [1, 2]) {
        expect(await tenant.type('status')).toMatchObject({
          response: { text: expect.stringMatching(/1 message/) },
        });
      }
    }
    expect(troubles(replicas)).toEqual([]);
  });

  test('answer what is pressed as well, which is acknowledged without words', async () => {
    const { stage, replicas, tenants } = await openTwo();
    for (const tenant of tenants) tenant.post('Urgent: it crashes and I lost my data');
    await classify(stage, tenants);
    for (const { port } of replicas) stage.balancer.remove(port);
    for (const [{ port }, actionId] of [
      [replicas[0], ACTIONS.claim],
      [replicas[1], ACTIONS.resolve],
    ] as const) {
      stage.balancer.add(port);
      for (const { slack, user, channel, posts } of tenants) {
        const card = () =>
          posts().find(({ metadata }) => metadata?.event_type === 'winnow_card') as SimMessage;
        await until(() => JSON.stringify(card()?.blocks)).toContain(actionId);
        const click = { user, channel, ts: card().ts, actionId };
        expect(await slack.click(click)).toEqual({ acked: true });
      }
      stage.balancer.remove(port);
    }
    expect(troubles(replicas)).toEqual([]);
  });

  test('share them evenly, also when one comes later', async () => {
    const stage = await openCloudStage();
    const first = await stage.start();
    const tenants = [1, 2, 3, 4, 5, 6].map((n) => stage.addTenant({ name: `Team ${n}` }));
    for (const tenant of tenants) await stage.install(tenant);
    await counted([first], tenants);
    const second = await stage.start();
    await until(() => [first.runs().length, second.runs().length]).toEqual([3, 3]);
    expect(new Set([...first.runs(), ...second.runs()]).size).toBe(6);
    for (const tenant of tenants) tenant.post('The export is broken');
    await classify(stage, tenants);
    expect(troubles([first, second])).toEqual([]);
  });

  test('leave a busy workspace to the one that has it, and the idle ones go to the other', async () => {
    const stage = await openCloudStage();
    const first = await stage.start();
    const tenants = [1, 2, 3, 4, 5, 6].map((n) => stage.addTenant({ name: `Team ${n}` }));
    for (const tenant of tenants) await stage.install(tenant);
    await counted([first], tenants);
    const [, busy, ...others] = tenants.map(({ slack }) => slack.teamId);
    await setWritesPerHour(await openControlOf(stage), busy ?? '', 100_000);
    const second = await stage.start();
    await until(first.runs).toEqual([busy]);
    await until(() => second.runs().length).toBe(5);
    expect(second.runs()).toEqual(expect.arrayContaining(others));
    for (const tenant of tenants) tenant.post('The export is broken');
    await classify(stage, tenants);
    expect(first.runs()).toEqual([busy]);
    expect(troubles([first, second])).toEqual([]);
  });

  test('one stops: the other has everything at once, and nothing is lost or done twice', async () => {
    const { stage, replicas, tenants } = await openTwo();
    const [first, second] = replicas;
    for (const tenant of tenants) tenant.post('The export is broken');
    await stage.cloud.idle();
    const typing = tenants.map((tenant) => tenant.type());
    const stopping = first.stop();
    for (const tenant of tenants) tenant.post('The colours are lovely');
    await Promise.all([...typing, stopping]);
    await stage.cloud.idle();
    await until(() => second.runs()).toHaveLength(4);
    for (const tenant of tenants) {
      await until(async () => {
        // A run that goes on takes no more messages.
        await tenant.type();
        return tenant.reacted().length;
      }).toBe(2);
      // Each message is in one summary: both in one, or each in its own.
      await until(() => countSummed(tenant)).toBe(2);
    }
    expect(stage.cloud.lostEvents).toEqual([]);
    expect(count(second, 'another Winnow has taken over a workspace; it ends here')).toBe(0);
    expect(troubles(replicas)).toEqual([]);
  });
});

/** How many messages the summaries of a workspace are about. What a log says of a run is only of its last process. */
const countSummed = (tenant: Tenant): number =>
  tenant
    .posts()
    .map(({ text = '' }) => Number(/^Feedback summary[^:]*: (\d+) message/.exec(text)?.[1] ?? 0))
    .reduce((sum, messages) => sum + messages, 0);
