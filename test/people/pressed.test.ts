import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { ACTIONS, SETTINGS } from '../../src/slack/blocks/actions.ts';
import { onPostgres } from '../postgres/fresh-workspace.ts';
import { triage } from './modals.ts';
import { BUG, type People, pressOn, startSummedUp, words } from './stage.ts';

/** Whoever presses something is answered, also when nothing comes of it. */

const NOT_SHOWN = /^Slack did not let me open it/;
const MOOT = /^That changes nothing any more/;

const askWhy = ({ slack, channel, ben, card }: People, ts: string) =>
  slack.click({
    user: ben,
    channel,
    ts: card(ts).ts,
    actionId: ACTIONS.more,
    selectedOption: ACTIONS.why,
  });

async function start() {
  const people = await startSummedUp([BUG]);
  const [ts = ''] = people.sent;
  const refuse = (times = 1) =>
    people.slack.faults.add({ kind: 'status', status: 503, method: 'views.open', times });
  return { people, ts, refuse };
}

describe('a modal that Slack does not show', () => {
  test('is spoken of to the person who pressed', async () => {
    const { people, ts, refuse } = await start();
    refuse();
    await askWhy(people, ts);
    await people.slack.waitFor(() => people.told(people.ben).length > 0);
    expect(people.told(people.ben)).toEqual([expect.stringMatching(NOT_SHOWN)]);
  });

  test('by the shortcut as well', async () => {
    const { people, ts, refuse } = await start();
    const { slack, ben } = people;
    refuse();
    void triage(people, ben, ts).catch(() => undefined);
    await slack.waitFor(() => people.told(ben).length > 0);
    expect(people.told(ben)).toEqual([expect.stringMatching(NOT_SHOWN)]);
    await triage(people, ben, ts);
  });

  test('is spoken of in the Home tab, where it was pressed there', async () => {
    const { people, ts, refuse } = await start();
    const { slack, ben } = people;
    const home = () => words(slack.home(ben)?.view.blocks);
    slack.openHome(ben);
    await slack.idle();
    await people.rest();
    expect(home()).toContain(BUG);
    refuse(2);
    for (const actionId of [ACTIONS.why, SETTINGS.open]) {
      const before = people.woken.length;
      await slack.click({ user: ben, home: true, actionId });
      await people.waitFor(() => people.woken.slice(before).includes('home'));
      await people.rest();
      expect(home()).toContain('Slack did not let me open it');
      slack.openHome(ben);
      await slack.idle();
      await people.rest();
      expect(home()).not.toContain('Slack did not let me open it');
    }
    expect(people.told(ben)).toEqual([]);
    expect(people.stateOf(ts)).toBe('open');
  });

  test('does not hold back the next one', async () => {
    const { people, ts, refuse } = await start();
    refuse(3);
    for (let press = 1; press <= 3; press++) {
      await askWhy(people, ts);
      await people.slack.waitFor(() => people.told(people.ben).length === press);
    }
    // The clock stands still: a call that waits would never be made.
    await askWhy(people, ts);
    await people.slack.waitFor(() => people.slack.views.length > 0);
  });
});

describe('a press that changes nothing', () => {
  test('because somebody else was faster', async () => {
    const { people, ts } = await start();
    const { slack, channel, ben, cleo } = people;
    await people.press(ben, ts, 'resolve');
    const { ts: card } = people.card(ts);
    const target = { channel, ts: card, actionId: ACTIONS.more, selectedOption: ACTIONS.undo };
    await Promise.all([ben, cleo].map((user) => slack.click({ user, ...target })));
    const told = () => [ben, cleo].flatMap(people.told);
    await slack.waitFor(() => told().length > 0);
    await people.rest();
    expect(told()).toEqual([expect.stringMatching(MOOT)]);
    expect(people.stateOf(ts)).toBe('open');
  });

  // Only SQLite lets a row go that others refer to.
  test.skipIf(onPostgres)('because this database does not know the message', async () => {
    const { people, ts } = await start();
    const { slack, ben, context } = people;
    const card = people.card(ts);
    // As with the database of another installation.
    await sql`pragma foreign_keys = off`.execute(context.db);
    await sql`delete from messages where ts = ${ts}`.execute(context.db);
    await pressOn(people, card, ben, 'resolve');
    await slack.waitFor(() => people.told(ben).length > 0);
    expect(people.told(ben)).toEqual([expect.stringMatching(MOOT)]);
  });
});
