import { describe, expect, test } from 'vitest';
import { sweep } from '../../src/jobs/intake/sweep.ts';
import type { Slack } from '../../src/slack/client.ts';
import { BUG, DAY_MS, FLAG, type People, PRAISE, startPeople, startSummedUp } from './stage.ts';

/** Events in the wrong order, twice, late or never: history has the last word. */

const kinds = async (people: People) => (await people.acts()).map(({ kind }) => kind);

/** No reaction event comes any more; until `clear`. */
const lose = ({ slack }: People, ...types: string[]) =>
  slack.eventFaults.add({
    kind: 'drop',
    match: ({ type }) =>
      types.length ? types.includes(String(type)) : /^reaction_/.test(String(type)),
    times: Number.POSITIVE_INFINITY,
  });

const lookBack = async (people: People) => {
  await sweep(people.context, { lookBackMs: DAY_MS });
  await people.rest();
};

describe('events', () => {
  test('put and taken back, told the other way round: nothing stands', async () => {
    const people = await startSummedUp([BUG]);
    const { slack, channel, ben } = people;
    const [ts = ''] = people.sent;
    slack.eventFaults.add({
      kind: 'late',
      match: ({ type }) => type === 'reaction_added',
    });
    slack.react({ channel, ts, user: ben, name: 'white_check_mark' });
    slack.unreact({ channel, ts, user: ben, name: 'white_check_mark' });
    await people.rest();
    expect(people.stateOf(ts)).toBe('open');
    expect(people.reactionsOf(ts)).toEqual(['bug', FLAG]);
    expect(await kinds(people)).toEqual([]);
  });

  test('taken back and put again, the first told last: it stands', async () => {
    const people = await startSummedUp([BUG]);
    const { slack, channel, ben } = people;
    const [ts = ''] = people.sent;
    await people.react(ben, ts, 'eyes');
    slack.eventFaults.add({
      kind: 'late',
      match: ({ type }) => type === 'reaction_removed',
    });
    slack.unreact({ channel, ts, user: ben, name: 'eyes' });
    slack.react({ channel, ts, user: ben, name: 'eyes' });
    await people.rest();
    expect(await people.flag(ts)).toEqual({ state: 'claimed', by: ben });
    expect(await kinds(people)).toEqual(['claim']);
  });

  test('told twice is done once', async () => {
    const people = await startSummedUp([BUG]);
    const { slack, ben } = people;
    const [ts = ''] = people.sent;
    slack.eventFaults.add({
      kind: 'duplicate',
      match: ({ type }) => /^reaction_/.test(String(type)),
      times: Number.POSITIVE_INFINITY,
    });
    await people.react(ben, ts, 'eyes');
    await people.takeBack(ben, ts, 'eyes');
    await people.react(ben, ts, 'eyes');
    expect(await kinds(people)).toEqual(['claim', 'undo', 'claim']);
    expect(people.stateOf(ts)).toBe('claimed');
  });

  test('one that could not be committed is told again, and done once', async () => {
    const people = await startSummedUp([BUG]);
    const { slack, channel, ben } = people;
    const [ts = ''] = people.sent;
    const mend = await people.refuseInserts('acts');
    slack.react({ channel, ts, user: ben, name: 'eyes' });
    await people.waitFor(() => people.logs.some(({ level }) => level === 'error'));
    expect(await kinds(people)).toEqual([]);
    await mend();
    slack.timeOut();
    await people.rest();
    expect(slack.lostEvents).toEqual([]);
    expect(people.stateOf(ts)).toBe('claimed');
    expect(await kinds(people)).toEqual(['claim']);
  });

  test('before its message: it waits for it', async () => {
    const people = await startPeople([PRAISE]);
    const { slack, channel, user, ben } = people;
    slack.eventFaults.add({ kind: 'late', match: ({ type }) => type === 'message' });
    const ts = slack.post({ channel, user, text: BUG });
    slack.react({ channel, ts, user: ben, name: 'eyes' });
    slack.react({ channel, ts, user: ben, name: 'pizza' });
    await people.rest();
    expect(await people.acts()).toMatchObject([{ ts, user: ben, kind: 'claim', state: 'taken' }]);
    await people.sumUp();
    expect(people.stateOf(ts)).toBe('claimed');
  });

  test('before its message, which no event brings at all', async () => {
    const people = await startPeople([PRAISE]);
    const { slack, channel, user, ben } = people;
    // The first sweep is over.
    await people.rest();
    const ts = slack.post({ channel, user, text: BUG, silent: true });
    slack.react({ channel, ts, user: ben, name: 'eyes' });
    await people.rest();
    expect(await people.acts()).toEqual([]);
    await sweep(people.context);
    await people.rest();
    expect(await people.acts()).toMatchObject([{ ts, user: ben, kind: 'claim', state: 'taken' }]);
  });
});

describe('what no event has brought', () => {
  test('put on the original and on the card', async () => {
    const people = await startSummedUp([BUG, 'It crashes when I print']);
    const { slack, channel, ben, cleo } = people;
    const [ts = '', other = ''] = people.sent;
    lose(people);
    slack.react({ channel, ts, user: ben, name: 'eyes' });
    slack.react({ channel, ts: people.card(other).ts, user: cleo, name: 'no_good' });
    await slack.idle();
    expect(await kinds(people)).toEqual([]);
    await lookBack(people);
    expect(await people.flag(ts)).toEqual({ state: 'claimed', by: ben });
    expect(await people.flag(other)).toEqual({ state: 'dismissed', by: cleo });
    await lookBack(people);
    expect(await kinds(people)).toHaveLength(2);
  });

  test('taken back, on the original and on the card', async () => {
    const people = await startSummedUp([BUG, 'It crashes when I print']);
    const { slack, channel, ben, cleo } = people;
    const [ts = '', other = ''] = people.sent;
    const { ts: card } = people.card(other);
    await people.react(ben, ts, 'eyes');
    await people.react(cleo, card, 'no_good');
    lose(people);
    slack.unreact({ channel, ts, user: ben, name: 'eyes' });
    slack.unreact({ channel, ts: card, user: cleo, name: 'no_good' });
    await lookBack(people);
    expect([people.stateOf(ts), people.stateOf(other)]).toEqual(['open', 'open']);
    await lookBack(people);
    expect(await kinds(people)).toEqual(['claim', 'dismiss', 'undo', 'undo']);
  });

  test('put and taken back meanwhile is nothing', async () => {
    const people = await startSummedUp([BUG]);
    const { slack, channel, ben } = people;
    const [ts = ''] = people.sent;
    lose(people);
    slack.react({ channel, ts, user: ben, name: 'eyes' });
    slack.unreact({ channel, ts, user: ben, name: 'eyes' });
    await lookBack(people);
    expect(await kinds(people)).toEqual([]);
  });

  test('found in history, and then told of after all: once', async () => {
    const people = await startSummedUp([BUG]);
    const { slack, channel, ben } = people;
    const [ts = ''] = people.sent;
    slack.eventFaults.add({
      kind: 'late',
      match: ({ type }) => type === 'reaction_added',
    });
    slack.react({ channel, ts, user: ben, name: 'eyes' });
    await sweep(people.context, { lookBackMs: DAY_MS });
    expect(await kinds(people)).toEqual(['claim']);
    await people.rest();
    expect(await kinds(people)).toEqual(['claim']);
    await people.takeBack(ben, ts, 'eyes');
    expect(people.stateOf(ts)).toBe('open');
  });

  test('a reaction of more people than history names is nobody’s taken back', async () => {
    const people = await startSummedUp([BUG]);
    const { slack, channel, ben } = people;
    const [ts = ''] = people.sent;
    lose(people);
    for (let n = 0; n < 30; n++) {
      const fan = slack.addUser({ name: `fan${n}` });
      slack.join(channel, fan);
      slack.react({ channel, ts, user: fan, name: 'eyes' });
    }
    slack.eventFaults.clear();
    await people.react(ben, ts, 'eyes');
    await lookBack(people);
    expect(await kinds(people)).not.toContain('undo');
    expect(await people.acts()).toHaveLength(26);
  });
});

describe('while history is being read', () => {
  /** History as it was before somebody acted, taken in after the event of that. */
  async function sweepBehind(people: People, act: () => void): Promise<void> {
    const { slack } = people.context;
    const slow: Slack = {
      async call(method, ...rest) {
        const answer = await slack.call(method, ...rest);
        if (method === 'conversations.history') {
          act();
          await people.slack.idle();
        }
        return answer;
      },
    };
    await sweep({ ...people.context, slack: slow }, { lookBackMs: DAY_MS });
    await people.rest();
  }

  test('a reaction that is put counts', async () => {
    const people = await startSummedUp([BUG]);
    const { slack, channel, ben } = people;
    const [ts = ''] = people.sent;
    await sweepBehind(people, () => slack.react({ channel, ts, user: ben, name: 'eyes' }));
    expect(people.stateOf(ts)).toBe('claimed');
    expect(await kinds(people)).toEqual(['claim']);
  });

  test('a reaction that is taken back is gone', async () => {
    const people = await startSummedUp([BUG]);
    const { slack, channel, ben } = people;
    const [ts = ''] = people.sent;
    await people.react(ben, ts, 'eyes');
    await sweepBehind(people, () => slack.unreact({ channel, ts, user: ben, name: 'eyes' }));
    expect(people.stateOf(ts)).toBe('open');
    expect(await kinds(people)).toEqual(['claim', 'undo']);
  });
});
