import { expect, test } from 'vitest';
import { BUG, DAY_MS, HOUR_MS, IDEA, type People, startSummedUp, words } from './stage.ts';

/** A flag whose claimer is gone is open again. */

async function claimed(options: Parameters<typeof startSummedUp>[1] = {}) {
  const people = await startSummedUp([BUG], options);
  const [ts = ''] = people.sent;
  await people.press(people.ben, ts, 'claim');
  expect(people.stateOf(ts)).toBe('claimed');
  return { people, ts };
}

async function expectReleased(people: People, ts: string): Promise<void> {
  expect(await people.flag(ts)).toMatchObject({ state: 'open' });
  expect(people.stateOf(ts)).toBe('open');
  expect(words(people.card(ts).blocks)).toContain(
    'The claim of ben ended: no longer in the channel',
  );
  expect((await people.acts()).at(-1)).toMatchObject({
    ...{ kind: 'undo', source: 'departure', user: people.ben, state: 'taken' },
    before: { flag: 'claimed', by: people.ben },
    after: { flag: 'open' },
  });
}

test.each([
  ['leaves the channel', ({ slack, channel, ben }: People) => slack.leave(channel, ben)],
  ['is deactivated', ({ slack, ben }: People) => slack.deactivate(ben)],
])(
  'the claimer %s: the card, the log and the next summary say that it is open',
  async (_how, go) => {
    const { people, ts } = await claimed();
    go(people);
    await people.rest();
    await expectReleased(people, ts);
    const { slack, channel, user } = people;
    slack.post({ channel, user, text: IDEA });
    await slack.idle();
    await people.sumUp();
    expect(words(people.digest().blocks)).toContain('1 needs attention (none new');
    expect(words(people.digest().blocks)).toContain('ben has left');
  },
);

test.each([
  ['left', ({ slack, channel, ben }: People) => slack.leave(channel, ben)],
  ['was deactivated', ({ slack, ben }: People) => slack.deactivate(ben)],
])('when no event said that the claimer %s, it is found within a day', async (_how, go) => {
  const { people, ts } = await claimed({
    slack: { events: ['message.channels', 'reaction_added', 'member_joined_channel'] },
  });
  go(people);
  await people.rest();
  expect(people.stateOf(ts)).toBe('claimed');
  people.clock.jump(DAY_MS + HOUR_MS);
  await people.rest();
  await expectReleased(people, ts);
});

test('a claimer who is still there keeps it, and Slack is asked once a day', async () => {
  const { people, ts } = await claimed();
  people.clock.jump(DAY_MS + HOUR_MS);
  await people.rest();
  expect(people.stateOf(ts)).toBe('claimed');
  const asked = people.calls('conversations.members');
  people.clock.jump(2 * HOUR_MS);
  await people.rest();
  expect(people.calls('conversations.members')).toBe(asked);
});

test('what somebody else claimed before is theirs again', async () => {
  const people = await startSummedUp([BUG]);
  const [ts = ''] = people.sent;
  const { slack, channel, ben, cleo } = people;
  await people.react(cleo, ts, 'eyes');
  await people.react(ben, ts, 'eyes');
  expect(await people.flag(ts)).toMatchObject({ state: 'claimed', by: ben });
  slack.leave(channel, ben);
  await people.rest();
  expect(await people.flag(ts)).toMatchObject({ state: 'claimed', by: cleo });
});
