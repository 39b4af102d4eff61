import { describe, expect, test } from 'vitest';
import {
  discoverChannel,
  extendChannelBack,
  findChannel,
  joinChannel,
  leaveChannel,
  listDueOffers,
  listMemberChannels,
  renameChannel,
  setChannelOffer,
  setChannelSince,
  setChannelSwept,
} from '../../../src/store/intake/channels.ts';
import { CHANNEL, type Scene, START, startScene, ts } from '../scene.ts';

const HOUR = 3_600_000;

const join = (scene: Scene, at: number, invitedBy: string | null = 'U0BOB', channel = CHANNEL) =>
  scene.commit((tx) => joinChannel(tx, channel, { invitedBy, at }));

describe('a channel that the bot is added to', () => {
  test('counts from then on, and older messages are to be offered to whoever added it', async () => {
    const scene = await startScene();
    expect(await findChannel(scene.db, CHANNEL)).toMatchObject({
      state: 'member',
      since_ts: ts(0),
      swept_ts: ts(0),
    });
    expect(await listDueOffers(scene.db)).toEqual([
      { id: CHANNEL, invited_by: 'U0ANA', since_ts: ts(0) },
    ]);
  });

  test('is not joined again when it is told twice', async () => {
    const scene = await startScene();
    await scene.commit((tx) => setChannelOffer(tx, CHANNEL, 'made'));
    const before = await findChannel(scene.db, CHANNEL);
    await join(scene, START + 2000);
    await join(scene, START + HOUR);
    expect(await findChannel(scene.db, CHANNEL)).toEqual(before);
    expect(await listDueOffers(scene.db)).toEqual([]);
  });

  test('and removed from and added to again counts from the second time', async () => {
    const scene = await startScene();
    await scene.commit((tx) => setChannelOffer(tx, CHANNEL, 'answered'));
    await leaveChannel(scene.db, CHANNEL);
    expect(await listMemberChannels(scene.db)).toEqual([]);
    await join(scene, START + HOUR);
    expect(await findChannel(scene.db, CHANNEL)).toMatchObject({
      state: 'member',
      since_ts: ts(3600),
      swept_ts: ts(3600),
      invited_by: 'U0BOB',
      offer: 'due',
    });
  });

  test('by nobody that is known, has nobody to be offered anything', async () => {
    const scene = await startScene();
    await join(scene, START, null, 'C0OTHER');
    expect((await listDueOffers(scene.db)).map(({ id }) => id)).toEqual([CHANNEL]);
  });

  test('and has left is offered nothing', async () => {
    const scene = await startScene();
    await leaveChannel(scene.db, CHANNEL);
    expect(await listDueOffers(scene.db)).toEqual([]);
  });
});

describe('a channel that the bot finds itself in', () => {
  const found = async () => {
    const scene = await startScene();
    await discoverChannel(scene.db, 'C0OTHER', 'other');
    return scene;
  };

  test('counts once it is looked up since when, and that only once', async () => {
    const scene = await found();
    expect(await findChannel(scene.db, 'C0OTHER')).toMatchObject({
      state: 'member',
      name: 'other',
      since_ts: null,
      offer: 'none',
    });
    await setChannelSince(scene.db, 'C0OTHER', ts(5));
    await setChannelSince(scene.db, 'C0OTHER', ts(9));
    expect(await findChannel(scene.db, 'C0OTHER')).toMatchObject({
      since_ts: ts(5),
      swept_ts: ts(5),
    });
  });

  test('takes over who invited it when the event comes late', async () => {
    const scene = await found();
    await join(scene, START + 5000, 'U0BOB', 'C0OTHER');
    expect(await findChannel(scene.db, 'C0OTHER')).toMatchObject({
      name: 'other',
      since_ts: ts(5),
      invited_by: 'U0BOB',
      offer: 'due',
    });
  });

  test('takes over who invited it also when it was just looked up since when', async () => {
    const scene = await found();
    await setChannelSince(scene.db, 'C0OTHER', ts(5));
    await join(scene, START + 6000, 'U0BOB', 'C0OTHER');
    expect(await findChannel(scene.db, 'C0OTHER')).toMatchObject({ offer: 'due' });
  });

  test('long ago is not joined anew', async () => {
    const scene = await found();
    await setChannelSince(scene.db, 'C0OTHER', ts(5));
    await join(scene, START + HOUR, 'U0BOB', 'C0OTHER');
    expect(await findChannel(scene.db, 'C0OTHER')).toMatchObject({
      since_ts: ts(5),
      offer: 'none',
    });
  });

  test('that it knows already keeps its beginning and gets its newest name', async () => {
    const scene = await startScene();
    await discoverChannel(scene.db, CHANNEL, 'feedback');
    await discoverChannel(scene.db, CHANNEL, null);
    expect(await findChannel(scene.db, CHANNEL)).toMatchObject({
      name: 'feedback',
      since_ts: ts(0),
      invited_by: 'U0ANA',
    });
  });

  test('after it had left has its beginning looked up anew', async () => {
    const scene = await startScene();
    await leaveChannel(scene.db, CHANNEL);
    await discoverChannel(scene.db, CHANNEL, 'feedback');
    expect(await findChannel(scene.db, CHANNEL)).toMatchObject({
      state: 'member',
      since_ts: null,
    });
  });
});

test('older messages can be taken in, and never fewer than before', async () => {
  const scene = await startScene();
  const since = async () => (await findChannel(scene.db, CHANNEL))?.since_ts;
  await scene.commit((tx) => extendChannelBack(tx, CHANNEL, ts(-700)));
  expect(await since()).toBe(ts(-700));
  await scene.commit((tx) => extendChannelBack(tx, CHANNEL, ts(-100)));
  expect(await since()).toBe(ts(-700));
  expect(await scene.keep(-500)).toBe('new');
});

test('how far history was read is not recorded over a wish for older messages', async () => {
  const scene = await startScene();
  const swept = async () => (await findChannel(scene.db, CHANNEL))?.swept_ts ?? null;
  const from = await swept();
  await setChannelSwept(scene.db, CHANNEL, { from, to: ts(9), at: 0 });
  expect(await swept()).toBe(ts(9));
  await scene.commit((tx) => extendChannelBack(tx, CHANNEL, ts(-700)));
  await setChannelSwept(scene.db, CHANNEL, { from: ts(9), to: ts(12), at: 0 });
  expect(await swept()).toBe(ts(-700));
});

test('a channel can be renamed', async () => {
  const scene = await startScene();
  await scene.commit((tx) => renameChannel(tx, CHANNEL, 'ideas'));
  expect((await findChannel(scene.db, CHANNEL))?.name).toBe('ideas');
});
