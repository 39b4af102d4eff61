import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { drawHomes } from '../../src/jobs/home/draw.ts';
import { HOME_FILTER } from '../../src/slack/blocks/home/filter.ts';
import { HOME_PAGE_ACTION } from '../../src/slack/blocks/home/home.ts';
import { clickHome, homeBlocks, labelsAtHome, openHome, pressHome, shownHome } from './homes.ts';
import { BUG, MINUTE_MS, offers, startPeople, startSummedUp } from './stage.ts';

/** The filters of the Home tab: what each shows, the numbers beside them, and that they are kept. */

const { category, channel: byChannel, clear } = HOME_FILTER;
const [all, mine, unclaimed] = ['all', 'mine', 'unclaimed'].map(
  (whose) => `${HOME_FILTER.whose}${whose}`,
) as [string, string, string];

/** Three bugs, of which ben has claimed the first and cleo the second. */
async function startClaimed(options?: Parameters<typeof startSummedUp>[1]) {
  const people = await startSummedUp([`${BUG} 0`, `${BUG} 1`, `${BUG} 2`], options);
  const [first = '', second = '', third = ''] = people.sent;
  await people.react(people.ben, first, 'eyes');
  await people.react(people.cleo, second, 'eyes');
  return { people, first, second, third };
}

const saves = (home: string) => [0, 1, 2].filter((n) => home.includes(`${BUG} ${n}`));

describe('whose', () => {
  test('shows what it says, and the number beside each is what it would show', async () => {
    const { people } = await startClaimed();
    const { ben } = people;
    expect(saves(await openHome(people, ben))).toEqual([0, 1, 2]);
    expect([all, mine, unclaimed].flatMap((id) => labelsAtHome(people, ben, id))).toEqual([
      'All (3)',
      'Mine (1)',
      'Unclaimed (1)',
    ]);
    expect(saves(await clickHome(people, ben, mine))).toEqual([0]);
    expect(saves(await clickHome(people, ben, unclaimed))).toEqual([2]);
    expect(saves(await clickHome(people, ben, all))).toEqual([0, 1, 2]);
  });

  test('follows what is pressed in it: what is claimed is no longer unclaimed', async () => {
    const { people, third } = await startClaimed();
    const { ben } = people;
    await openHome(people, ben);
    await clickHome(people, ben, unclaimed);
    const home = await pressHome(people, ben, third, 'claim');
    expect(saves(home)).toEqual([]);
    expect(labelsAtHome(people, ben, mine)).toEqual(['Mine (2)']);
  });

  test('is of one person alone', async () => {
    const { people } = await startClaimed();
    const { ben, cleo } = people;
    await openHome(people, ben);
    await clickHome(people, ben, mine);
    expect(saves(await openHome(people, cleo))).toEqual([0, 1, 2]);
    expect(saves(await clickHome(people, cleo, mine))).toEqual([1]);
    expect(saves(shownHome(people, ben))).toEqual([0]);
  });

  test('a filter that shows nothing says so, with a button to show all', async () => {
    const people = await startSummedUp([`${BUG} 0`, `${BUG} 1`]);
    const { ben } = people;
    await openHome(people, ben);
    const nothing = await clickHome(people, ben, mine);
    expect(nothing).toContain('None of the 2 matches these filters');
    expect(nothing).toContain('2 need attention');
    expect(labelsAtHome(people, ben, clear)).toEqual(['Show all 2']);
    expect(saves(await clickHome(people, ben, clear))).toEqual([0, 1]);
    expect(offers(homeBlocks(people, ben))).not.toContain(clear);
  });
});

describe('a category', () => {
  test('is chosen from those that have open flags, with their numbers', async () => {
    const people = await startSummedUp([`${BUG} 0`, `${BUG} 1`, `${BUG} 2`]);
    const { ben, sent } = people;
    await openHome(people, ben);
    await pressHome(people, ben, sent[0] ?? '', 'category', 'usability');
    expect(labelsAtHome(people, ben, category)).toEqual([
      'All categories (3)',
      ':bug: Bug (2)',
      ':confounded: Usability (1)',
    ]);
    const home = await clickHome(people, ben, category, { selectedOption: 'is-usability' });
    expect(saves(home)).toEqual([0]);
    expect(labelsAtHome(people, ben, all)).toEqual(['All (1)']);
    // Nothing of it is left: the choice stays, and can be seen.
    await pressHome(people, ben, sent[0] ?? '', 'resolve');
    expect(shownHome(people, ben)).toContain('None of the 2 matches');
    expect(labelsAtHome(people, ben, category)).toContain(':confounded: Usability (0)');
    expect(saves(await clickHome(people, ben, category, { selectedOption: 'all' }))).toContain(1);
  });
});

describe('a channel', () => {
  const startTwo = async () => {
    const people = await startSummedUp([`${BUG} 0`]);
    const { slack, ben } = people;
    const other = slack.addChannel({ name: 'other', members: [ben] });
    slack.inviteBot(other, ben);
    await slack.idle();
    slack.post({ channel: other, user: ben, text: `${BUG} 1` });
    await slack.idle();
    await people.type('', { channel: other, user: ben });
    await people.rest();
    return { people, other, ben, slack };
  };

  test('can be chosen where there are several', async () => {
    const { people, other, ben } = await startTwo();
    expect(saves(await openHome(people, ben))).toEqual([0, 1]);
    const home = await clickHome(people, ben, byChannel, { selectedOption: `is-${other}` });
    expect(saves(home)).toEqual([1]);
    expect(labelsAtHome(people, ben, byChannel)).toEqual([
      'All channels (2)',
      '#other (1)',
      '#feedback (1)',
    ]);
    expect(home).toContain('pending in 2 channels');
    await openHome(people, people.cleo);
    expect(offers(homeBlocks(people, people.cleo))).not.toContain(byChannel);
  });

  test('that somebody has left is no filter any more', async () => {
    const { people, other, ben, slack } = await startTwo();
    await openHome(people, ben);
    await clickHome(people, ben, byChannel, { selectedOption: `is-${other}` });
    slack.leave(other, ben);
    await slack.idle();
    expect(saves(await openHome(people, ben))).toEqual([0]);
  });
});

describe('it is kept', () => {
  test('after the tab is forgotten and after a restart, unlike the page', async () => {
    const { people } = await startClaimed({ onDisk: true });
    const { ben, clock } = people;
    await openHome(people, ben);
    await clickHome(people, ben, mine);
    clock.jump(11 * MINUTE_MS);
    await drawHomes(people.context);
    expect(await people.rows(sql`select * from homes`)).toEqual([]);
    people.slack.openHome(ben);
    await people.slack.idle();
    await people.restart();
    await drawHomes(people.context);
    expect(saves(shownHome(people, ben))).toEqual([0]);
  });

  test('is committed before it is acknowledged', async () => {
    const { people } = await startClaimed();
    const { ben, slack } = people;
    await openHome(people, ben);
    const allow = await people.refuseInserts('home_filters');
    const pressed = slack.click({ user: ben, home: true, actionId: mine });
    await people.waitFor(() => people.logs.some(({ level }) => level === 'error'));
    slack.timeOut();
    expect(await pressed).toMatchObject({ acked: false });
    await allow();
    expect(saves(await openHome(people, ben))).toEqual([0, 1, 2]);
  });
});

test('a filter begins with its first page', async () => {
  const people = await startPeople([]);
  const { channel, user, ben, context } = people;
  await sql`with recursive n(i) as (select 0 union all select i + 1 from n where i < 39)
    insert into messages (channel, ts, author, text, revision, posted_at, collected_at, state)
    select ${channel}, (1732200000 + i) || '.000100', ${user}, 'It crashes ' || i, 1,
      1732200000000 + i, 1732200000000 + i, 'judged' from n`.execute(context.db);
  await sql`insert into flags (channel, ts, state, "by", opened_at, changed_at, touched_at)
    select channel, ts, case when posted_at % 2 = 0 then 'claimed' else 'open' end,
      case when posted_at % 2 = 0 then ${ben} else null end, posted_at, posted_at, posted_at
    from messages`.execute(context.db);
  await openHome(people, ben);
  expect(await clickHome(people, ben, `${HOME_PAGE_ACTION}next`)).toContain('13–24 of 40');
  expect(await clickHome(people, ben, mine)).toContain('1–12 of 20');
});
