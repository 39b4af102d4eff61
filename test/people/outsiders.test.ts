import fc from 'fast-check';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { drawHomes } from '../../src/jobs/home/draw.ts';
import { ACTIONS } from '../../src/slack/blocks/actions.ts';
import { triage, wordsOf } from './modals.ts';
import {
  BUG,
  FLAG,
  MINUTE_MS,
  offers,
  type People,
  pressOn,
  startSummedUp,
  words,
} from './stage.ts';

/** People of other organizations, in a channel that is shared with them, change nothing. */

const GUEST = /^Guests can read the summary, but not act on it\./;
const FOREIGN = /^People of other organizations can read the summary, but not act on it\./;
const UNKNOWN = /^Slack does not tell me who you are/;

/** Everything that people can change. */
const tables = ['messages', 'verdicts', 'flags', 'runs', 'examples', 'cards', 'settings'];

async function readState({ rows }: People): Promise<unknown> {
  const state: Record<string, unknown> = {};
  for (const table of tables) state[table] = await rows(sql`select * from ${sql.table(table)}`);
  state.taken = await rows(sql`select * from acts where state <> 'refused'`);
  state.exports = await rows(sql`select * from exports where state <> 'failed'`);
  return state;
}

type NewPerson = Omit<Parameters<People['slack']['addUser']>[0], 'name'>;

function addPerson({ slack, channel }: People, person: NewPerson): string {
  const id = slack.addUser({ name: 'eve', ...person });
  slack.join(channel, id);
  return id;
}

const CUSTOMER: NewPerson = { teamId: 'T0CUSTOMER' };

const OUTSIDERS: [string, NewPerson, RegExp][] = [
  ['a stranger', { ...CUSTOMER, isStranger: true }, FOREIGN],
  ['somebody of another team, who is no stranger in a shared channel', CUSTOMER, FOREIGN],
  ['somebody of another Grid', { ...CUSTOMER, enterpriseId: 'E0OTHER' }, FOREIGN],
  ['a guest', { isRestricted: true }, GUEST],
];

/** All that somebody could try, and what may come of it. */
const ATTEMPTS: Record<string, (people: People, who: string, ts: string) => Promise<unknown>> = {
  react: (people, who, ts) => people.react(who, ts, 'white_check_mark'),
  flag: (people, who, ts) => people.react(who, ts, FLAG),
  claim: (people, who, ts) => people.press(who, ts, 'claim'),
  resolve: (people, who, ts) => people.press(who, ts, 'resolve'),
  recategorize: (people, who, ts) => people.press(who, ts, 'category', 'praise'),
  triage: (people, who) => {
    // From before the bot came: nothing but the shortcut collects it.
    const { channel, user } = people;
    const old = `1700000000.${String(people.slack.calls.length).padStart(6, '0')}`;
    people.slack.post({ channel, user, text: 'It was slow', ts: old, silent: true });
    return triage(people, who, old);
  },
  run: (people, who) => people.type('', { user: who }),
  cancel: (people, who) => people.type('cancel', { user: who }),
  settings: (people, who) => people.type('settings', { user: who }),
  export: (people, who) => people.type('export csv', { user: who }),
};

async function start(options: Parameters<typeof startSummedUp>[1] = {}) {
  const people = await startSummedUp([BUG], options);
  const [ts = ''] = people.sent;
  return { people, ts };
}

describe.each(OUTSIDERS)('%s', (_who, person, refusal) => {
  test.each(Object.keys(ATTEMPTS))('cannot %s', async (attempt) => {
    const { people, ts } = await start();
    const who = addPerson(people, person);
    await people.rest();
    const before = await readState(people);
    await ATTEMPTS[attempt]?.(people, who, ts);
    await people.rest();
    expect(await readState(people)).toEqual(before);
    expect(people.slack.views.every(({ view }) => offers(view.blocks).length === 0)).toBe(true);
  });

  test('is told why', async () => {
    const { people, ts } = await start();
    const who = addPerson(people, person);
    await people.press(who, ts, 'resolve');
    await people.slack.waitFor(() => people.told(who).length > 0);
    expect(people.told(who)).toEqual([expect.stringMatching(refusal)]);
    expect(await people.type('run', { user: who })).toMatch(refusal);
    expect(await people.type('help', { user: who })).toContain('/classify-feedback');
    expect(await people.type('status', { user: who })).not.toMatch(refusal);
  });

  test('reads along at Home, with nothing to press', async () => {
    const { people } = await start();
    const who = addPerson(people, person);
    people.slack.openHome(who);
    await people.slack.idle();
    await drawHomes(people.context);
    const blocks = people.slack.home(who)?.view.blocks;
    expect(words(blocks)).toMatch(/^(?:Guests|People of other organizations) can read along/m);
    // The filters change what they see, and nothing else.
    expect(offers(blocks).filter((id) => !/^home_(whose|category)/.test(id))).toEqual([]);
  });
});

test('cannot cancel a run by its button', async () => {
  const { people } = await start();
  const { slack, channel, user } = people;
  const who = addPerson(people, CUSTOMER);
  slack.post({ channel, user, text: 'The import is broken' });
  await slack.idle();
  await people.type();
  await people.step();
  await people.step();
  const receipt = people.digest();
  await slack.click({ user: who, channel, ts: receipt.ts, actionId: ACTIONS.cancel });
  await slack.waitFor(() => people.told(who).length > 0);
  expect(people.told(who)).toEqual([expect.stringMatching(FOREIGN)]);
  expect(
    await people.rows(sql`select canceled_by from runs where canceled_by is not null`),
  ).toEqual([]);
});

describe('somebody of another team', () => {
  test('of the same Grid is a colleague', async () => {
    const { people, ts } = await start({ slack: { enterpriseId: 'E0OURS' } });
    const who = addPerson(people, { teamId: 'T0SISTER', enterpriseId: 'E0OURS' });
    await people.press(who, ts, 'resolve');
    expect(people.stateOf(ts)).toBe('resolved');
  });

  test('is known by what a press says of their team: Slack is not asked', async () => {
    const { people, ts } = await start();
    const who = addPerson(people, CUSTOMER);
    const asked = () =>
      people.slack.calls.filter(({ method, args }) => method === 'users.info' && args.user === who);
    await pressOn(people, people.card(ts), who, 'resolve');
    await people.slack.waitFor(() => people.told(who).length > 0);
    expect(asked()).toEqual([]);
  });

  test('who joins the organization is asked about again', async () => {
    const { people, ts } = await start();
    const who = addPerson(people, { isRestricted: true });
    await people.react(who, ts, 'eyes');
    expect(people.stateOf(ts)).toBe('open');
    people.slack.promote(who);
    await people.slack.idle();
    await people.takeBack(who, ts, 'eyes');
    await people.react(who, ts, 'eyes');
    expect(people.stateOf(ts)).toBe('claimed');
  });
});

describe.each(['user_not_found', 'user_not_visible'])('whom Slack hides (%s)', (error) => {
  const hide = ({ slack }: People, who: string) =>
    slack.faults.add({
      kind: 'error',
      method: 'users.info',
      error,
      match: ({ user }) => user === who,
      times: Number.POSITIVE_INFINITY,
    });

  test('is not called a guest, and is asked about every ten minutes at most', async () => {
    const { people, ts } = await start();
    const { slack, clock } = people;
    const who = addPerson(people, {});
    hide(people, who);
    const asked = () =>
      slack.calls.filter(({ method, args }) => method === 'users.info' && args.user === who).length;
    for (let press = 1; press <= 3; press++) {
      await people.press(who, ts, 'resolve');
      await slack.waitFor(() => people.told(who).length === press);
    }
    expect(people.told(who)).toEqual(Array(3).fill(expect.stringMatching(UNKNOWN)));
    expect(await people.type('run', { user: who })).toMatch(UNKNOWN);
    expect(await people.type('settings', { user: who })).toMatch(UNKNOWN);
    expect(wordsOf(await triage(people, who, ts))).toMatch(UNKNOWN);
    expect(asked()).toBe(1);
    expect(people.stateOf(ts)).toBe('open');

    slack.faults.clear();
    clock.jump(10 * MINUTE_MS);
    await people.press(who, ts, 'resolve');
    expect(people.stateOf(ts)).toBe('resolved');
  });

  test('of another team is called that, and no guest', async () => {
    const { people, ts } = await start();
    const who = addPerson(people, CUSTOMER);
    hide(people, who);
    await people.press(who, ts, 'resolve');
    await people.slack.waitFor(() => people.told(who).length > 0);
    expect(people.told(who)).toEqual([expect.stringMatching(FOREIGN)]);
  });
});

test('property: whoever is not of the organization changes nothing', async () => {
  const { people, ts } = await start({ slack: { enterpriseId: 'E0OURS' } });
  const { slack } = people;
  const before = await readState(people);
  const outsider = fc
    .record({
      teamId: fc.constantFrom(slack.teamId, 'T0SISTER', 'T0CUSTOMER', 'T0PARTNER'),
      enterpriseId: fc.constantFrom('E0OURS', 'E0OTHER', undefined),
      isStranger: fc.boolean(),
      isRestricted: fc.boolean(),
    })
    .filter(
      ({ teamId, enterpriseId, isStranger, isRestricted }) =>
        isStranger || isRestricted || (teamId !== slack.teamId && enterpriseId !== 'E0OURS'),
    );
  await fc.assert(
    fc.asyncProperty(
      outsider,
      fc.subarray(Object.keys(ATTEMPTS), { minLength: 1 }),
      async ({ enterpriseId, ...person }, attempts) => {
        const who = addPerson(people, { ...person, ...(enterpriseId && { enterpriseId }) });
        for (const attempt of attempts) await ATTEMPTS[attempt]?.(people, who, ts);
        await people.rest();
        expect(await readState(people)).toEqual(before);
      },
    ),
    { numRuns: 20 },
  );
});
