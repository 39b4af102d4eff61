import { expect, test } from 'vitest';
import { BUG, FLAG, startSummedUp } from './stage.ts';

/** What people do in a channel that the bot is removed from. */

test('a channel that the bot was removed from holds up nobody elsewhere', async () => {
  const people = await startSummedUp([BUG]);
  const { slack, channel, ben, user } = people;
  const [ts = ''] = people.sent;
  const secret = slack.addChannel({ name: 'secret', isPrivate: true, members: [ben, user] });
  slack.inviteBot(secret, ben);
  const hidden = slack.post({ channel: secret, user, text: BUG });
  await slack.idle();
  slack.react({ channel: secret, ts: hidden, user: ben, name: 'eyes' });
  await slack.idle();
  slack.removeBot(secret);
  slack.react({ channel, ts, user: ben, name: 'eyes' });
  await slack.idle();
  await people.step().catch(() => {});
  await people.step();
  expect(await people.flag(ts)).toEqual({ state: 'claimed', by: ben });
  // It does not keep asking, and goes on when it is invited again.
  const asked = people.calls('conversations.members');
  for (let round = 0; round < 3; round++) await people.step();
  expect(people.calls('conversations.members')).toBe(asked);
  slack.inviteBot(secret, ben);
  await people.rest();
  expect(await people.acts()).toMatchObject([
    { ts: hidden, state: 'taken' },
    { ts, state: 'taken' },
  ]);
});

test('what follows there waits for the invitation as well', async () => {
  const people = await startSummedUp([BUG]);
  const { slack, channel, ben } = people;
  const [ts = ''] = people.sent;
  slack.react({ channel, ts, user: ben, name: 'white_check_mark' });
  await slack.idle();
  slack.removeBot(channel);
  await people.rest();
  expect(people.reactionsOf(ts)).toEqual(['bug', FLAG]);
  slack.inviteBot(channel, ben);
  await people.rest();
  expect(people.stateOf(ts)).toBe('resolved');
  expect(people.reactionsOf(ts)).toEqual(['bug']);
});
