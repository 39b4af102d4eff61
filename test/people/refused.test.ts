import { describe, expect, test } from 'vitest';
import { TRIAGE_SHORTCUT } from '../../src/slack/blocks/actions.ts';
import { BUG, FLAG, openFromMenu, type People, pressOn, startSummedUp, words } from './stage.ts';

/** Who may not act is told so, alone, and nothing changes. */

const GUEST = /^Guests can read the summary, but not act on it\./;
const OUTSIDE = /^Only people who are in the channel can do that\./;

function addGuest({ slack, channel }: People): string {
  const guest = slack.addUser({ name: 'gil', isRestricted: true });
  slack.join(channel, guest);
  return guest;
}

const cardUpdates = ({ slack, sent, cards }: People) => {
  const all = new Set(sent.flatMap((ts) => cards(ts).map((card) => card.ts)));
  return slack.calls.filter(
    ({ method, args }) => method === 'chat.update' && all.has(String(args.ts)),
  );
};

async function expectUntouched(people: People, ts: string, who: string, refusal: string) {
  expect(people.stateOf(ts)).toBe('open');
  expect(people.reactionsOf(ts)).toEqual(['bug', FLAG]);
  expect(cardUpdates(people)).toEqual([]);
  expect(words(people.digest().blocks)).toContain('1 needs attention');
  const acts = await people.acts();
  expect(acts.length).toBeGreaterThan(0);
  for (const act of acts) {
    expect(act).toMatchObject({ user: who, state: 'refused', refusal, before: null, after: null });
  }
}

describe('guests', () => {
  test('by a reaction: one word to them alone for each', async () => {
    const people = await startSummedUp([BUG]);
    const [ts = ''] = people.sent;
    const guest = addGuest(people);
    const posts = people.calls('chat.postMessage');
    await people.react(guest, ts, 'white_check_mark');
    await people.react(guest, people.card(ts).ts, 'bulb');
    await expectUntouched(people, ts, guest, 'guest');
    expect(people.told(guest)).toEqual([
      expect.stringMatching(GUEST),
      expect.stringMatching(GUEST),
    ]);
    expect(people.told(people.ben)).toEqual([]);
    expect(people.calls('chat.postMessage')).toBe(posts);
    // To take such a reaction back means nothing, and is told nothing.
    await people.takeBack(guest, ts, 'white_check_mark');
    expect(people.told(guest)).toHaveLength(2);
    expect((await people.acts()).at(-1)).toMatchObject({ kind: 'undo', refusal: 'moot' });
    expect(people.stateOf(ts)).toBe('open');
  });

  test.each([['claim'], ['resolve']] as const)(
    'by %s on the card: the answer comes where it was pressed',
    async (action) => {
      const people = await startSummedUp([BUG]);
      const [ts = ''] = people.sent;
      const guest = addGuest(people);
      const ephemerals = people.calls('chat.postEphemeral');
      await people.press(guest, ts, action);
      await people.slack.waitFor(() => people.told(guest).length > 0);
      expect(people.told(guest)).toEqual([expect.stringMatching(GUEST)]);
      expect(people.calls('chat.postEphemeral')).toBe(ephemerals);
      await expectUntouched(people, ts, guest, 'guest');
    },
  );

  test('by the category on the card: no modal opens, and they are told why', async () => {
    const people = await startSummedUp([BUG]);
    const [ts = ''] = people.sent;
    const guest = addGuest(people);
    await people.press(guest, ts, 'category', 'praise');
    expect(people.told(guest)).toEqual([expect.stringMatching(GUEST)]);
    expect(people.slack.views).toEqual([]);
    expect(people.stateOf(ts)).toBe('open');
    expect(cardUpdates(people)).toEqual([]);
  });

  test('cannot undo what others did, nor rescue noise', async () => {
    const people = await startSummedUp([BUG, 'lunch anyone']);
    const [ts = '', noise = ''] = people.sent;
    const guest = addGuest(people);
    await people.press(people.ben, ts, 'resolve');
    await people.press(guest, ts, 'undo');
    await people.react(guest, noise, FLAG);
    expect(people.stateOf(ts)).toBe('resolved');
    expect(people.cards(noise)).toEqual([]);
    await people.slack.waitFor(() => people.told(guest).length === 2);
  });

  test('may look at why', async () => {
    const people = await startSummedUp([BUG]);
    const [ts = ''] = people.sent;
    const guest = addGuest(people);
    const { slack, channel } = people;
    const view = await openFromMenu(slack, { user: guest, channel, ts: people.card(ts).ts }, 'why');
    expect(words(view.view.blocks)).toContain(BUG);
  });
});

describe('people outside the channel', () => {
  test('by a reaction and by a button', async () => {
    const people = await startSummedUp([BUG]);
    const { slack } = people;
    const [ts = ''] = people.sent;
    const stranger = slack.addUser({ name: 'stan' });
    await people.react(stranger, ts, 'eyes');
    await expectUntouched(people, ts, stranger, 'outside');
    await people.press(stranger, ts, 'claim');
    await slack.waitFor(() => people.told(stranger).length > 0);
    expect(people.told(stranger)).toEqual([expect.stringMatching(OUTSIDE)]);
    await expectUntouched(people, ts, stranger, 'outside');
  });

  test('once they have joined they may', async () => {
    const people = await startSummedUp([BUG]);
    const { slack, channel } = people;
    const [ts = ''] = people.sent;
    const stranger = slack.addUser({ name: 'stan' });
    await people.react(stranger, ts, 'eyes');
    slack.join(channel, stranger);
    await people.takeBack(stranger, ts, 'eyes');
    await people.react(stranger, ts, 'eyes');
    expect(people.stateOf(ts)).toBe('claimed');
    expect(words(people.card(ts).blocks)).toContain('Claimed by stan');
  });

  test('once they have left they may not, but take back what they did before', async () => {
    const people = await startSummedUp([BUG], {
      slack: {
        events: [
          'message.channels',
          'reaction_added',
          'reaction_removed',
          'member_joined_channel',
          'member_left_channel',
        ],
      },
    });
    const { slack, channel, ben, cleo } = people;
    const [ts = ''] = people.sent;
    await people.react(ben, ts, 'white_check_mark');
    slack.leave(channel, ben);
    await people.rest();
    await people.press(ben, ts, 'category', 'praise');
    await slack.waitFor(() => people.told(ben).length > 0);
    expect(people.told(ben)).toEqual([expect.stringMatching(OUTSIDE)]);
    expect(people.reactionsOf(ts)).toEqual(['bug']);
    await people.takeBack(ben, ts, 'white_check_mark');
    expect(people.stateOf(ts)).toBe('open');
    await people.react(cleo, ts, 'eyes');
    expect(people.stateOf(ts)).toBe('claimed');
  });

  test('a channel of thousands is asked for in pages', async () => {
    const people = await startSummedUp([BUG]);
    const { slack, channel } = people;
    const [ts = ''] = people.sent;
    const other = slack.addChannel({
      name: 'crowd',
      members: Array.from({ length: 1200 }, (_, n) => slack.addUser({ name: `p${n}` })),
    });
    slack.inviteBot(other, people.ben);
    const last = slack.addUser({ name: 'zoe' });
    slack.join(other, last);
    slack.join(channel, last);
    await slack.idle();
    const text = slack.post({ channel: other, user: last, text: BUG });
    await slack.idle();
    await people.react(last, ts, 'eyes');
    expect(people.stateOf(ts)).toBe('claimed');
    slack.react({ channel: other, ts: text, user: last, name: 'eyes' });
    await people.rest();
    expect((await people.acts()).map(({ state }) => state)).toEqual(['taken', 'taken']);
  });
});

test('Slack is asked again when it cannot say who somebody is', async () => {
  const people = await startSummedUp([BUG]);
  const { slack, ben, channel } = people;
  const [ts = ''] = people.sent;
  slack.faults.add({ method: 'users.info', kind: 'status', status: 503 });
  slack.react({ channel, ts, user: ben, name: 'eyes' });
  await slack.idle();
  await people.step();
  expect(people.logs).toContainEqual(
    expect.objectContaining({
      job: 'acts',
      err: expect.objectContaining({ message: expect.stringContaining('users.info') }),
    }),
  );
  expect(people.stateOf(ts)).toBe('open');
  expect(await people.acts()).toMatchObject([{ state: 'asked' }]);
  await people.rest();
  expect(people.stateOf(ts)).toBe('claimed');
});

test('a button whose presser cannot be looked up is taken a little later', async () => {
  const people = await startSummedUp([BUG]);
  const { slack, cleo } = people;
  const [ts = ''] = people.sent;
  slack.faults.add({ method: 'conversations.members', kind: 'status', status: 500 });
  await pressOn(people, people.card(ts), cleo, 'resolve');
  expect(people.logs.some(({ message }) => message.includes('taken later'))).toBe(true);
  await people.rest();
  expect(people.stateOf(ts)).toBe('resolved');
  expect(await people.acts()).toHaveLength(1);
});

test('a press that cannot be stored is apologised for, and may be tried again', async () => {
  const people = await startSummedUp([BUG]);
  const [ts = ''] = people.sent;
  const mend = await people.refuseInserts('acts');
  await people.press(people.ben, ts, 'claim');
  await people.slack.waitFor(() => people.told(people.ben).length > 0);
  expect(people.told(people.ben)).toEqual([expect.stringMatching(/^Something went wrong/)]);
  await mend();
  await people.press(people.ben, ts, 'claim');
  expect(people.stateOf(ts)).toBe('claimed');
});

test('the shortcut tells a guest, and somebody outside, that they cannot', async () => {
  const people = await startSummedUp([BUG]);
  const { slack, channel } = people;
  const [ts = ''] = people.sent;
  const guest = addGuest(people);
  const stranger = slack.addUser({ name: 'stan' });
  for (const [user, answer] of [
    [guest, /^Guests can read along/],
    [stranger, /^Only people in the channel/],
  ] as const) {
    await slack.shortcut({ callbackId: TRIAGE_SHORTCUT, user, channel, ts });
    const view = await slack.waitFor(() => slack.views.find((one) => one.user === user));
    expect(words(view.view.blocks)).toMatch(answer);
  }
  expect(await people.acts()).toEqual([]);
});
