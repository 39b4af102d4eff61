import { describe, expect, test } from 'vitest';
import { findPings } from '../../sim/slack/text.ts';
import { KEY, SETTINGS } from '../../src/slack/blocks/actions.ts';
import { save } from '../settings/stage.ts';
import { homeBlocks, openHome } from './homes.ts';
import { BUG, offers, type People, startPeople } from './stage.ts';

/** What is still to be done in a hosted bot, on the Home tab of those who can do it. */

const KEY_TYPED = 'sk-ant-sim';
const NINE = { summarySchedule: '0 9 * * 1-5' };

/** Ana has installed the app; Cleo is an admin; nobody has said anything yet. */
async function startHosted(
  key: 'own' | 'shared' | 'none' = 'none',
  options: Parameters<typeof startPeople>[1] = {},
): Promise<People> {
  const people = await startPeople([], { settings: NINE, ...options, hosted: { key } });
  people.slack.setAdmin(people.cleo, true);
  return people;
}

/** The bot is in no channel: as it is right after it was installed. */
async function leaveAll({ slack, channel, user }: People): Promise<void> {
  slack.removeBot(channel, user);
  await slack.idle();
}

async function invite({ slack, channel, user }: People): Promise<void> {
  slack.inviteBot(channel, user);
  await slack.idle();
}

/** The steps, with their numbers or what stands for a tick. */
const stepsIn = (home: string) =>
  [...home.matchAll(/^(\d\.|:white_check_mark:) (.*)$/gm)].map(
    ([, sign, title]) => `${sign === ':white_check_mark:' ? 'done:' : sign} ${title}`,
  );

const INVITE = 'Invite Winnow to a feedback channel';
const SET_KEY = 'Set the Anthropic API key';
const CHOOSE = 'Choose when summaries come';

const offered = (people: People, user = people.user) => offers(homeBlocks(people, user));

/** Presses a button of the Home tab that opens a modal. Resolves with it. */
async function open({ slack, user }: People, actionId: string) {
  const before = new Set(slack.views.map(({ id }) => id));
  await slack.click({ user, home: true, actionId });
  return slack.waitFor(() => slack.views.find(({ id }) => !before.has(id)));
}

test('leads from the installation to the first summary, and is gone then', async () => {
  const people = await startHosted('none', { onDisk: true });
  const { slack, channel, user } = people;
  await leaveAll(people);
  const first = await openHome(people, user);
  expect(first).toMatch(/^Get started\n/);
  expect(stepsIn(first)).toEqual([`1. ${INVITE}`, `2. ${SET_KEY}`, `3. ${CHOOSE}`]);
  expect(first).toContain('type /invite @Winnow. Messages count from then on.');
  expect(first).toContain('Summaries come Monday to Friday at 09:00 (UTC).');
  // The settings are those of people who are in a watched channel.
  expect(offered(people)).toEqual([KEY.open]);

  await invite(people);
  const second = await openHome(people, user);
  expect(stepsIn(second)).toEqual([`done: ${INVITE}`, `2. ${SET_KEY}`, `3. ${CHOOSE}`]);
  expect(second).not.toContain('/invite');
  expect(offered(people)).toEqual(expect.arrayContaining([KEY.open, SETTINGS.open]));

  const { id } = await open(people, KEY.open);
  await slack.submitView({ viewId: id, values: { [KEY.block]: { [KEY.input]: KEY_TYPED } } });
  await people.restart();
  await people.connect();
  const third = await openHome(people, user);
  expect(stepsIn(third)).toEqual([`done: ${INVITE}`, `done: ${SET_KEY}`, `3. ${CHOOSE}`]);

  const settings = await open(people, SETTINGS.open);
  await save(people, settings, { days: ['1', '4'], time: '17:30' });
  const last = await openHome(people, user);
  expect(stepsIn(last)).toEqual([]);
  expect(last).not.toMatch(/Get started|Anthropic API key/);
  expect(offered(people)).toEqual([SETTINGS.open, KEY.open]);

  slack.post({ channel, user, text: BUG });
  await people.sumUp();
  expect(await openHome(people, user)).toContain('1 needs attention');
});

test('the schedule can be left as it is: with the first summary, all is done', async () => {
  const people = await startHosted('own');
  const { slack, channel, user } = people;
  expect(stepsIn(await openHome(people, user))).toEqual([
    `done: ${INVITE}`,
    `done: ${SET_KEY}`,
    `3. ${CHOOSE}`,
  ]);
  slack.post({ channel, user, text: BUG });
  await slack.idle();
  await people.sumUp();
  expect(stepsIn(await openHome(people, user))).toEqual([]);
});

test('what was done and is undone is to be done again', async () => {
  const people = await startHosted('own');
  const { slack, channel, user } = people;
  slack.post({ channel, user, text: BUG });
  await slack.idle();
  await people.sumUp();
  await leaveAll(people);
  expect(stepsIn(await openHome(people, user))).toEqual([
    `1. ${INVITE}`,
    `done: ${SET_KEY}`,
    `3. ${CHOOSE}`,
  ]);
  expect(offered(people)).toEqual([KEY.open]);
});

describe('with a shared key', () => {
  test('it has no step for the key, and is done without one', async () => {
    const people = await startHosted('shared');
    const { slack, channel, user } = people;
    const steps = stepsIn(await openHome(people, user));
    expect(steps).toEqual([`done: ${INVITE}`, `2. ${CHOOSE}`]);
    slack.post({ channel, user, text: BUG });
    await slack.idle();
    await people.sumUp();
    expect(stepsIn(await openHome(people, user))).toEqual([]);
    expect(offered(people)).not.toContain(KEY.open);
  });
});

describe('other people', () => {
  test('a member who may not set the key reads who may: by name, never mentioned', async () => {
    const people = await startHosted();
    const home = await openHome(people, people.ben);
    expect(stepsIn(home)).toEqual([`done: ${INVITE}`, `2. ${SET_KEY}`, `3. ${CHOOSE}`]);
    expect(home).toContain(
      'ana, who installed Winnow, can set the key, and so can the admins and owners of this workspace.',
    );
    expect(findPings({ text: '', blocks: homeBlocks(people, people.ben) as never[] })).toEqual([]);
    expect(offered(people, people.ben)).not.toContain(KEY.open);
    expect(offered(people, people.ben)).toContain(SETTINGS.open);
  });

  test('an installer whom Slack does not name has installed it all the same', async () => {
    const people = await startPeople([], {
      hosted: { key: 'none', installedBy: 'U0GONE' },
    });
    const home = await openHome(people, people.ben);
    expect(home).toContain(
      'The person who installed Winnow can set the key, and so can the admins',
    );
  });

  test('an admin can set the key, also one who is in none of the channels', async () => {
    const people = await startHosted();
    await openHome(people, people.cleo);
    expect(offered(people, people.cleo)).toContain(KEY.open);
    people.slack.leave(people.channel, people.cleo);
    await people.slack.idle();
    const home = await openHome(people, people.cleo);
    expect(home).toMatch(/^Get started\n(?:.*\n)*You are in none of the feedback channels/);
    expect(home).toContain('People who are in a feedback channel can change that');
    expect(offered(people, people.cleo)).toEqual([KEY.open]);
  });

  test('who becomes an admin has the button at the next opening; Slack is not asked in between', async () => {
    const people = await startHosted('own');
    const { slack, ben, clock } = people;
    await openHome(people, ben);
    expect(offered(people, ben)).not.toContain(KEY.open);
    slack.setAdmin(ben, true);
    const asked = people.calls('users.info');
    clock.jump(31_000);
    await people.step();
    expect(people.calls('users.info')).toBe(asked);
    await openHome(people, ben);
    expect(offered(people, ben)).toContain(KEY.open);
  });

  test.each([
    ['a guest', { isRestricted: true }],
    ['somebody of another organization', { teamId: 'T0CUSTOMER' }],
  ])('%s has nothing to do', async (_who, more) => {
    const people = await startHosted();
    const { slack, channel } = people;
    const eve = slack.addUser({ name: 'eve', ...more });
    slack.join(channel, eve);
    await slack.idle();
    const home = await openHome(people, eve);
    expect(stepsIn(home)).toEqual([]);
    expect(home).not.toContain('Anthropic');
    expect(offered(people, eve)).toEqual([]);
  });
});

test('a bot of its own has none of it', async () => {
  const people = await startPeople([], { settings: NINE });
  expect(stepsIn(await openHome(people, people.user))).toEqual([]);
  await leaveAll(people);
  const home = await openHome(people, people.user);
  expect(home).toContain('It is in no channel yet');
  expect(home).not.toContain('Anthropic');
});
