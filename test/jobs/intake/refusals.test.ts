import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { sweep, sweepRegularly } from '../../../src/jobs/intake/sweep.ts';
import { type Stage, startStage, startWith } from '../../harness.ts';

/** Slack refuses to say which channels the bot is in. */

const FOREVER = Number.POSITIVE_INFINITY;

const CODES = [
  'missing_argument',
  'enterprise_is_restricted',
  'ekm_access_denied',
  'missing_scope',
];

const refuse = ({ slack }: Stage, error: string, method = 'users.conversations') =>
  slack.faults.add({ kind: 'error', method, error, times: FOREVER });

const texts = async (stage: Stage) =>
  (await stage.rows(sql<{ text: string }>`select text from messages order by ts`)).map(
    ({ text }) => text,
  );

/** The bot was in the channel before it started, so only the list would say so. */
async function unknownChannel() {
  const stage = await startStage();
  await stage.connect();
  const { slack, user } = stage;
  const other = slack.addChannel({ name: 'other', members: [user, slack.botUserId] });
  return { stage, other };
}

test.each(CODES)('%s: the channels that are known are read all the same', async (error) => {
  const stage = await startWith(['It crashes']);
  const { slack, channel, user } = stage;
  refuse(stage, error);
  slack.post({ channel, user, text: 'It crashes silently', silent: true });
  await sweep(stage.context);
  expect(await texts(stage)).toEqual(['It crashes', 'It crashes silently']);
  expect(await stage.rows(sql`select state from channels`)).toEqual([{ state: 'member' }]);
});

test('it is said once, with what to do about it, and tried again once', async () => {
  const stage = await startWith([]);
  const calm = refuse(stage, 'enterprise_is_restricted');
  const wake = { causes: new Set<string>(), emit() {}, signal: new AbortController().signal };
  await expect(sweepRegularly(stage.context, wake)).rejects.toThrow('enterprise_is_restricted');
  for (let n = 0; n < 3; n++) await sweepRegularly(stage.context, wake);
  const warnings = () => stage.logs.filter(({ message }) => message.includes('list of channels'));
  expect(warnings()).toMatchObject([
    { level: 'warn', advice: expect.stringContaining('Install it in the workspace itself') },
  ]);
  calm();
  await sweep(stage.context);
  expect(stage.context.connection.listRefusal).toBeNull();
  refuse(stage, 'enterprise_is_restricted');
  await sweep(stage.context);
  expect(warnings()).toHaveLength(2);
});

test('a channel of which Slack says that the bot is in it is collected from', async () => {
  const { stage, other } = await unknownChannel();
  refuse(stage, 'missing_argument');
  await sweep(stage.context);
  expect(await stage.type('status', { channel: other })).toMatch(/^\*Pending\*: nothing/);
  await sweep(stage.context);
  stage.slack.post({ channel: other, user: stage.user, text: 'It crashes', silent: true });
  await sweep(stage.context);
  expect(await texts(stage)).toEqual(['It crashes']);
});

test.each(['enterprise_is_restricted', 'missing_argument'])(
  '%s for everything: the asker is told that, not to invite the bot',
  async (error) => {
    const { stage, other } = await unknownChannel();
    refuse(stage, error);
    refuse(stage, error, 'conversations.info');
    await sweep(stage.context);
    const answer = await stage.type('', { channel: other });
    expect(answer).toContain(`(${error})`);
    expect(answer).toContain('Install it in the workspace itself');
    expect(answer).not.toContain('/invite');
  },
);

test('a channel that Slack does not know: the asker is told why that may be', async () => {
  const { stage, other } = await unknownChannel();
  refuse(stage, 'team_access_not_granted');
  refuse(stage, 'channel_not_found', 'conversations.info');
  await sweep(stage.context);
  expect(await stage.type('', { channel: other })).toContain('(team_access_not_granted)');
});

test('while Slack cannot be asked, nobody is told that the bot is not there', async () => {
  const { stage, other } = await unknownChannel();
  stage.slack.faults.add({ kind: 'status', status: 503, method: 'conversations.info' });
  expect(await stage.type('', { channel: other })).toMatch(/right now.*please try again/);
  expect(await stage.type('', { channel: other })).toMatch(/^Nothing is pending/);
});

test('a token of a whole Enterprise Grid names its workspace', async () => {
  const stage = await startStage({ slack: { enterpriseId: 'E0GRID', orgInstall: true } });
  await stage.connect();
  const { slack, user } = stage;
  const other = slack.addChannel({ name: 'other', members: [user, slack.botUserId] });
  await sweep(stage.context);
  expect(await stage.rows(sql`select state from channels where id = ${other}`)).toEqual([
    { state: 'member' },
  ]);
  slack.openHome(user);
  await slack.idle();
  await stage.settle();
  await slack.waitFor(() => slack.home(user));
  expect(stage.logs.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
});
