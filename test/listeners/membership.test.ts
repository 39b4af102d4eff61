import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { greetInviters } from '../../src/jobs/intake/greet.ts';
import { sweep } from '../../src/jobs/intake/sweep.ts';
import { type Stage, startStage } from '../harness.ts';
import { interfere } from '../interfere.ts';

const DAY_MS = 24 * 3_600_000;

interface ChannelRow {
  state: string;
  since_ts: string;
  invited_by: string | null;
  offer: string;
}

const channelRow = async (stage: Stage) =>
  (await stage.rows(sql<ChannelRow>`select * from channels where id = ${stage.channel}`))[0];

const pending = async (stage: Stage) =>
  (await stage.rows(sql<{ text: string }>`select text from messages order by ts`)).map(
    ({ text }) => text,
  );

/** A message from before, which no event tells of. */
function postOld({ slack, channel, user, clock }: Stage, daysAgo: number, text: string): string {
  const seconds = Math.floor((clock.now() - daysAgo * DAY_MS) / 1000);
  const ts = `${seconds}.${String(text.length).padStart(6, '0')}`;
  return slack.post({ channel, user, text, ts, silent: true });
}

/** The bot is invited into a channel with a past, and has made its offer. */
async function offered(): Promise<Stage> {
  const stage = await startStage();
  postOld(stage, 3, 'three days old');
  postOld(stage, 20, 'twenty days old!');
  postOld(stage, 40, 'forty days old!!!');
  await stage.connect('socket', stage.user);
  await sweep(stage.context);
  await greetInviters(stage.context);
  await stage.settle();
  return stage;
}

/** The bot is invited into a channel where nothing was posted before. */
async function greeted(): Promise<Stage> {
  const stage = await startStage();
  await stage.connect('socket', stage.user);
  await greetInviters(stage.context);
  await stage.settle();
  return stage;
}

/** Presses a button of the offer, and waits until the bot has said something of that kind. */
async function press({ slack, channel, user }: Stage, actionId: string, answer: RegExp) {
  const ephemeral = slack.ephemerals(user)[0]?.id ?? '';
  const pressed = await slack.click({ user, channel, ephemeral, actionId });
  expect(pressed.acked).toBe(true);
  await slack.waitFor(() => slack.ephemerals(user).some(({ text }) => answer.test(text)));
}

describe('added to a channel', () => {
  test('whoever added it is offered older messages, alone, once, with numbers and prices', async () => {
    const stage = await offered();
    const { slack, user, channel } = stage;
    const offers = slack.ephemerals();
    expect(offers).toHaveLength(1);
    expect(offers[0]).toMatchObject({ user, channel });
    const words = JSON.stringify(offers[0]?.blocks);
    expect(words).toMatch(/last 7 days: 1 message, at most about (less than )?\$0\.\d{4}/);
    expect(words).toMatch(/last 30 days: 2 messages, at most about \$0\.\d{4}/);
    expect(await pending(stage)).toEqual([]);

    await greetInviters(stage.context);
    await stage.settle();
    expect(slack.ephemerals()).toHaveLength(1);
    expect(stage.posts()).toEqual([]);
  });

  test('where nothing was posted before, the greeting offers nothing', async () => {
    const stage = await greeted();
    const [greeting, ...others] = stage.slack.ephemerals();
    expect(others).toEqual([]);
    expect(greeting).toMatchObject({ user: stage.user, channel: stage.channel });
    const shown = JSON.stringify(greeting?.blocks);
    expect(shown).toContain('Thanks for adding Winnow');
    expect(shown).toContain('Next summary');
    expect(shown).not.toContain('"button"');
    await greetInviters(stage.context);
    await stage.settle();
    expect(stage.slack.ephemerals()).toHaveLength(1);
  });

  test.each([
    ['take_in_7', ['three days old']],
    ['take_in_30', ['twenty days old!', 'three days old']],
    ['take_in_none', []],
  ])('%s takes in just what it says, with the next sweep', async (actionId, texts) => {
    const stage = await offered();
    await press(stage, actionId, texts.length > 0 ? /^Taking in the messages/ : /^Fine: only/);
    expect(stage.woken).toContain('channel');
    await sweep(stage.context);
    expect(await pending(stage)).toEqual(texts);
  });

  test('pressed twice at the same moment, the first press counts', async () => {
    const stage = await offered();
    await Promise.all([press(stage, 'take_in_none', /./), press(stage, 'take_in_30', /./)]);
    await sweep(stage.context);
    expect(await pending(stage)).toEqual([]);
    expect((await channelRow(stage))?.offer).toBe('answered');
  });

  test('pressed after the bot has left, it says so and takes nothing in', async () => {
    const stage = await offered();
    stage.slack.removeBot(stage.channel);
    await stage.slack.idle();
    await press(stage, 'take_in_30', /^I am no longer in that channel/);
    expect((await channelRow(stage))?.offer).toBe('made');
  });

  test('a choice that cannot be stored is answered with a reference, and can be made again', async () => {
    const stage = await offered();
    const end = await interfere(stage.context.db, { on: 'before update on channels' });
    await press(stage, 'take_in_7', /^Something went wrong on my side.*as btn-[a-z0-9]+\./);
    await end();
    await press(stage, 'take_in_7', /^Taking in the messages/);
    await sweep(stage.context);
    expect(await pending(stage)).toEqual(['three days old']);
  });

  test('being told of the same arrival twice changes nothing', async () => {
    const stage = await startStage();
    stage.slack.eventFaults.add({
      kind: 'duplicate',
      match: ({ type }) => type === 'member_joined_channel',
    });
    await stage.connect('socket', stage.user);
    const before = await channelRow(stage);
    expect(before).toMatchObject({ state: 'member', invited_by: stage.user, offer: 'due' });
    expect(stage.slack.lostEvents).toEqual([]);
  });

  test('messages of the moment of its arrival count, also when they overtake the arrival', async () => {
    const stage = await startStage();
    stage.slack.eventFaults.add({
      kind: 'late',
      match: ({ type }) => type === 'member_joined_channel',
    });
    const connecting = stage.connect('socket', stage.user);
    await stage.slack.waitFor(() =>
      stage.slack.messages(stage.channel).some(({ subtype }) => subtype === 'channel_join'),
    );
    stage.slack.post({ channel: stage.channel, user: stage.user, text: 'welcome, bot' });
    await connecting;
    await sweep(stage.context);
    expect(await pending(stage)).toEqual(['welcome, bot']);
    expect(await channelRow(stage)).toMatchObject({ invited_by: stage.user, offer: 'due' });
  });
});

describe('removed from a channel', () => {
  test('what is pending stays, and back again it counts from the new arrival', async () => {
    const stage = await startStage();
    await stage.connect('socket', stage.user);
    const { slack, channel, user } = stage;
    slack.post({ channel, user, text: 'before' });
    await slack.idle();
    slack.removeBot(channel);
    slack.post({ channel, user, text: 'meanwhile' });
    await slack.idle();
    expect(await channelRow(stage)).toMatchObject({ state: 'left' });
    stage.clock.jump(1000);
    slack.inviteBot(channel, user);
    slack.post({ channel, user, text: 'after' });
    await slack.idle();
    await sweep(stage.context);
    expect(await pending(stage)).toEqual(['before', 'after']);
    expect(await channelRow(stage)).toMatchObject({ state: 'member', offer: 'due' });
    expect(await stage.type()).toMatch(/^Classifying 2 pending messages/);
  });

  test('an archived channel is left', async () => {
    const stage = await startStage();
    await stage.connect('socket', stage.user);
    stage.slack.archive(stage.channel);
    await stage.slack.idle();
    expect(await channelRow(stage)).toMatchObject({ state: 'left' });
  });

  test.each(['no event at all', 'only messages', 'every event'])(
    'opened again, it is collected from at once: %s',
    async (which) => {
      const stage = await startStage();
      await stage.connect('socket', stage.user);
      const { slack, channel, user } = stage;
      slack.archive(channel, user);
      await slack.idle();
      expect(await channelRow(stage)).toMatchObject({ state: 'left' });
      if (which !== 'every event') {
        slack.eventFaults.add({
          kind: 'drop',
          match: ({ type }) => type !== 'message' || which !== 'only messages',
          times: Number.POSITIVE_INFINITY,
        });
      }
      slack.unarchive(channel, user);
      slack.post({ channel, user, text: 'right after' });
      await slack.idle();
      expect(await stage.type('status')).not.toContain('not a member');
      expect(stage.woken).toContain('channel');
      await stage.settle();
      expect(await pending(stage)).toEqual(['right after']);
      expect(await stage.type()).toMatch(/^Classifying 1 pending message/);
    },
  );

  test('the notice of its end does not make it a channel that the bot is in', async () => {
    const stage = await startStage();
    await stage.connect('socket', stage.user);
    stage.slack.eventFaults.add({
      kind: 'late',
      match: ({ subtype }) => subtype === 'channel_archive',
    });
    stage.slack.archive(stage.channel);
    await stage.slack.idle();
    expect(await channelRow(stage)).toMatchObject({ state: 'left' });
  });

  test('a reaction is enough to know that the bot is in a channel', async () => {
    const stage = await startStage();
    await stage.connect('socket', stage.user);
    const { slack, channel, user } = stage;
    const ts = slack.post({ channel, user, text: 'It crashes' });
    await slack.idle();
    slack.removeBot(channel);
    await slack.idle();
    slack.eventFaults.add({
      kind: 'drop',
      match: ({ type }) => type !== 'reaction_added',
      times: Number.POSITIVE_INFINITY,
    });
    slack.inviteBot(channel, user);
    slack.react({ channel, ts, user, name: 'eyes' });
    await slack.idle();
    expect(await channelRow(stage)).toMatchObject({ state: 'member' });
  });

  test('a channel that FEEDBACK_CHANNELS no longer names is left, and its data stays', async () => {
    const stage = await startStage();
    await stage.connect('socket', stage.user);
    const { slack, channel, user } = stage;
    slack.post({ channel, user, text: 'It crashes' });
    await slack.idle();
    stage.changeSettings({ feedbackChannels: ['C0ELSEWHERE'] });
    const calls = slack.callCounts.get('conversations.history') ?? 0;
    await sweep(stage.context);
    expect(slack.callCounts.get('conversations.history') ?? 0).toBe(calls);
    expect(await channelRow(stage)).toMatchObject({ state: 'left' });
    expect(await pending(stage)).toEqual(['It crashes']);
    stage.changeSettings({ feedbackChannels: [channel] });
    await sweep(stage.context);
    expect(await channelRow(stage)).toMatchObject({ state: 'member' });
  });

  test('somebody else who joins or leaves changes nothing', async () => {
    const stage = await startStage();
    await stage.connect('socket', stage.user);
    const before = await channelRow(stage);
    const ben = stage.slack.addUser({ name: 'ben' });
    stage.slack.join(stage.channel, ben, stage.user);
    stage.slack.leave(stage.channel, ben);
    await stage.slack.idle();
    expect(await channelRow(stage)).toEqual(before);
  });
});
