import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { FLAGS_ON_PAGE } from '../../src/core/home.ts';
import { drawHomes } from '../../src/jobs/home.ts';
import { ACTIONS, formatTarget, SETTINGS } from '../../src/slack/blocks/actions.ts';
import { HOME_PAGE_ACTION } from '../../src/slack/blocks/home/home.ts';
import type { Stage } from '../harness.ts';
import {
  type Action,
  BUG,
  DAY_MS,
  MINUTE_MS,
  offers,
  type People,
  PRAISE,
  startPeople,
  startSummedUp,
  words,
} from './stage.ts';

/** The Home tab: opened, pressed in, kept as things stand, and what each person gets to see of it. */

/** Opens it, and says what it shows. */
async function open(stage: Stage, user: string): Promise<string> {
  stage.slack.openHome(user);
  await stage.slack.idle();
  await drawHomes(stage.context);
  return shown(stage, user);
}

const blocksOf = ({ slack }: Stage, user: string) => slack.home(user)?.view.blocks;
const shown = (stage: Stage, user: string) => words(blocksOf(stage, user));

/** Presses something there, and waits until the bot has drawn what has come of it. */
async function press(
  people: People,
  user: string,
  ts: string,
  action: Action,
  option?: string,
): Promise<string> {
  const { slack, channel, woken } = people;
  const before = woken.length;
  const elements = blocksOf(people, user) as { block_id: string }[];
  const blockId = elements.find(({ block_id }) => block_id.startsWith(formatTarget(channel, ts)));
  const answer = await slack.click({
    user,
    home: true,
    actionId: ACTIONS[action],
    ...(blockId && { blockId: blockId.block_id }),
    ...(option && { selectedOption: option }),
  });
  expect(answer).toMatchObject({ acked: true });
  await people.waitFor(() => woken.slice(before).includes('home'), { what: `${action} at home` });
  await drawHomes(people.context);
  return shown(people, user);
}

const published = ({ slack }: Stage) => slack.callCounts.get('views.publish') ?? 0;

describe('what it shows', () => {
  test('what needs a person, the last runs, the course, the channels, what is next and what it cost', async () => {
    const people = await startSummedUp([BUG, PRAISE]);
    const { slack, channel, ben, sent } = people;
    slack.post({ channel, user: ben, text: 'One more' });
    await slack.idle();
    const home = await open(people, ben);
    expect(home).toContain('What needs a person · 1 open');
    expect(home).toContain(`#${channel} · ana · :bug: Bug · Open the message`);
    expect(home).toContain('Flagged: bug, medium urgency, negative sentiment');
    expect(home).toMatch(/Last runs\n.*#C\w+ · 2 messages · \$0\.\d+ · .*Summary/s);
    expect(home).toContain('asked for by ana');
    expect(home).toContain(`#${channel} · 1 pending · since`);
    expect(home).toMatch(/Next on schedule: summary .* · Claude this month: \$0\.\d+/);
    const links = slack.links({ text: '', blocks: blocksOf(people, ben) as never[] });
    const { ts } = people.digest();
    const idOf = (one: string) => `p${one.replace('.', '')}`;
    expect(links.map(({ url }) => url.split('/').at(-1))).toEqual([idOf(sent[0] ?? ''), idOf(ts)]);
  });

  test('how to begin, while the bot is in no channel', async () => {
    const people = await startPeople([]);
    const { slack, channel, ben } = people;
    slack.removeBot(channel, ben);
    await slack.idle();
    const home = await open(people, ben);
    expect(home).toContain('Let us begin');
    expect(home).toContain('/invite');
    expect(home).not.toContain('#');
  });

  test('that nothing needs a person, before the first run', async () => {
    const people = await startPeople([]);
    const home = await open(people, people.ben);
    expect(home).toContain('Nothing needs a person');
    expect(home).toContain('None yet');
    expect(home).toContain('nothing pending');
    expect(offers(blocksOf(people, people.ben))).toEqual([SETTINGS.open]);
  });

  test('nothing of channels that somebody is not in, also not their names', async () => {
    const people = await startSummedUp([BUG]);
    const { slack, ben, cleo } = people;
    const secret = slack.addChannel({ name: 'secret', isPrivate: true, members: [ben] });
    slack.inviteBot(secret, ben);
    await slack.idle();
    slack.post({ channel: secret, user: ben, text: 'It crashes secretly when I save' });
    await slack.idle();
    await people.type('', { channel: secret, user: ben });
    await people.rest();
    const bens = await open(people, ben);
    expect(bens).toContain('What needs a person · 2 open');
    expect(bens).toContain(`#${secret}`);
    const cleos = await open(people, cleo);
    expect(cleos).toContain('What needs a person · 1 open');
    expect(cleos).not.toMatch(new RegExp(`${secret}|secret`));
    const zoe = slack.addUser({ name: 'zoe' });
    const zoes = await open(people, zoe);
    expect(zoes).toContain('You are in none of my channels');
    expect(zoes).not.toMatch(/#|secret|crashes/);
  });

  test('no more of a channel once somebody has left it, also while they look', async () => {
    const events = ['message.channels', 'app_home_opened', 'member_left_channel'];
    const people = await startSummedUp([BUG], { slack: { events } });
    const { slack, channel, ben, clock } = people;
    expect(await open(people, ben)).toContain('1 open');
    slack.leave(channel, ben);
    await slack.idle();
    clock.jump(MINUTE_MS);
    await drawHomes(people.context);
    expect(shown(people, ben)).toContain('You are in none of my channels');
  });

  test('no channel that the settings leave out', async () => {
    const people = await startSummedUp([BUG]);
    const other = people.slack.addChannel({ name: 'other', members: [people.ben] });
    people.slack.inviteBot(other, people.ben);
    await people.slack.idle();
    people.changeSettings({ feedbackChannels: [people.channel] });
    expect(await open(people, people.ben)).not.toContain(`#${other}`);
  });

  test('to guests what they may see, without anything to press but to turn the page', async () => {
    const people = await startSummedUp([BUG]);
    const { slack, channel } = people;
    const guest = slack.addUser({ name: 'guest', isRestricted: true });
    slack.join(channel, guest);
    await slack.idle();
    const home = await open(people, guest);
    expect(home).toContain('What needs a person · 1 open');
    expect(home).toContain('Guests can read along');
    expect(offers(blocksOf(people, guest))).toEqual([]);
  });

  test('the tab of messages is no Home tab', async () => {
    const people = await startSummedUp([BUG]);
    people.slack.openHome(people.ben, 'messages');
    await people.slack.idle();
    await drawHomes(people.context);
    expect(published(people)).toBe(0);
  });
});

describe('many', () => {
  test('come a page at a time, the oldest first, and none is left out or shown twice', async () => {
    const total = 2 * FLAGS_ON_PAGE + 3;
    const people = await startSummedUp(Array.from({ length: total }, (_, n) => `${BUG} ${n}`));
    const { slack, ben, sent } = people;
    const seen: string[][] = [];
    const read = () => {
      const links = slack.links({ text: '', blocks: blocksOf(people, ben) as never[] });
      seen.push(links.flatMap(({ url, label }) => (label.startsWith('Open') ? url : [])));
    };
    const turn = async (way: string) => {
      const before = people.woken.length;
      await slack.click({ user: ben, home: true, actionId: `${HOME_PAGE_ACTION}${way}` });
      await people.waitFor(() => people.woken.slice(before).includes('home'));
      await drawHomes(people.context);
      read();
    };
    expect(await open(people, ben)).toContain(`1–${FLAGS_ON_PAGE} of ${total}`);
    read();
    await turn('newer');
    await turn('newer');
    expect(shown(people, ben)).toContain(`${2 * FLAGS_ON_PAGE + 1}–${total} of ${total}`);
    expect(seen.map((page) => page.length)).toEqual([FLAGS_ON_PAGE, FLAGS_ON_PAGE, 3]);
    expect(seen.flat().map((url) => url.split('/p').at(-1))).toEqual(
      sent.map((ts) => ts.replace('.', '')),
    );
    expect(offers(blocksOf(people, ben)).at(-2)).toBe(`${HOME_PAGE_ACTION}older`);
    // Done with the last page: the one before it is shown.
    for (const ts of sent.slice(-3)) await press(people, ben, ts, 'resolve');
    expect(shown(people, ben)).toContain(`${FLAGS_ON_PAGE + 1}–${2 * FLAGS_ON_PAGE} of`);
  });

  test('500 of them are readable, and no view is too large', async () => {
    const people = await startPeople([]);
    const { channel, user } = people;
    await sql`with recursive n(i) as (select 0 union all select i + 1 from n where i < 499)
      insert into messages (channel, ts, author, text, revision, posted_at, collected_at, state)
      select ${channel}, (1732200000 + i) || '.000100', ${user}, 'It crashes ' || i, 1,
        1732200000000 + i, 1732200000000 + i, 'judged' from n`.execute(people.context.db);
    await sql`insert into flags (channel, ts, state, opened_at, changed_at, touched_at)
      select channel, ts, iif(posted_at % 5 = 0, 'claimed', 'open'), posted_at, posted_at, posted_at
      from messages`.execute(people.context.db);
    const home = await open(people, people.ben);
    expect(home).toContain('What needs a person · 500 open');
    expect(home).toContain('100 claimed');
    expect((blocksOf(people, people.ben) as unknown[]).length).toBeLessThanOrEqual(100);
  });
});

describe('what is pressed in it', () => {
  test('does what it does on a card, and is shown: claim, undo, resolve, and undo of what is gone', async () => {
    const people = await startSummedUp([BUG, `${BUG} again`]);
    const { ben, sent } = people;
    const [ts = ''] = sent;
    await open(people, ben);
    expect(await press(people, ben, ts, 'claim')).toContain('Claimed by ben');
    expect(await people.flag(ts)).toEqual({ state: 'claimed', by: ben });
    expect(await press(people, ben, ts, 'undo')).not.toContain('Claimed by');
    const resolved = await press(people, ben, ts, 'resolve');
    expect(resolved).toContain('What needs a person · 1 open');
    expect(resolved).toContain('You have just done');
    await people.rest();
    expect(people.stateOf(ts)).toBe('resolved');
    expect(await press(people, ben, ts, 'undo')).toContain('What needs a person · 2 open');
    expect(await press(people, ben, ts, 'dismiss')).toContain(':no_good:');
    expect((await people.acts()).map(({ kind, source }) => `${kind} ${source}`)).toEqual([
      'claim button',
      'undo button',
      'resolve button',
      'undo button',
      'dismiss button',
    ]);
  });

  test('corrects the category', async () => {
    const people = await startSummedUp([BUG]);
    const { ben, sent } = people;
    await open(people, ben);
    const home = await press(people, ben, sent[0] ?? '', 'category', 'usability');
    expect(home).toContain(':confounded: Usability, says ben');
  });

  test('opens Why? over it', async () => {
    const people = await startSummedUp([BUG]);
    const { slack, ben } = people;
    await open(people, ben);
    await slack.click({ user: ben, home: true, actionId: ACTIONS.why });
    const modal = await slack.waitFor(() => slack.views[0]);
    expect(words(modal.view.blocks)).toContain('What was judged');
  });

  test('opens the settings over it', async () => {
    const people = await startSummedUp([BUG]);
    const { slack, ben } = people;
    await open(people, ben);
    await slack.click({ user: ben, home: true, actionId: SETTINGS.open });
    const modal = await slack.waitFor(() => slack.views[0]);
    expect(modal.view).toMatchObject({ type: 'modal', callback_id: SETTINGS.save });
  });

  test('and refused is told there, until something else is pressed', async () => {
    const people = await startSummedUp([BUG, `${BUG} again`]);
    const { slack, channel, ben, sent } = people;
    const [first = '', second = ''] = sent;
    await open(people, ben);
    // A button that is no longer as things stand.
    slack.delete({ channel, ts: first });
    await slack.idle();
    const notice = 'That message has been deleted';
    expect(await press(people, ben, first, 'claim')).toContain(notice);
    expect(await people.flag(first)).toMatchObject({ state: 'withdrawn' });
    expect(await press(people, ben, second, 'claim')).not.toContain(notice);
    expect(people.told(ben)).toEqual([]);
  });
});

describe('it is kept as things stand', () => {
  test('for ten minutes after it was opened, and only when something has changed', async () => {
    const people = await startSummedUp([BUG]);
    const { ben, cleo, sent, clock } = people;
    await open(people, ben);
    clock.jump(MINUTE_MS);
    await drawHomes(people.context);
    expect(published(people)).toBe(1);
    await people.react(cleo, sent[0] ?? '', 'eyes');
    clock.jump(MINUTE_MS);
    await drawHomes(people.context);
    expect(shown(people, ben)).toContain('Claimed by cleo');
    const before = published(people);
    clock.jump(10 * MINUTE_MS);
    await people.react(cleo, sent[0] ?? '', 'white_check_mark');
    await drawHomes(people.context);
    expect(published(people)).toBe(before);
    expect(await people.rows(sql`select * from homes`)).toEqual([]);
    expect(await open(people, ben)).toContain('Nothing needs a person');
  });

  test('and its page is kept for as long', async () => {
    const people = await startSummedUp(
      Array.from({ length: FLAGS_ON_PAGE + 1 }, (_, n) => `${BUG} ${n}`),
    );
    const { slack, ben, clock } = people;
    await open(people, ben);
    await slack.click({ user: ben, home: true, actionId: `${HOME_PAGE_ACTION}newer` });
    expect(await open(people, ben)).toContain('13–13 of 13');
    clock.jump(11 * MINUTE_MS);
    await drawHomes(people.context);
    expect(await open(people, ben)).toContain('1–12 of 13');
  });
});

describe('when Slack does not do it', () => {
  const failing = async () => {
    const people = await startSummedUp([BUG]);
    const { slack, ben } = people;
    return { people, slack, ben };
  };

  test('a lost answer is tried again', async () => {
    const { people, slack, ben } = await failing();
    slack.faults.add({ method: 'views.publish', kind: 'status', status: 503, when: 'after' });
    await open(people, ben);
    expect(people.logs).toContainEqual(expect.objectContaining({ level: 'warn', user: ben }));
    people.clock.jump(MINUTE_MS);
    await drawHomes(people.context);
    expect(published(people)).toBe(2);
    expect(shown(people, ben)).toContain('1 open');
  });

  test('a limit is waited for', async () => {
    const { people, slack, ben } = await failing();
    slack.faults.add({ method: 'views.publish', kind: 'rate_limit', retryAfter: 7 });
    slack.openHome(ben);
    await slack.idle();
    const next = await drawHomes(people.context);
    expect(next).not.toBeNull();
    expect(slack.home(ben)).toBeUndefined();
    people.clock.jump(7_000);
    await drawHomes(people.context);
    expect(shown(people, ben)).toContain('1 open');
  });

  test('a refusal is logged and not repeated, until it is opened again', async () => {
    const { people, slack, ben } = await failing();
    slack.faults.add({ method: 'views.publish', kind: 'error', error: 'not_enabled' });
    await open(people, ben);
    people.clock.jump(MINUTE_MS);
    await drawHomes(people.context);
    expect(published(people)).toBe(1);
    expect(people.logs).toContainEqual(
      expect.objectContaining({ level: 'warn', user: ben, reason: 'not_enabled' }),
    );
    expect(await open(people, ben)).toContain('1 open');
  });

  test('nobody is shown anything while Slack cannot say which channels they are in', async () => {
    const { people, slack, ben } = await failing();
    slack.faults.add({
      method: 'users.conversations',
      kind: 'status',
      status: 503,
      when: 'before',
    });
    await open(people, ben);
    expect(slack.home(ben)).toBeUndefined();
    people.clock.jump(MINUTE_MS);
    await drawHomes(people.context);
    expect(shown(people, ben)).toContain('1 open');
  });

  test('one that fails keeps nobody else from theirs', async () => {
    const { people, slack, ben } = await failing();
    slack.faults.add({
      method: 'users.conversations',
      kind: 'status',
      status: 503,
      when: 'before',
    });
    slack.openHome(ben);
    slack.openHome(people.cleo);
    await slack.idle();
    await drawHomes(people.context);
    expect([slack.home(ben), slack.home(people.cleo)].filter(Boolean)).toHaveLength(1);
  });
});

test('an opening is committed before it is acknowledged, and drawn after a restart', async () => {
  const people = await startSummedUp([BUG], { onDisk: true });
  const { slack, ben } = people;
  slack.openHome(ben);
  await slack.idle();
  await people.restart();
  await drawHomes(people.context);
  expect(shown(people, ben)).toContain('1 open');
});

test('one that cannot be committed is not acknowledged: Slack sends it again', async () => {
  const people = await startSummedUp([BUG]);
  const { slack, ben } = people;
  const allow = await people.refuseInserts('homes');
  slack.openHome(ben);
  await people.waitFor(() => people.logs.some(({ level }) => level === 'error'));
  await allow();
  slack.timeOut();
  await slack.idle();
  await drawHomes(people.context);
  expect(shown(people, ben)).toContain('1 open');
});

test('the days of the course are those of the zone of the bot', async () => {
  const people = await startPeople([], { settings: { timeZone: 'Pacific/Auckland' } });
  const { slack, channel, user, clock } = people;
  for (let day = 0; day < 5; day += 1) {
    for (let n = 0; n < 4; n += 1) slack.post({ channel, user, text: `It crashes on ${day}.${n}` });
    await slack.idle();
    clock.jump(DAY_MS);
  }
  await people.sumUp();
  expect(await open(people, people.ben)).toContain('Feedback a day, last 14 days');
});

test('a Home tab that Slack refuses for now is drawn a little later', async () => {
  const people = await startSummedUp([BUG]);
  const { slack, user } = people;
  slack.faults.add({
    method: 'views.publish',
    kind: 'error',
    error: 'team_added_to_org',
    times: 2,
  });
  slack.openHome(user);
  await slack.idle();
  for (let n = 0; n < 5; n++) {
    people.clock.jump(10_000);
    await people.step();
  }
  expect(slack.home(user)).toBeDefined();
});
