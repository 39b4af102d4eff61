import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { findPerson, lookUpNames } from '../../../src/jobs/intake/names.ts';
import { type Stage, startStage } from '../../harness.ts';

const names = (stage: Stage) =>
  stage.rows(sql<{ id: string; name: string | null }>`select id, name from users order by id`);

async function connected(): Promise<Stage> {
  const stage = await startStage();
  await stage.connect();
  return stage;
}

test('whoever has written or is mentioned gets a name, once a week', async () => {
  const stage = await connected();
  const { slack, channel, user } = stage;
  const ben = slack.addUser({ name: 'ben', realName: 'Ben B' });
  slack.post({ channel, user, text: `<@${ben}> it crashes` });
  await slack.idle();
  await lookUpNames(stage.context);
  expect((await names(stage)).map(({ name }) => name).sort()).toEqual(['ana', 'ben']);
  const asked = slack.callCounts.get('users.info');
  await lookUpNames(stage.context);
  expect(slack.callCounts.get('users.info')).toBe(asked);
  stage.clock.jump(8 * 24 * 3_600_000);
  await lookUpNames(stage.context);
  expect(slack.callCounts.get('users.info')).toBe((asked ?? 0) + 2);
});

test('somebody whom Slack does not know has no name, and is not asked for again and again', async () => {
  const stage = await connected();
  const { slack, channel, user } = stage;
  slack.post({ channel, user, text: '<@U0NOBODY> it crashes' });
  await slack.idle();
  await lookUpNames(stage.context);
  const asked = slack.callCounts.get('users.info');
  await lookUpNames(stage.context);
  expect(slack.callCounts.get('users.info')).toBe(asked);
  expect(await names(stage)).toContainEqual({ id: 'U0NOBODY', name: null });
});

test('many are looked up a few at a time', async () => {
  const stage = await connected();
  const { slack, channel, user } = stage;
  const mentions = Array.from({ length: 30 }, (_, n) => `<@${slack.addUser({ name: `u${n}` })}>`);
  slack.post({ channel, user, text: mentions.join(' ') });
  await slack.idle();
  expect(await lookUpNames(stage.context)).not.toBeNull();
  expect(await lookUpNames(stage.context)).toBeNull();
  expect((await names(stage)).filter(({ name }) => name === null)).toEqual([]);
});

test('whoever types a command is answered in the zone of the bot first, and in their own once known', async () => {
  const stage = await startStage({ settings: { timeZone: 'Asia/Tokyo' } });
  await stage.connect();
  const { slack } = stage;
  const zoe = slack.addUser({ name: 'zoe', tz: 'America/New_York', locale: 'fr-FR' });
  const asked = slack.callCounts.get('users.info') ?? 0;
  expect(await findPerson(stage.context, zoe)).toEqual({
    name: null,
    timeZone: 'Asia/Tokyo',
    locale: 'en',
  });
  expect(slack.callCounts.get('users.info') ?? 0).toBe(asked);
  await lookUpNames(stage.context);
  expect(await findPerson(stage.context, zoe)).toEqual({
    name: 'zoe',
    timeZone: 'America/New_York',
    locale: 'fr-FR',
  });
});

test('a zone and a language that nobody knows are none, and cost nothing but themselves', async () => {
  const stage = await connected();
  const odd = stage.slack.addUser({ name: 'odd', locale: 'not a language' });
  await findPerson(stage.context, odd);
  await lookUpNames(stage.context);
  expect(await findPerson(stage.context, odd)).toEqual({
    name: 'odd',
    timeZone: 'UTC',
    locale: 'en',
  });
});
