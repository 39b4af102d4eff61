import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { DEFAULT_SCOPES } from '../../sim/slack/slack-sim.ts';
import type { SimMessage } from '../../sim/slack/types.ts';
import { sweep } from '../../src/jobs/intake/sweep.ts';
import { flattenBlocks } from '../../src/slack/blocks/flatten.ts';
import { type Stage, type StageOptions, startStage } from '../harness.ts';

/** What the bot answers to people who mention it or write to it directly. */

const SCHEDULE = { summarySchedule: '0 9 * * 1-5' };

async function start(options: StageOptions = {}): Promise<Stage & { mention: string }> {
  const stage = await startStage({ settings: SCHEDULE, ...options });
  await stage.connect();
  return Object.defineProperties(
    { mention: `<@${stage.slack.botUserId}>` },
    Object.getOwnPropertyDescriptors(stage),
  ) as Stage & { mention: string };
}

/** Posts it and lets the bot do what follows. @returns its ts */
async function say(
  stage: Stage,
  text: string,
  more: Partial<Parameters<Stage['slack']['post']>[0]> = {},
): Promise<string> {
  const { slack, channel, user } = stage;
  const ts = slack.post({ channel, user, text, ...more });
  await slack.idle({ ignoreRetries: true });
  await stage.settle();
  return ts;
}

const answers = (stage: Stage, channel = stage.channel): SimMessage[] =>
  stage.posts(channel).filter(({ metadata }) => metadata?.event_type === 'winnow_help');

const wordsOf = ({ text, blocks = [] }: SimMessage) => flattenBlocks(text, blocks as object[]);

/** The messages that count as feedback. */
const feedback = async ({ rows }: Stage) =>
  (await rows(sql<{ text: string }>`select text from messages order by ts`)).map(
    ({ text }) => text,
  );

function openDirect({ slack, user }: Stage): string {
  slack.openHome(user, 'messages');
  return slack.direct(user) ?? '';
}

test.each([
  ['none', true],
  ['own', false],
  ['shared', false],
] as const)(
  'in a hosted bot with the key %s, help says that it is missing: %s',
  async (key, isSaid) => {
    const stage = await start({ hosted: { key } });
    await say(stage, `${stage.mention} help`);
    const words = wordsOf(answers(stage)[0] as SimMessage);
    expect(words.includes('The Anthropic API key is missing')).toBe(isSaid);
    expect(words.includes('can set it on my Home tab')).toBe(isSaid);
  },
);

describe('a mention', () => {
  test('is answered in its thread: legend, commands, next summary', async () => {
    const stage = await start();
    const ts = await say(stage, `${stage.mention} help`);
    const [answer, ...more] = answers(stage);
    expect(more).toEqual([]);
    expect(answer).toMatchObject({ thread_ts: ts });
    const words = wordsOf(answer as SimMessage);
    expect(words).toMatch(/^Winnow sorts the feedback in a channel/);
    for (const part of [':eyes: claim', ':bug: Bug', ':triangular_flag_on_post: Needs attention']) {
      expect(words).toContain(part);
    }
    expect(words).toContain('/classify-feedback status');
    expect(words).toMatch(/Next summary: <!date.*\|24 Nov, 09:00>/);
    expect(stage.slack.pings(answer as SimMessage)).toEqual([]);
    expect(answer).not.toHaveProperty('subtype');
    expect(await feedback(stage)).toEqual([]);
    await sweep(stage.context);
    expect(await feedback(stage)).toEqual([]);
  });

  test('that is feedback is collected and not answered', async () => {
    const stage = await start();
    const text = `${stage.mention} the export crashes`;
    await say(stage, text);
    expect(await feedback(stage)).toEqual([text]);
    expect(answers(stage)).toEqual([]);
  });

  test('that is edited into feedback is collected then', async () => {
    const stage = await start();
    const ts = await say(stage, `${stage.mention} help`);
    const { slack, channel, mention } = stage;
    slack.edit({ channel, ts, text: `${mention} the export crashes` });
    await slack.idle();
    await stage.settle();
    expect(await feedback(stage)).toEqual([`${mention} the export crashes`]);
    expect(answers(stage)).toHaveLength(1);
  });

  test('of a sub-command is answered with how to type it', async () => {
    const stage = await start();
    const ts = await say(stage, `${stage.mention} status`);
    const [answer] = answers(stage);
    expect(answer).toMatchObject({ thread_ts: ts });
    expect(wordsOf(answer as SimMessage)).toMatch(
      /^Type \/classify-feedback status in the message box of this channel\./,
    );
    expect(await feedback(stage)).toEqual([]);
  });

  test('in a thread is answered there, once for each question of a person', async () => {
    const stage = await start();
    const { slack, channel, mention } = stage;
    const threadTs = await say(stage, 'It crashes');
    for (const text of [mention, `${mention} help`, `${mention} what can you do?`]) {
      slack.post({ channel, user: stage.user, text, threadTs });
    }
    await say(stage, `${mention} status`, { threadTs });
    expect(answers(stage).map(({ thread_ts }) => thread_ts)).toEqual([threadTs, threadTs]);
    const ben = slack.addUser({ name: 'ben' });
    slack.join(channel, ben);
    await say(stage, `${mention} help`, { threadTs, user: ben });
    expect(answers(stage)).toHaveLength(3);
    const replies = await stage.rows(sql<{ text: string }>`select text from replies`);
    expect(replies).toEqual([]);
  });

  test('in a channel that is not watched is answered with where feedback goes', async () => {
    const stage = await start();
    const { slack, channel, user, mention } = stage;
    stage.changeSettings({ feedbackChannels: [channel] });
    const other = slack.addChannel({ name: 'other', members: [user, slack.botUserId] });
    const ts = await say(stage, `${mention} help`, { channel: other });
    const [answer] = answers(stage, other);
    expect(answer).toMatchObject({ thread_ts: ts });
    expect(wordsOf(answer as SimMessage)).toMatch(/Feedback is not collected in this channel/);
    expect(wordsOf(answer as SimMessage)).toContain(`It is collected in <#${channel}>.`);
    const channels = await stage.rows(sql<{ id: string }>`select id from channels`);
    expect(channels).toEqual([{ id: channel }]);
  });

  test('where nobody may reply is answered to the person alone', async () => {
    const stage = await start();
    const { slack, channel, user, mention } = stage;
    slack.limitPosting(channel, 'no_threads', { allowsEphemerals: true });
    await say(stage, `${mention} help`);
    await stage.settle();
    expect(answers(stage)).toEqual([]);
    const told = slack.ephemerals(user).map(({ text }) => text);
    expect(told).toEqual([expect.stringMatching(/^Winnow sorts the feedback/)]);
  });
});

describe('a direct message', () => {
  test.each(['help', 'What is the weather?', '', 'the export crashes'])(
    '"%s" is answered, and is not feedback',
    async (text) => {
      const stage = await start();
      const direct = openDirect(stage);
      const more = text === '' ? { files: [{ id: 'F0A', name: 'a.png' }] } : {};
      await say(stage, text, { channel: direct, ...more });
      const [answer, ...others] = answers(stage, direct);
      expect(others).toEqual([]);
      expect(answer).not.toHaveProperty('thread_ts');
      const words = wordsOf(answer as SimMessage);
      expect(words).toMatch(/Feedback is not collected in direct messages/);
      expect(words).toContain(`It is collected in <#${stage.channel}>.`);
      expect(await feedback(stage)).toEqual([]);
      const channels = await stage.rows(sql<{ id: string }>`select id from channels`);
      expect(channels).toEqual([{ id: stage.channel }]);
    },
  );

  test('each is answered once, in a thread of the conversation there', async () => {
    const stage = await start();
    const channel = openDirect(stage);
    await say(stage, 'hello', { channel });
    await say(stage, 'status', { channel });
    const [first, second] = answers(stage, channel);
    expect([first?.thread_ts, second?.thread_ts]).toEqual([undefined, undefined]);
    await say(stage, 'help', { channel, threadTs: first?.ts ?? '' });
    const [, , third, ...more] = answers(stage, channel);
    expect(third).toMatchObject({ thread_ts: first?.ts });
    expect(more).toEqual([]);
  });

  test('a reaction there makes it no feedback channel', async () => {
    const stage = await start();
    const channel = openDirect(stage);
    await say(stage, 'help', { channel });
    const ts = answers(stage, channel)[0]?.ts ?? '';
    stage.slack.react({ channel, ts, user: stage.user, name: 'eyes' });
    await stage.slack.idle();
    await stage.settle();
    const channels = await stage.rows(sql<{ id: string }>`select id from channels`);
    expect(channels).toEqual([{ id: stage.channel }]);
    expect(await stage.type('status', { channel })).toContain(`<#${stage.channel}>`);
  });
});

describe('nobody is answered', () => {
  test('who is a bot, an integration, the bot itself, or of another organization', async () => {
    const stage = await start();
    const { slack, channel, mention } = stage;
    const eve = slack.addUser({ name: 'eve', teamId: 'T0CUSTOMER' });
    const robot = slack.addUser({ name: 'robot', isBot: true });
    slack.join(channel, eve);
    slack.join(channel, robot);
    const form = slack.addIntegration({ name: 'Form', hasUser: true });
    await say(stage, `${mention} help`, { user: eve });
    await say(stage, `${mention} help`, { user: robot });
    slack.post({ channel, botId: form, text: `${mention} help` });
    await say(stage, `${mention} help`, { user: slack.botUserId, botId: slack.botId });
    expect(answers(stage)).toEqual([]);
    const bob = slack.addUser({ name: 'bob', isRestricted: true });
    slack.join(channel, bob);
    await say(stage, `${mention} help`, { user: bob });
    expect(answers(stage)).toHaveLength(1);
  });

  test('who edits a message, in a channel or directly', async () => {
    const stage = await start();
    const { slack, mention } = stage;
    const direct = openDirect(stage);
    for (const channel of [stage.channel, direct]) {
      const ts = slack.post({ channel, user: stage.user, text: 'It crashes', silent: true });
      slack.edit({ channel, ts, text: `${mention} help` });
      await slack.idle();
      await stage.settle();
      expect(answers(stage, channel)).toEqual([]);
      slack.delete({ channel, ts });
      await slack.idle();
    }
  });

  test('while the app has no scope for it; all else goes on', async () => {
    const scopes = DEFAULT_SCOPES.filter(
      (scope) => scope !== 'app_mentions:read' && scope !== 'im:history',
    );
    const stage = await start({ slack: { scopes } });
    await say(stage, `${stage.mention} help`);
    await say(stage, 'It crashes');
    const direct = openDirect(stage);
    await say(stage, 'help', { channel: direct });
    expect([...answers(stage), ...answers(stage, direct)]).toEqual([]);
    expect(await feedback(stage)).toEqual(['It crashes']);
  });
});

describe('exactly once', () => {
  test.each(['app_mention', 'message'])('when Slack sends the %s event twice', async (type) => {
    const stage = await start();
    const direct = openDirect(stage);
    stage.slack.eventFaults.add({ kind: 'duplicate', match: (event) => event.type === type });
    const channel = type === 'message' ? direct : stage.channel;
    await say(stage, `${stage.mention} help`, { channel });
    expect(answers(stage, channel)).toHaveLength(1);
  });

  test('when it could not be committed, or Slack did not say who asks', async () => {
    const stage = await start();
    const { slack, mention } = stage;
    const failures = () => stage.logs.filter(({ level }) => level === 'error').length;
    const allow = await stage.refuseInserts('outbox');
    slack.post({ channel: stage.channel, user: stage.user, text: `${mention} help` });
    await stage.waitFor(() => failures() === 1);
    await allow();
    slack.timeOut();
    await slack.idle();
    const ben = slack.addUser({ name: 'ben' });
    slack.join(stage.channel, ben);
    slack.faults.add({ kind: 'error', method: 'users.info', error: 'internal_error', times: 1 });
    slack.post({ channel: stage.channel, user: ben, text: `${mention} help` });
    await stage.waitFor(() => failures() === 2);
    slack.timeOut();
    await slack.idle();
    await stage.settle();
    expect(answers(stage)).toHaveLength(2);
  });

  test.each(['thread', 'direct'])(
    'when the process ends before or after the call: %s',
    async (where) => {
      const stage = await start({ onDisk: true });
      const { slack, mention } = stage;
      const channel = where === 'direct' ? openDirect(stage) : stage.channel;
      slack.post({ channel, user: stage.user, text: `${mention} help` });
      await slack.idle();
      await stage.restart();
      // The answer of the call is lost.
      slack.faults.add({ kind: 'cut', method: 'chat.postMessage', when: 'after' });
      await stage.settle(() => answers(stage, channel).length > 0);
      await stage.restart();
      await stage.settle();
      expect(answers(stage, channel)).toHaveLength(1);
    },
  );
});
