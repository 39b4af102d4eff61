import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { sweep } from '../../src/jobs/intake/sweep.ts';
import { ACTIONS } from '../../src/slack/blocks/actions.ts';
import { findBrokenReferences } from '../fresh-database.ts';
import { enqueue, post } from '../slack/outbox.ts';
import { BUG, IDEA, type People, PRAISE, startPeople, startSummedUp, words } from './stage.ts';

/** A channel gets another id: everything goes on as before. */

const NEW_ID = 'C0SHAREDNEW';

/** Every table that names a channel, and the ids in it. */
async function idsIn(people: People): Promise<Record<string, string[]>> {
  const { db } = people.context;
  const tables = (await db.introspection.getTables()).filter(({ columns }) =>
    columns.some(({ name }) => name === 'channel'),
  );
  const ids: Record<string, string[]> = {};
  for (const { name } of tables) {
    const rows = await people.rows(
      sql<{ channel: string }>`select distinct channel from ${sql.table(name)}`,
    );
    if (rows.length > 0) ids[name] = rows.map(({ channel }) => channel);
  }
  return ids;
}

async function claimed(options: Parameters<typeof startSummedUp>[1] = {}) {
  const people = await startSummedUp([BUG, PRAISE], options);
  const [ts = ''] = people.sent;
  await people.press(people.ben, ts, 'claim');
  return { people, ts, card: people.card(ts) };
}

/** By the event, or found by the sweep because no event said so. */
const WAYS: [string, Parameters<typeof startSummedUp>[1]][] = [
  ['an event says so', {}],
  [
    'no event says so',
    { slack: { events: ['message.channels', 'reaction_added', 'member_joined_channel'] } },
  ],
];

async function change(people: People, id = NEW_ID): Promise<void> {
  people.slack.changeId(people.channel, id);
  await people.slack.idle();
  await sweep(people.context);
}

test.each(WAYS)('%s: every table names the new id, and nothing is judged again', async (_, how) => {
  const { people } = await claimed(how);
  await people.type('export csv');
  await change(people);
  const ids = await idsIn(people);
  expect(Object.keys(ids)).toEqual(
    expect.arrayContaining(['messages', 'runs', 'verdicts', 'flags', 'acts', 'outbox', 'requests']),
  );
  expect([...new Set(Object.values(ids).flat())]).toEqual([NEW_ID]);
  expect(await people.rows(sql`select id, state from channels`)).toEqual([
    { id: NEW_ID, state: 'member' },
  ]);
  expect(await people.rows(sql`select ts from messages where state = 'pending'`)).toEqual([]);
  expect(await people.rows(sql`select channel, state from flags`)).toEqual([
    { channel: NEW_ID, state: 'claimed' },
  ]);
  expect(await findBrokenReferences(people.context.db)).toEqual([]);
  const kept = await people.rows(sql<{ text: string }>`
    select effect || key || lane || coalesce(parent, '') as text from outbox`);
  expect(kept.filter(({ text }) => text.includes(people.channel))).toEqual([]);
});

test.each(WAYS)('%s: the buttons of an old card do their work', async (_, how) => {
  const { people, card, ts } = await claimed(how);
  await change(people);
  const woken = people.woken.length;
  await people.slack.click({
    ...{ user: people.ben, channel: NEW_ID, ts: card.ts, actionId: ACTIONS.resolve },
  });
  await people.waitFor(() => people.woken.slice(woken).includes('act'));
  await people.settle();
  expect((await people.acts()).map(({ kind, state }) => `${kind} ${state}`)).toEqual([
    'claim taken',
    'resolve taken',
  ]);
  expect(await people.flag(ts)).toMatchObject({ state: 'resolved' });
});

test('the card and the summary link to the new id', async () => {
  const { people, card } = await claimed();
  await change(people);
  await people.settle();
  const { ts } = people
    .posts(NEW_ID)
    .filter(({ metadata }) => metadata?.event_type === 'winnow_digest')[0] ?? { ts: '' };
  for (const post of [people.slack.message(NEW_ID, card.ts), people.slack.message(NEW_ID, ts)]) {
    const links = people.slack.links(post ?? { text: '' }).map(({ url }) => url);
    expect(links.length).toBeGreaterThan(0);
    expect(links.filter((url) => url.includes(people.channel))).toEqual([]);
  }
});

test('a batch that is on its way when the id changes brings its results', async () => {
  const people = await startPeople([BUG, IDEA]);
  people.claude.holdBatches(true);
  await people.type();
  let rounds = 0;
  await people.settle(() => ++rounds > 4);
  await change(people);
  people.claude.holdBatches(false);
  people.claude.endBatch();
  await people.settle();
  expect(await people.rows(sql`select channel, state from messages`)).toEqual([
    { channel: NEW_ID, state: 'judged' },
    { channel: NEW_ID, state: 'judged' },
  ]);
  expect(await people.rows(sql`select id from batches`)).toHaveLength(1);
});

test('a post whose answer was lost before the change is found, not made twice', async () => {
  const people = await startPeople([BUG]);
  const { channel } = people;
  await people.rest();
  people.slack.faults.add({ kind: 'cut', method: 'chat.postMessage', when: 'after' });
  await enqueue(people, [post(channel, `remind-${channel}-1`)]);
  await people.step();
  expect(await people.rows(sql`select state from outbox`)).toEqual([{ state: 'sending' }]);
  await change(people);
  await people.settle();
  expect(people.posts(NEW_ID)).toHaveLength(1);
  expect(await people.rows(sql`select key, state from outbox`)).toEqual([
    { key: `remind-${NEW_ID}-1`, state: 'done' },
  ]);
});

test('what names the former id and comes late counts for the channel', async () => {
  const { people } = await claimed();
  const { slack, channel, user } = people;
  slack.eventFaults.add({ kind: 'late', match: ({ type }) => type === 'message' });
  slack.post({ channel, user, text: 'Sent before, heard after' });
  slack.changeId(channel, NEW_ID);
  await slack.idle();
  expect(await people.rows(sql`select id from channels`)).toEqual([{ id: NEW_ID }]);
  expect(
    await people.rows(sql`select channel from messages where text like 'Sent before%'`),
  ).toEqual([{ channel: NEW_ID }]);
});

test('messages of the new id that overtake the change are joined with what is known', async () => {
  const { people, ts } = await claimed();
  const { slack, channel, user } = people;
  slack.eventFaults.add({ kind: 'late', match: ({ type }) => type === 'channel_id_changed' });
  slack.changeId(channel, NEW_ID);
  slack.post({ channel: NEW_ID, user, text: 'Heard before the change' });
  slack.edit({ channel: NEW_ID, ts, text: BUG });
  await slack.idle();
  await sweep(people.context);
  expect(await people.rows(sql`select id from channels`)).toEqual([{ id: NEW_ID }]);
  expect(await people.rows(sql`select text from messages where state = 'pending'`)).toEqual([
    { text: 'Heard before the change' },
  ]);
  expect(await people.flag(ts)).toMatchObject({ state: 'claimed', by: people.ben });
});

test.each(WAYS)('%s: FEEDBACK_CHANNELS with the old id works, with one warning', async (_, how) => {
  const people = await startSummedUp([BUG], how);
  const { slack, channel, user } = people;
  people.changeSettings({ feedbackChannels: [channel] });
  await change(people);
  slack.post({ channel: NEW_ID, user, text: IDEA });
  await slack.idle();
  await sweep(people.context);
  expect(await people.rows(sql`select text from messages where channel = ${NEW_ID}`)).toHaveLength(
    2,
  );
  const warnings = people.logs.filter(({ level }) => level === 'warn');
  expect(warnings).toEqual([
    expect.objectContaining({
      ...{ former: channel, channel: NEW_ID },
      message: expect.stringMatching(/^FEEDBACK_CHANNELS/),
    }),
  ]);
});

test('an id that changes twice, and after a restart', async () => {
  const people = await startSummedUp([BUG], { onDisk: true });
  const { slack, channel } = people;
  await change(people);
  slack.changeId(NEW_ID, 'C0ANOTHER');
  await slack.idle();
  await people.restart();
  const { channelIds } = people.context;
  expect([channel, NEW_ID, 'C0ANOTHER'].map((id) => channelIds.current(id))).toEqual(
    Array(3).fill('C0ANOTHER'),
  );
  expect(new Set(Object.values(await idsIn(people)).flat())).toEqual(new Set(['C0ANOTHER']));
});

test('while both ids have an open run, the change waits for the end of one', async () => {
  const people = await startPeople([BUG]);
  const { slack, channel, user } = people;
  people.claude.holdBatches(true);
  await people.type();
  let rounds = 0;
  await people.settle(() => ++rounds > 4);
  const drop = slack.eventFaults.add({
    kind: 'drop',
    match: ({ type }) => type === 'channel_id_changed',
  });
  slack.changeId(channel, NEW_ID);
  slack.post({ channel: NEW_ID, user, text: IDEA });
  await slack.idle();
  drop();
  await people.type('', { channel: NEW_ID });
  await sweep(people.context);
  expect(await people.rows(sql`select id from runs where ended_at is null`)).toHaveLength(2);
  people.claude.holdBatches(false);
  people.claude.endBatch();
  await people.settle();
  await sweep(people.context);
  await people.settle();
  expect(new Set(Object.values(await idsIn(people)).flat())).toEqual(new Set([NEW_ID]));
  expect(await people.rows(sql`select state from messages`)).toEqual(
    Array(2).fill({ state: 'judged' }),
  );
});

test('a channel in which nothing was said yet is recognised by its name', async () => {
  const people = await startPeople([], WAYS[1]?.[1]);
  const { slack, channel, user } = people;
  people.changeSettings({ feedbackChannels: [channel] });
  await sweep(people.context);
  slack.addChannel({ name: 'other', members: [user, slack.botUserId] });
  await change(people);
  slack.post({ channel: NEW_ID, user, text: IDEA });
  await slack.idle();
  expect(await people.rows(sql`select channel from messages`)).toEqual([{ channel: NEW_ID }]);
  expect(await people.rows(sql`select id from channels`)).toEqual([{ id: NEW_ID }]);
});

test('another channel is never taken for one that is gone', async () => {
  const people = await startSummedUp([BUG], {
    slack: { events: ['message.channels', 'member_joined_channel'] },
  });
  const { slack, channel, user } = people;
  const other = slack.addChannel({ name: 'other', members: [user] });
  slack.inviteBot(other, user);
  const ts = people.sent[0] ?? '';
  // By chance, somebody else wrote there at the same moment.
  slack.post({ channel: other, user: people.ben, text: BUG, ts, silent: true });
  slack.removeBot(channel);
  await slack.idle();
  await sweep(people.context, { lookBackMs: 60_000 });
  expect(await people.rows(sql`select id, state from channels order by state`)).toEqual([
    { id: channel, state: 'left' },
    { id: other, state: 'member' },
  ]);
  expect(words(people.card(ts).blocks)).not.toBe('');
});
