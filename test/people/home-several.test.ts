import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import type { SimView } from '../../sim/slack/types.ts';
import { takeActs } from '../../src/jobs/people/take-acts.ts';
import { formatTarget } from '../../src/slack/blocks/actions.ts';
import { HOME_FILTER } from '../../src/slack/blocks/home/filter.ts';
import { SEVERAL } from '../../src/slack/blocks/home/several.ts';
import { clickHome, homeBlocks, openHome, pressHome, shownHome } from './homes.ts';
import { BUG, offers, type People, startPeople, startSummedUp, words } from './stage.ts';

/** *Dismiss several…* on the Home tab. */

interface Group {
  type: string;
  block_id: string;
  element?: { options: { value: string }[]; initial_options?: { value: string }[] };
}

const groupsOf = ({ view }: SimView) =>
  (view.blocks as Group[]).filter(({ type }) => type === 'input');

const optionsOf = (view: SimView) =>
  groupsOf(view).flatMap(({ element }) => element?.options.map(({ value }) => value) ?? []);

const checkedIn = (view: SimView) =>
  groupsOf(view).flatMap(
    ({ element }) => element?.initial_options?.map(({ value }) => value) ?? [],
  );

/** The modal as it is now. */
function modalOf({ slack }: People, user: string): SimView {
  const view = slack.views.find((one) => one.user === user);
  if (!view) throw new Error('no modal');
  return view;
}

const said = (people: People, user: string) => words(modalOf(people, user).view.blocks);

async function openSeveral(people: People, user: string): Promise<SimView> {
  const { slack } = people;
  if (homeBlocks(people, user).length === 0) await openHome(people, user);
  await slack.click({ user, home: true, actionId: SEVERAL.open });
  return slack.waitFor(() => slack.views.find((view) => view.user === user));
}

const targetsOf = ({ channel }: People, sent: string[]) =>
  sent.map((ts) => formatTarget(channel, ts));

/** Checks these messages, and presses *Next*. */
function choose({ slack }: People, view: SimView, targets: string[]) {
  const values = Object.fromEntries(
    groupsOf(view).map(({ block_id, element }) => {
      const own = element?.options.map(({ value }) => value) ?? [];
      return [block_id, { [SEVERAL.chosen]: own.filter((value) => targets.includes(value)) }];
    }),
  );
  return slack.submitView({ viewId: view.id, values });
}

/** Presses *Dismiss*, and says what has come of it. */
async function confirm(people: People, user: string, reason?: string): Promise<string> {
  const { slack } = people;
  const { id } = modalOf(people, user);
  const values = reason && { values: { [SEVERAL.reason]: { [SEVERAL.reason]: reason } } };
  expect(await slack.submitView({ viewId: id, ...values })).toMatchObject({ acked: true });
  await slack.waitFor(() => !said(people, user).startsWith('Dismissing'));
  await people.rest();
  return said(people, user);
}

const dismissals = async (people: People) =>
  (await people.acts()).filter(({ kind }) => kind === 'dismiss');

const startThree = (options?: Parameters<typeof startSummedUp>[1]) =>
  startSummedUp([`${BUG} 0`, `${BUG} 1`, `${BUG} 2`], options);

/** Many flags, without their cards. */
async function startMany(total: number): Promise<People> {
  const people = await startPeople([]);
  const { channel, user, context } = people;
  await sql`with recursive n(i) as (select 0 union all select i + 1 from n where i < ${total - 1})
    insert into messages (channel, ts, author, text, revision, posted_at, collected_at, state)
    select ${channel}, (1732200000 + i) || '.000100', ${user}, 'It crashes ' || i, 1,
      1732200000000 + i, 1732200000000 + i, 'judged' from n`.execute(context.db);
  await sql`insert into flags (channel, ts, state, opened_at, changed_at, touched_at)
    select channel, ts, 'open', posted_at, posted_at, posted_at from messages`.execute(context.db);
  return people;
}

test('those that are chosen are dismissed in the name of the person, each as by its card', async () => {
  const people = await startThree();
  const { ben, sent } = people;
  const [first = '', second = '', third = ''] = sent;
  const view = await openSeveral(people, ben);
  expect(optionsOf(view)).toEqual(targetsOf(people, sent));
  expect(checkedIn(view)).toEqual([]);
  await choose(people, view, targetsOf(people, [first, third]));
  expect(said(people, ben)).toContain('2 messages will be dismissed');
  expect(modalOf(people, ben).view.submit).toMatchObject({ text: 'Dismiss 2' });
  expect(await dismissals(people)).toEqual([]);
  expect(await confirm(people, ben)).toContain('2 messages dismissed');
  expect([first, second, third].map((ts) => people.stateOf(ts))).toEqual([
    'dismissed',
    'open',
    'dismissed',
  ]);
  expect(await dismissals(people)).toMatchObject(
    [first, third].map((ts) => ({ ts, user: ben, source: 'button', state: 'taken' })),
  );
  await openHome(people, ben);
  expect(shownHome(people, ben)).toContain('1 needs attention');
  // As any act: it can be undone, here or on the card.
  await people.press(ben, first, 'undo');
  expect(people.stateOf(first)).toBe('open');
  await pressHome(people, ben, third, 'undo');
  expect(await people.flag(third)).toMatchObject({ state: 'open' });
});

test('they are those that the filters show', async () => {
  const people = await startThree();
  const { ben, sent } = people;
  const [first = '', ...others] = sent;
  await people.react(people.cleo, first, 'eyes');
  await openHome(people, ben);
  await clickHome(people, ben, `${HOME_FILTER.whose}unclaimed`);
  expect(optionsOf(await openSeveral(people, ben))).toEqual(targetsOf(people, others));
});

test('all can be checked, or none, and the selection can be changed', async () => {
  const people = await startThree();
  const { slack, ben, sent } = people;
  const press = async (actionId: string, until: (view: SimView) => boolean) => {
    const { id } = modalOf(people, ben);
    await slack.click({ user: ben, viewId: id, actionId });
    return slack.waitFor(() => {
      const now = modalOf(people, ben);
      return until(now) ? now : undefined;
    });
  };
  await openSeveral(people, ben);
  const all = await press(SEVERAL.all, (view) => checkedIn(view).length === 3);
  const none = await press(SEVERAL.none, (view) => checkedIn(view).length === 0);
  // Another id: otherwise Slack's apps would keep what was checked.
  expect(groupsOf(none)[0]?.block_id).not.toBe(groupsOf(all)[0]?.block_id);
  const [first = ''] = sent;
  await choose(people, none, targetsOf(people, [first]));
  const again = await press(SEVERAL.back, (view) => view.view.callback_id === SEVERAL.choose);
  expect(checkedIn(again)).toEqual(targetsOf(people, [first]));
});

test('none is not enough', async () => {
  const people = await startThree();
  const { ben } = people;
  const view = await openSeveral(people, ben);
  expect(await choose(people, view, [])).toMatchObject({
    response: {
      response_action: 'errors',
      errors: { [groupsOf(view)[0]?.block_id ?? '']: 'Select at least one message.' },
    },
  });
});

describe('60 and more', () => {
  test('stand in groups of ten, and are dismissed once each', async () => {
    const people = await startMany(60);
    const { slack, ben } = people;
    const view = await openSeveral(people, ben);
    expect(groupsOf(view)).toHaveLength(6);
    await slack.click({ user: ben, viewId: view.id, actionId: SEVERAL.all });
    const all = await slack.waitFor(() => {
      const now = modalOf(people, ben);
      return checkedIn(now).length === 60 ? now : undefined;
    });
    await choose(people, all, optionsOf(all));
    expect(said(people, ben)).toContain('60 messages will be dismissed');
    expect(said(people, ben)).toContain('and 50 more');
    expect(await confirm(people, ben)).toContain('60 messages dismissed');
    expect(await dismissals(people)).toHaveLength(60);
    expect(await openHome(people, ben)).toContain('Nothing needs attention');
  });

  test('more than a modal can hold are offered in turn', async () => {
    const people = await startMany(75);
    const { ben } = people;
    const view = await openSeveral(people, ben);
    expect(optionsOf(view)).toHaveLength(70);
    expect(said(people, ben)).toContain('the 70 most pressing of 75');
  });
});

describe('what changes meanwhile', () => {
  test.each([
    ['resolved', 'white_check_mark', 'Resolved by cleo'],
    ['claimed', 'eyes', 'Claimed by cleo'],
    ['dismissed', 'no_good', 'Not an issue, says cleo'],
  ])('is left alone and named, and the rest is done: %s', async (state, reaction, words) => {
    const people = await startThree();
    const { ben, cleo, sent } = people;
    const [first = '', second = '', third = ''] = sent;
    await choose(people, await openSeveral(people, ben), targetsOf(people, sent));
    await people.react(cleo, second, reaction);
    const outcome = await confirm(people, ben);
    expect(outcome).toContain('2 messages dismissed');
    expect(outcome).toContain('1 was left alone, because something changed meanwhile');
    expect(outcome).toContain(words);
    expect(await people.flag(second)).toEqual({ state, by: cleo });
    expect((await dismissals(people)).filter(({ user }) => user === ben)).toMatchObject([
      { ts: first },
      { ts: third },
    ]);
  });

  test('a message that is deleted', async () => {
    const people = await startThree();
    const { slack, channel, ben, sent } = people;
    const [first = '', second = ''] = sent;
    await choose(people, await openSeveral(people, ben), targetsOf(people, [first, second]));
    slack.delete({ channel, ts: first });
    await slack.idle();
    const outcome = await confirm(people, ben);
    expect(outcome).toContain('1 message dismissed');
    expect(outcome).toContain('1 was left alone');
    expect(outcome).toContain('A deleted message');
  });
});

describe('once', () => {
  test('when it is submitted twice', async () => {
    const people = await startThree();
    const { slack, ben, sent } = people;
    await choose(people, await openSeveral(people, ben), targetsOf(people, sent));
    const { id } = modalOf(people, ben);
    const answers = await Promise.all([
      slack.submitView({ viewId: id }),
      slack.submitView({ viewId: id }),
    ]);
    expect(answers).toMatchObject([{ acked: true }, { acked: true }]);
    await slack.waitFor(() => said(people, ben).includes('3 messages dismissed'));
    await people.rest();
    expect(said(people, ben)).not.toContain('left alone');
    expect(await dismissals(people)).toHaveLength(3);
    await people.press(ben, sent[0] ?? '', 'undo');
    expect(people.stateOf(sent[0] ?? '')).toBe('open');
  });

  test('when the acts are committed and the process dies before they are taken', async () => {
    const people = await startThree({ onDisk: true });
    const { slack, ben, sent } = people;
    const view = await openSeveral(people, ben);
    await choose(people, view, targetsOf(people, sent));
    // Slack cannot say whether they may, so nothing is taken before the process dies.
    await sql`delete from members where "user" = ${ben}`.execute(people.context.db);
    slack.faults.add({
      method: 'conversations.members',
      kind: 'status',
      status: 503,
      when: 'before',
      times: 20,
    });
    const { id } = modalOf(people, ben);
    await slack.submitView({ viewId: id });
    await slack.waitFor(() => said(people, ben).includes('as soon as Slack says that you may'));
    expect((await dismissals(people)).map(({ state }) => state)).toEqual([
      'asked',
      'asked',
      'asked',
    ]);
    await people.restart();
    slack.faults.clear();
    await takeActs(people.context);
    await people.settle();
    expect((await dismissals(people)).map(({ state }) => state)).toEqual([
      'taken',
      'taken',
      'taken',
    ]);
    expect(sent.map((ts) => people.stateOf(ts))).toEqual(['dismissed', 'dismissed', 'dismissed']);
  });

  test('and nothing of it when it cannot be committed', async () => {
    const people = await startThree();
    const { slack, ben, sent } = people;
    await choose(people, await openSeveral(people, ben), targetsOf(people, sent));
    const allow = await people.refuseInserts('acts');
    await slack.submitView({ viewId: modalOf(people, ben).id });
    expect(said(people, ben)).toContain('Something went wrong');
    await allow();
    await people.rest();
    expect(await dismissals(people)).toEqual([]);
  });
});

describe('who may not act', () => {
  test('guests are not offered it', async () => {
    const people = await startThree();
    const { slack, channel } = people;
    const guest = slack.addUser({ name: 'guest', isRestricted: true });
    slack.join(channel, guest);
    await slack.idle();
    await openHome(people, guest);
    expect(offers(homeBlocks(people, guest))).not.toContain(SEVERAL.open);
  });

  test('somebody who has become a guest is refused, wherever they are in it', async () => {
    const people = await startThree();
    const { ben, sent } = people;
    await openHome(people, ben);
    const view = await openSeveral(people, ben);
    await choose(people, view, targetsOf(people, sent));
    await sql`update users set role = 'guest' where id = ${ben}`.execute(people.context.db);
    expect(await confirm(people, ben)).toContain('Guests can');
    expect(await dismissals(people)).toEqual([]);
    expect(await clickHome(people, ben, SEVERAL.open)).toContain('Guests can');
  });

  test('somebody who has left the channel is refused, and told no more of it', async () => {
    const people = await startThree();
    const { slack, channel, ben, sent } = people;
    await choose(people, await openSeveral(people, ben), targetsOf(people, sent));
    slack.leave(channel, ben);
    await slack.idle();
    const outcome = await confirm(people, ben);
    expect(outcome).toContain('Nothing was dismissed');
    expect(outcome).toContain('Only people who are in the channel');
    expect(outcome).not.toContain(BUG);
    expect(sent.map((ts) => people.stateOf(ts))).toEqual(['open', 'open', 'open']);
  });

  test('one message alone has its own button', async () => {
    const people = await startSummedUp([BUG]);
    await openHome(people, people.ben);
    expect(offers(homeBlocks(people, people.ben))).not.toContain(SEVERAL.open);
  });
});

test('why they are dismissed can be said of all at once', async () => {
  const people = await startThree();
  const { ben, sent } = people;
  const [first = '', , third = ''] = sent;
  await choose(people, await openSeveral(people, ben), targetsOf(people, [first, third]));
  await confirm(people, ben, 'not_ours');
  for (const ts of [first, third]) {
    expect(words(people.card(ts).blocks)).toContain('Not an issue, says ben: not ours');
  }
  await people.press(ben, first, 'undo');
  expect(people.stateOf(first)).toBe('open');
});
