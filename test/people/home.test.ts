import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { FLAGS_ON_PAGE } from '../../src/core/home/facts.ts';
import { drawHomes } from '../../src/jobs/home/draw.ts';
import { ACTIONS, SETTINGS } from '../../src/slack/blocks/actions.ts';
import { HOME_FILTER } from '../../src/slack/blocks/home/filter.ts';
import { HOME_PAGE_ACTION } from '../../src/slack/blocks/home/home.ts';
import type { Stage } from '../harness.ts';
import { clickHome, homeBlocks, openHome, pressHome, shownHome } from './homes.ts';
import {
  BUG,
  DAY_MS,
  MINUTE_MS,
  offers,
  PRAISE,
  startPeople,
  startSummedUp,
  words,
} from './stage.ts';

/** The Home tab: opened, pressed in, kept as things stand, and what each person gets to see of it. */

const published = ({ slack }: Stage) => slack.callCounts.get('views.publish') ?? 0;

describe('what it shows', () => {
  test('what needs attention, the last runs, the course, the channels, what is next and what it cost', async () => {
    const people = await startSummedUp([BUG, PRAISE]);
    const { slack, channel, ben, sent } = people;
    slack.post({ channel, user: ben, text: 'One more' });
    await slack.idle();
    const home = await openHome(people, ben);
    expect(home).toContain('1 needs attention');
    expect(home).toContain(`#${channel} · ana · :bug: Bug · Open the message`);
    expect(home).toContain('Flagged: bug, medium urgency, negative sentiment');
    expect(home).toMatch(/Last runs\n.*#C\w+ · 2 messages · \$0\.\d+ · .*Summary/s);
    expect(home).toContain('requested by ana');
    expect(home).toContain(`#${channel} · 1 pending · collecting since`);
    expect(home).toMatch(/Next summary: Tue,? 29 Feb,? 00:00 \(UTC\) · 1 message pending/);
    expect(home).toMatch(/Claude this month: \$0\.\d+/);
    const links = slack.links({ text: '', blocks: homeBlocks(people, ben) as never[] });
    const { ts } = people.digest();
    const idOf = (one: string) => `p${one.replace('.', '')}`;
    expect(links.map(({ url }) => url.split('/').at(-1))).toEqual([idOf(sent[0] ?? ''), idOf(ts)]);
  });

  test('how to begin, while the bot is in no channel', async () => {
    const people = await startPeople([]);
    const { slack, channel, ben } = people;
    slack.removeBot(channel, ben);
    await slack.idle();
    const home = await openHome(people, ben);
    expect(home).toContain('Get started');
    expect(home).toContain('/invite');
    expect(home).not.toContain('#');
  });

  test('that nothing needs attention, before the first run', async () => {
    const people = await startPeople([]);
    const home = await openHome(people, people.ben);
    expect(home).toContain('Nothing needs attention');
    expect(home).toContain('None yet');
    expect(home).toContain('nothing pending');
    expect(offers(homeBlocks(people, people.ben))).toEqual([SETTINGS.open]);
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
    const bens = await openHome(people, ben);
    expect(bens).toContain('2 need attention');
    expect(bens).toContain(`#${secret}`);
    const cleos = await openHome(people, cleo);
    expect(cleos).toContain('1 needs attention');
    expect(cleos).not.toMatch(new RegExp(`${secret}|secret`));
    const zoe = slack.addUser({ name: 'zoe' });
    const zoes = await openHome(people, zoe);
    expect(zoes).toContain('You are in none of the feedback channels');
    expect(zoes).not.toMatch(/#|secret|crashes/);
  });

  test('no more of a channel once somebody has left it, also while they look', async () => {
    const events = ['message.channels', 'app_home_opened', 'member_left_channel'];
    const people = await startSummedUp([BUG], { slack: { events } });
    const { slack, channel, ben, clock } = people;
    expect(await openHome(people, ben)).toContain('1 needs attention');
    slack.leave(channel, ben);
    await slack.idle();
    clock.jump(MINUTE_MS);
    await drawHomes(people.context);
    expect(shownHome(people, ben)).toContain('You are in none of the feedback channels');
  });

  test('no channel that the settings leave out', async () => {
    const people = await startSummedUp([BUG]);
    const other = people.slack.addChannel({ name: 'other', members: [people.ben] });
    people.slack.inviteBot(other, people.ben);
    await people.slack.idle();
    people.changeSettings({ feedbackChannels: [people.channel] });
    expect(await openHome(people, people.ben)).not.toContain(`#${other}`);
  });

  test('to guests what they may see, without anything to press but the filters and the pages', async () => {
    const people = await startSummedUp([BUG]);
    const { slack, channel } = people;
    const guest = slack.addUser({ name: 'guest', isRestricted: true });
    slack.join(channel, guest);
    await slack.idle();
    const home = await openHome(people, guest);
    expect(home).toContain('1 needs attention');
    expect(home).toContain('Guests can read along');
    expect(offers(homeBlocks(people, guest))).toEqual([
      `${HOME_FILTER.whose}all`,
      `${HOME_FILTER.whose}mine`,
      `${HOME_FILTER.whose}unclaimed`,
      HOME_FILTER.category,
    ]);
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
  test('come a page at a time, the oldest of one urgency first, and none is left out or shown twice', async () => {
    const total = 2 * FLAGS_ON_PAGE + 3;
    const people = await startSummedUp(Array.from({ length: total }, (_, n) => `${BUG} ${n}`));
    const { slack, ben, sent } = people;
    const seen: string[][] = [];
    const read = () => {
      const links = slack.links({ text: '', blocks: homeBlocks(people, ben) as never[] });
      seen.push(links.flatMap(({ url, label }) => (label.startsWith('Open') ? url : [])));
    };
    const turn = async (way: string) => {
      const before = people.woken.length;
      await slack.click({ user: ben, home: true, actionId: `${HOME_PAGE_ACTION}${way}` });
      await people.waitFor(() => people.woken.slice(before).includes('home'));
      await drawHomes(people.context);
      read();
    };
    expect(await openHome(people, ben)).toContain(`1–${FLAGS_ON_PAGE} of ${total}`);
    read();
    await turn('next');
    await turn('next');
    expect(shownHome(people, ben)).toContain(`${2 * FLAGS_ON_PAGE + 1}–${total} of ${total}`);
    expect(seen.map((page) => page.length)).toEqual([FLAGS_ON_PAGE, FLAGS_ON_PAGE, 3]);
    expect(seen.flat().map((url) => url.split('/p').at(-1))).toEqual(
      sent.map((ts) => ts.replace('.', '')),
    );
    expect(offers(homeBlocks(people, ben)).at(-1)).toBe(`${HOME_PAGE_ACTION}previous`);
    // Done with the last page: the one before it is shown.
    for (const ts of sent.slice(-3)) await pressHome(people, ben, ts, 'resolve');
    expect(shownHome(people, ben)).toContain(`${FLAGS_ON_PAGE + 1}–${2 * FLAGS_ON_PAGE} of`);
  });

  test('500 of them are readable, and no view is too large', async () => {
    const people = await startPeople([]);
    const { channel, user } = people;
    await sql`with recursive n(i) as (select 0 union all select i + 1 from n where i < 499)
      insert into messages (channel, ts, author, text, revision, posted_at, collected_at, state)
      select ${channel}, (1732200000 + i) || '.000100', ${user}, 'It crashes ' || i, 1,
        1732200000000 + i, 1732200000000 + i, 'judged' from n`.execute(people.context.db);
    await sql`insert into flags (channel, ts, state, opened_at, changed_at, touched_at)
      select channel, ts, case when posted_at % 5 = 0 then 'claimed' else 'open' end, posted_at, posted_at, posted_at
      from messages`.execute(people.context.db);
    const home = await openHome(people, people.ben);
    expect(home).toContain('500 need attention');
    expect(home).toContain('100 claimed');
    expect((homeBlocks(people, people.ben) as unknown[]).length).toBeLessThanOrEqual(100);
  });
});

describe('what is pressed in it', () => {
  test('does what it does on a card, and is shown: claim, undo, resolve, and undo of what is gone', async () => {
    const people = await startSummedUp([BUG, `${BUG} again`]);
    const { ben, sent } = people;
    const [ts = ''] = sent;
    await openHome(people, ben);
    expect(await pressHome(people, ben, ts, 'claim')).toContain('Claimed by ben');
    expect(await people.flag(ts)).toEqual({ state: 'claimed', by: ben });
    expect(await pressHome(people, ben, ts, 'undo')).not.toContain('Claimed by');
    const resolved = await pressHome(people, ben, ts, 'resolve');
    expect(resolved).toContain('1 needs attention');
    expect(resolved).toContain('You have just done');
    await people.rest();
    expect(people.stateOf(ts)).toBe('resolved');
    expect(await pressHome(people, ben, ts, 'undo')).toContain('2 need attention');
    expect(await pressHome(people, ben, ts, 'dismiss')).toContain(':no_good:');
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
    await openHome(people, ben);
    const home = await pressHome(people, ben, sent[0] ?? '', 'category', 'usability');
    expect(home).toContain(':confounded: Usability, says ben');
  });

  test('opens Why? over it', async () => {
    const people = await startSummedUp([BUG]);
    const { slack, ben } = people;
    await openHome(people, ben);
    await slack.click({ user: ben, home: true, actionId: ACTIONS.why });
    const modal = await slack.waitFor(() => slack.views[0]);
    expect(words(modal.view.blocks)).toContain('What was classified');
  });

  test('opens the settings over it', async () => {
    const people = await startSummedUp([BUG]);
    const { slack, ben } = people;
    await openHome(people, ben);
    await slack.click({ user: ben, home: true, actionId: SETTINGS.open });
    const modal = await slack.waitFor(() => slack.views[0]);
    expect(modal.view).toMatchObject({ type: 'modal', callback_id: SETTINGS.save });
  });

  test('and refused is told there, until something else is pressed', async () => {
    const people = await startSummedUp([BUG, `${BUG} again`]);
    const { slack, channel, ben, sent } = people;
    const [first = '', second = ''] = sent;
    await openHome(people, ben);
    // A button that is no longer as things stand.
    slack.delete({ channel, ts: first });
    await slack.idle();
    const notice = 'That message has been deleted';
    expect(await pressHome(people, ben, first, 'claim')).toContain(notice);
    expect(await people.flag(first)).toMatchObject({ state: 'withdrawn' });
    expect(await pressHome(people, ben, second, 'claim')).not.toContain(notice);
    expect(people.told(ben)).toEqual([]);
  });
});

describe('it is kept as things stand', () => {
  test('for ten minutes after it was opened, and only when something has changed', async () => {
    const people = await startSummedUp([BUG]);
    const { ben, cleo, sent, clock } = people;
    await openHome(people, ben);
    clock.jump(MINUTE_MS);
    await drawHomes(people.context);
    expect(published(people)).toBe(1);
    await people.react(cleo, sent[0] ?? '', 'eyes');
    clock.jump(MINUTE_MS);
    await drawHomes(people.context);
    expect(shownHome(people, ben)).toContain('Claimed by cleo');
    const before = published(people);
    clock.jump(10 * MINUTE_MS);
    await people.react(cleo, sent[0] ?? '', 'white_check_mark');
    await drawHomes(people.context);
    expect(published(people)).toBe(before);
    expect(await people.rows(sql`select * from homes`)).toEqual([]);
    expect(await openHome(people, ben)).toContain('Nothing needs attention');
  });

  test('and its page is kept for as long', async () => {
    const people = await startSummedUp(
      Array.from({ length: FLAGS_ON_PAGE + 1 }, (_, n) => `${BUG} ${n}`),
    );
    const { slack, ben, clock } = people;
    await openHome(people, ben);
    await slack.click({ user: ben, home: true, actionId: `${HOME_PAGE_ACTION}next` });
    expect(await openHome(people, ben)).toContain('13–13 of 13');
    clock.jump(11 * MINUTE_MS);
    await drawHomes(people.context);
    expect(await openHome(people, ben)).toContain('1–12 of 13');
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
    await openHome(people, ben);
    expect(people.logs).toContainEqual(expect.objectContaining({ level: 'warn', user: ben }));
    people.clock.jump(MINUTE_MS);
    await drawHomes(people.context);
    expect(published(people)).toBe(2);
    expect(shownHome(people, ben)).toContain('1 needs attention');
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
    expect(shownHome(people, ben)).toContain('1 needs attention');
  });

  test('a refusal is logged and not repeated, until it is opened again', async () => {
    const { people, slack, ben } = await failing();
    slack.faults.add({ method: 'views.publish', kind: 'error', error: 'not_enabled' });
    await openHome(people, ben);
    people.clock.jump(MINUTE_MS);
    await drawHomes(people.context);
    expect(published(people)).toBe(1);
    expect(people.logs).toContainEqual(
      expect.objectContaining({ level: 'warn', user: ben, reason: 'not_enabled' }),
    );
    expect(await openHome(people, ben)).toContain('1 needs attention');
  });

  test('nobody is shown anything while Slack cannot say which channels they are in', async () => {
    const { people, slack, ben } = await failing();
    slack.faults.add({
      method: 'users.conversations',
      kind: 'status',
      status: 503,
      when: 'before',
    });
    await openHome(people, ben);
    expect(slack.home(ben)).toBeUndefined();
    people.clock.jump(MINUTE_MS);
    await drawHomes(people.context);
    expect(shownHome(people, ben)).toContain('1 needs attention');
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
  expect(shownHome(people, ben)).toContain('1 needs attention');
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
  expect(shownHome(people, ben)).toContain('1 needs attention');
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
  expect(await openHome(people, people.ben)).toContain('Feedback per day, last 14 days');
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

describe('at its top', () => {
  test('a run under way has its progress, and what keeps it waiting has a button that mends it', async () => {
    const people = await startPeople([BUG, PRAISE]);
    const { claude, ben, cleo, channel, slack } = people;
    const mend = claude.faults.add({ kind: 'spend_cap', times: Number.POSITIVE_INFINITY });
    await people.type();
    await people.settle(() => JSON.stringify(people.posts()).includes(ACTIONS.retry));
    const home = await openHome(people, ben);
    expect(home).toContain(`#${channel} · Classifying: 0 of 2`);
    expect(home).toContain('The run has to wait');
    expect(home).toContain('raise the spend limit');
    const guest = slack.addUser({ name: 'guest', isRestricted: true });
    slack.join(channel, guest);
    await slack.idle();
    await openHome(people, guest);
    expect(offers(homeBlocks(people, guest))).not.toContain(ACTIONS.retry);
    mend();
    expect(await clickHome(people, ben, ACTIONS.retry)).toContain('Trying again');
    await people.rest();
    expect(await openHome(people, cleo)).not.toContain('has to wait');
  });
});
