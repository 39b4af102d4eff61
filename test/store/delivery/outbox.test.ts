import { describe, expect, test } from 'vitest';
import type { Effect, NewEffect } from '../../../src/core/delivery/effects.ts';
import { countDeadEffects, countOpenEffects } from '../../../src/store/delivery/counts.ts';
import { addEffects } from '../../../src/store/delivery/outbox.ts';
import {
  listOpenLanes,
  markDead,
  markDone,
  markRetry,
  markSending,
  markWaiting,
  nextEffects,
} from '../../../src/store/delivery/queue.ts';
import { joinChannel, leaveChannel } from '../../../src/store/intake/channels.ts';
import { CHANNEL, type Scene, START, startScene, ts } from '../scene.ts';

const LANE = `post ${CHANNEL}`;

const post = (
  key: string,
  { priority = 0, parent, channel = CHANNEL }: Partial<NewEffect> & { parent?: string } = {},
): NewEffect => ({
  key,
  channel,
  priority,
  effect: {
    kind: 'post',
    text: key,
    blocks: [],
    metadata: { event_type: 'winnow_digest', event_payload: { key, run: 1 } },
    ...(parent === undefined ? {} : { parent }),
  },
});

const add = (scene: Scene, effects: NewEffect[], now = START) =>
  scene.commit((tx) => addEffects(tx, effects, now));

/** The key of what is due, or when something will be. */
async function next(scene: Scene, now = START, lane = LANE): Promise<string | number | null> {
  const found = await nextEffects(scene.db, lane, now, 1);
  return found.due ? (found.due[0]?.key ?? null) : found.dueAt;
}

async function due(scene: Scene, now = START) {
  const found = await nextEffects(scene.db, LANE, now, 1);
  const [first] = found.due ?? [];
  if (!first) throw new Error('nothing is due');
  return first;
}

const done = async (scene: Scene, postedTs: string | null = ts(100)) =>
  markDone(scene.db, (await due(scene)).id, { postedTs, trouble: null }, START);

/** The keys in the order in which they are delivered when all goes well. */
async function drain(scene: Scene): Promise<string[]> {
  const keys: string[] = [];
  for (;;) {
    const found = await nextEffects(scene.db, LANE, START, 1);
    if (!found.due) return keys;
    keys.push(...found.due.map(({ key }) => key));
    await done(scene);
  }
}

describe('what is delivered next', () => {
  test('is the most important, and of equals the first', async () => {
    const scene = await startScene();
    await add(scene, [
      post('c1', { priority: 4 }),
      post('a', { priority: 0 }),
      post('c2', { priority: 4 }),
      post('b', { priority: 2 }),
    ]);
    expect(await drain(scene)).toEqual(['a', 'b', 'c1', 'c2']);
    expect(await next(scene)).toBeNull();
  });

  test('waits for the post that it goes under, and then knows its ts', async () => {
    const scene = await startScene();
    await add(scene, [
      post('reply', { priority: 0, parent: 'parent' }),
      post('parent', { priority: 5 }),
    ]);
    expect(await next(scene)).toBe('parent');
    expect((await due(scene)).parentTs).toBeNull();
    await done(scene, ts(100));
    const reply = await due(scene);
    expect([reply.key, reply.parentTs]).toEqual(['reply', ts(100)]);
  });

  test('under a post that waits is no time to wait for', async () => {
    const scene = await startScene();
    await add(scene, [post('parent'), post('reply', { parent: 'parent' })]);
    await markWaiting(scene.db, (await due(scene)).id, START + 900);
    expect(await next(scene)).toBe(START + 900);
  });

  test('comes from the channels that the bot is in, the others when it is back', async () => {
    const scene = await startScene();
    await add(scene, [post('a')]);
    await leaveChannel(scene.db, CHANNEL);
    expect(await next(scene)).toBeNull();
    expect(await countOpenEffects(scene.db, CHANNEL, 1000)).toMatchObject({ effects: 1 });
    await scene.commit((tx) => joinChannel(tx, CHANNEL, { invitedBy: null, at: START + 5000 }));
    expect(await next(scene)).toBe('a');
  });

  test('is told in advance when nothing is due: the earliest of all', async () => {
    const scene = await startScene();
    await add(scene, [post('a'), post('b')]);
    for (const [at, key] of [
      [START + 3000, 'a'],
      [START + 2000, 'b'],
    ] as const) {
      const effect = await due(scene);
      expect(effect.key).toBe(key);
      await markWaiting(scene.db, effect.id, at);
    }
    expect(await next(scene, START + 1999)).toBe(START + 2000);
    expect(await next(scene, START + 2000)).toBe('b');
    // Once both are due, their order counts again.
    expect(await next(scene, START + 3000)).toBe('a');
  });
});

describe('an effect', () => {
  test('written twice is there once, as it was written first', async () => {
    const scene = await startScene();
    await add(scene, [post('a', { priority: 1 })]);
    await add(scene, [post('a', { priority: 5 }), post('b')]);
    expect(await scene.effects()).toMatchObject([{ key: 'a', priority: 1 }, { key: 'b' }]);
  });

  test('is not written again after it has been done or has died', async () => {
    const scene = await startScene();
    await add(scene, [post('a'), post('b')]);
    await done(scene);
    await scene.commit((tx) => markDead(tx, 'b', 'too_many_reactions', START));
    await add(scene, [post('a'), post('b')]);
    expect(await next(scene)).toBeNull();
  });

  test('by the thousand is written whole', async () => {
    const scene = await startScene();
    await add(
      scene,
      Array.from({ length: 5000 }, (_, n) => post(`p${n}`)),
    );
    expect(await countOpenEffects(scene.db, CHANNEL, 9000)).toMatchObject({ effects: 5000 });
    expect(await countOpenEffects(scene.db, CHANNEL, 1000)).toMatchObject({ effects: 1001 });
  });

  test('comes back as it was written', async () => {
    const scene = await startScene();
    const { effect } = post('a');
    const hostile: Effect = { ...effect, text: '😀 <!here> "quotes" \\ \n' } as Effect;
    await add(scene, [{ ...post('a'), effect: hostile }]);
    expect((await due(scene)).effect).toEqual(hostile);
  });

  test('that may have reached Slack remembers since when, through every further try', async () => {
    const scene = await startScene();
    await add(scene, [post('a')]);
    const { id } = await due(scene);
    await markSending(scene.db, id, { now: START + 1, nextAt: START + 10 });
    expect(await next(scene, START + 9)).toBe(START + 10);
    await markRetry(scene.db, id, { at: START + 20, reached: true, trouble: 'HTTP 502' });
    await markSending(scene.db, id, { now: START + 30, nextAt: START + 40 });
    expect(await due(scene, START + 40)).toMatchObject({
      state: 'sending',
      sendingSince: START + 1,
      attempts: 1,
    });
  });

  test('that never left forgets that it was being sent', async () => {
    const scene = await startScene();
    await add(scene, [post('a')]);
    const { id } = await due(scene);
    await markSending(scene.db, id, { now: START, nextAt: START });
    await markRetry(scene.db, id, { at: START, reached: false, trouble: 'ECONNREFUSED' });
    expect(await due(scene)).toMatchObject({ state: 'waiting', sendingSince: null, attempts: 1 });
  });

  test('that Slack asks to wait with has not failed', async () => {
    const scene = await startScene();
    await add(scene, [post('a')]);
    const { id } = await due(scene);
    await markSending(scene.db, id, { now: START, nextAt: START });
    await markWaiting(scene.db, id, START);
    expect(await due(scene)).toMatchObject({ state: 'waiting', sendingSince: null, attempts: 0 });
  });

  test('that dies takes along what goes under it, and nothing else', async () => {
    const scene = await startScene();
    await add(scene, [
      post('parent'),
      post('reply 1', { parent: 'parent' }),
      post('reply 2', { parent: 'parent' }),
      post('other', { priority: 1 }),
      post('under other', { parent: 'other' }),
    ]);
    await scene.commit((tx) => markDead(tx, 'parent', 'restricted_action', START + 7));
    expect(await countDeadEffects(scene.db, CHANNEL, START)).toEqual([
      { trouble: 'restricted_action', effects: 3 },
    ]);
    expect(await countDeadEffects(scene.db, CHANNEL, START + 8)).toEqual([]);
    expect(await drain(scene)).toEqual(['other', 'under other']);
  });
});

test('lanes are open as long as something in them is not done', async () => {
  const scene = await startScene();
  await add(scene, [
    post('a'),
    post('b'),
    {
      key: 'r',
      channel: CHANNEL,
      priority: 5,
      effect: { kind: 'react', ts: ts(1), name: 'bug' },
    },
  ]);
  expect((await listOpenLanes(scene.db)).toSorted()).toEqual([LANE, 'reaction']);
  expect(await next(scene, START, 'reaction')).toBe('r');
  await done(scene);
  await scene.commit((tx) => markDead(tx, 'b', 'x', START));
  expect(await listOpenLanes(scene.db)).toEqual(['reaction']);
});
