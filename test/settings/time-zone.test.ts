import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { greetInviters } from '../../src/jobs/intake/greet.ts';
import { type Stage, type StageSettings, startStage } from '../harness.ts';

/** The person who adds the bot is offered their own time zone where nobody has chosen one. */

const NINE_EVERY_DAY = { summarySchedule: '0 9 * * *' };

interface Invited extends Stage {
  inviter: string;
}

/** Somebody whose clock shows the time of that zone adds the bot to their channel. */
async function inviteFrom(
  tz: string,
  { settings = {}, restricted = false }: { settings?: StageSettings; restricted?: boolean } = {},
): Promise<Invited> {
  const stage = await startStage({ settings: { ...NINE_EVERY_DAY, ...settings } });
  await stage.connect();
  const { slack } = stage;
  const inviter = slack.addUser({ name: 'paul', realName: 'Paul', tz, isRestricted: restricted });
  const channel = slack.addChannel({ name: 'ideas', members: [inviter] });
  slack.inviteBot(channel, inviter);
  await slack.idle();
  await greetInviters(stage.context);
  await stage.settle();
  return Object.defineProperties({ inviter }, Object.getOwnPropertyDescriptors(stage)) as Invited;
}

const greetingOf = ({ slack, inviter }: Invited) => slack.ephemerals(inviter)[0];
const offers = (stage: Invited) => JSON.stringify(greetingOf(stage)?.blocks).includes('Use ');

async function choose(stage: Invited, user = stage.inviter): Promise<string> {
  const { slack, inviter } = stage;
  const said = slack.ephemerals(user).length;
  const { channel = '', id: ephemeral = '' } = slack.ephemerals(inviter)[0] ?? {};
  const pressed = await slack.click({ user, channel, ephemeral, actionId: 'settings_zone' });
  expect(pressed.acked).toBe(true);
  await slack.waitFor(() => slack.ephemerals(user).length > said);
  return slack.ephemerals(user).at(-1)?.text ?? '';
}

const saved = async (stage: Stage) =>
  (await stage.rows(sql<{ content: string; changed_by: string }>`select * from settings`)).map(
    ({ content, changed_by }) => ({ ...JSON.parse(content), by: changed_by }),
  );

describe('the time zone of the person who adds the bot', () => {
  test('is offered beside the next summary, and one press chooses it', async () => {
    const stage = await inviteFrom('America/New_York');
    const shown = JSON.stringify(greetingOf(stage)?.blocks);
    expect(shown).toContain('Schedules follow UTC; your time zone in Slack is America/New_York.');
    expect(await choose(stage)).toBe('Saved: schedules follow America/New_York now.');
    expect(stage.context.settings.timeZone).toBe('America/New_York');
    expect(stage.woken).toContain('settings');
    const [change, ...others] = await saved(stage);
    expect(others).toEqual([]);
    expect(change).toMatchObject({
      ...NINE_EVERY_DAY,
      timeZone: 'America/New_York',
      by: stage.inviter,
    });
    // Nine in New York, in winter.
    const said = JSON.stringify(stage.slack.ephemerals(stage.inviter).at(-1)?.blocks);
    const [at] = /"timestamp":(\d+)/.exec(said)?.slice(1) ?? [];
    expect(new Date(Number(at) * 1000).toISOString()).toMatch(/T14:00:00/);
  });

  test('pressed again it says the same, and saves nothing', async () => {
    const stage = await inviteFrom('Asia/Kolkata');
    const first = await choose(stage);
    expect(await choose(stage)).toBe(first);
    expect(await saved(stage)).toHaveLength(1);
  });

  test.each([
    ['the same zone', 'UTC', {}],
    ['a zone whose clocks always show the same', 'Atlantic/Reykjavik', {}],
    ['a zone that the server has chosen', 'Europe/Paris', { timeZone: 'Europe/Berlin' }],
    ['another zone than that of the server', 'Asia/Tokyo', { timeZone: 'Europe/Berlin' }],
  ])('is not offered: %s', async (_why, tz, settings) => {
    const stage = await inviteFrom(tz, { settings });
    expect(greetingOf(stage)).toBeDefined();
    expect(offers(stage)).toBe(false);
  });

  test('is offered where only summers differ', async () => {
    expect(offers(await inviteFrom('Europe/London'))).toBe(true);
  });

  test('yields to settings that were saved meanwhile', async () => {
    const stage = await inviteFrom('America/New_York');
    const other = await inviteAnother(stage, 'Europe/Paris');
    await choose({ ...stage, inviter: other });
    expect(await choose(stage)).toMatch(/^Somebody has changed the settings meanwhile: .*Paris/);
    expect(stage.context.settings.timeZone).toBe('Europe/Paris');
    expect(await saved(stage)).toHaveLength(1);
  });

  test('is not changed by a guest', async () => {
    const stage = await inviteFrom('America/New_York', { restricted: true });
    expect(await choose(stage)).toMatch(
      /^Guests can read the summary, but not change the settings/,
    );
    expect(await saved(stage)).toEqual([]);
    expect(stage.context.settings.timeZone).toBe('UTC');
  });
});

async function inviteAnother({ slack, context, settle }: Stage, tz: string): Promise<string> {
  const user = slack.addUser({ name: 'eve', realName: 'Eve', tz });
  const channel = slack.addChannel({ name: 'wishes', members: [user] });
  slack.inviteBot(channel, user);
  await slack.idle();
  await greetInviters(context);
  await settle();
  return user;
}
