import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { SimView } from '../../sim/slack/types.ts';
import { KEY, REHEARSAL } from '../../src/slack/blocks/actions.ts';
import { toSlackLogger } from '../../src/slack/logger.ts';
import { openHome } from '../people/homes.ts';
import { wordsOf } from '../people/modals.ts';
import { BUG, offers, type People, startPeople } from '../people/stage.ts';
import { bytesIn } from '../privacy/stage.ts';
import { openSettings } from './stage.ts';

/** The API key of a hosted bot, set in Slack: by whom, what is refused, and that it stays nowhere else. */

const GOOD = 'sk-ant-sim';
const WRONG = 'sk-ant-api03-AnotherKey_99';

type Options = Parameters<typeof startPeople>[1];

/** Ana has installed the app; Cleo is an admin. */
async function startHosted(
  key: 'own' | 'shared' | 'none' = 'none',
  { hosted, ...options }: Omit<NonNullable<Options>, 'hosted'> & { hosted?: object } = {},
): Promise<People> {
  const people = await startPeople([BUG], { ...options, hosted: { key, ...hosted } });
  people.slack.setAdmin(people.cleo, true);
  return people;
}

/** Presses the button on the Home tab. Resolves with the modal that it opens. */
async function openKey(people: People, user = people.user): Promise<SimView> {
  const { slack } = people;
  await openHome(people, user);
  return openedBy(people, () => slack.click({ user, home: true, actionId: KEY.open }));
}

async function openedBy({ slack }: People, act: () => Promise<unknown>): Promise<SimView> {
  const before = new Set(slack.views.map(({ id }) => id));
  await act();
  return slack.waitFor(() => slack.views.find(({ id }) => !before.has(id)));
}

/** @returns the error beside the input, or what the modal says then */
async function submit({ slack }: People, view: SimView, key: string): Promise<string> {
  const values = { [KEY.block]: { [KEY.input]: key } };
  const answer = await slack.submitView({ viewId: view.id, values });
  expect(answer).toMatchObject({ acked: true });
  const { response } = answer as { response?: { errors?: Record<string, string> } };
  const errors = response?.errors;
  return errors ? `beside the input: ${errors[KEY.block]}` : modal({ slack } as People, view);
}

/** What the modal says by now. */
const modal = ({ slack }: People, { id }: SimView) =>
  wordsOf(slack.views.find((view) => view.id === id) ?? { view: { blocks: [] } as never });

const key = ({ context }: People) => context.hosted?.key;

/** The process that has the workspace starts it again. */
async function restart(people: People): Promise<void> {
  await people.restart();
  await people.connect();
}

/** Calls that Claude got, without those that only look at the model. */
const asked = ({ claude }: People) => claude.calls.filter(({ path }) => !path.includes('/models/'));

describe.each(['socket', 'http'] as const)('over %s', (how) => {
  test('the installer sets it, and what waited for it is classified', async () => {
    const people = await startHosted('none', { onDisk: true, how });
    expect(await people.type()).toMatch(/^The Anthropic API key is missing: .* on my Home tab\./);
    await people.settle(() =>
      people.told(people.user).some((said) => said.includes('has to wait')),
    );
    expect(asked(people)).toEqual([]);
    const view = await openKey(people);
    expect(wordsOf(view)).toMatch(
      /platform\.claude\.com.*\n.*1,000|1,000.*\n.*platform\.claude\.com/s,
    );
    expect(await submit(people, view, ` ${GOOD}\n`)).toMatch(/^The key is set\./);
    await people.restart();
    await people.connect(how);
    expect(key(people)).toBe('own');
    // Right after the start, before the run is tried again.
    expect(await openHome(people, people.user)).not.toMatch(/has to wait|no Anthropic API key/);
    await people.rest();
    expect(JSON.stringify(people.digest().blocks)).toContain('needs attention');
  });
});

describe('a key that is refused', () => {
  test('is said beside the input, with the reason, and nothing is stored', async () => {
    const people = await startHosted('none', { onDisk: true });
    const view = await openKey(people);
    expect(await submit(people, view, WRONG)).toBe(
      'beside the input: Anthropic does not accept this key: Claude answered 401 authentication_error. Nothing was stored.',
    );
    // The modal is still there, for another try.
    expect(await submit(people, view, GOOD)).toMatch(/^The key is set\./);
    await restart(people);
    expect(key(people)).toBe('own');
  });

  test.each(['password', 'sk-proj-1234', 'sk-ant-api03 with spaces', `${GOOD}\u2028x`, 'sk-ant-é'])(
    '%j is no key, and is sent nowhere',
    async (typed) => {
      const people = await startHosted();
      const said = await submit(people, await openKey(people), typed);
      expect(said).toMatch(/^beside the input: This is not an Anthropic API key/);
      expect(people.claude.calls).toEqual([]);
    },
  );

  test('one that cannot be checked is not stored either', async () => {
    const people = await startHosted('none', { onDisk: true });
    people.claude.faults.add({ kind: 'status', status: 500 });
    expect(await submit(people, await openKey(people), GOOD)).toMatch(
      /^beside the input: I could not check this key at Anthropic: .* Nothing was stored\. Please try again in a minute\.$/,
    );
    await restart(people);
    expect(key(people)).toBe('none');
  });
});

describe('a check that takes longer than Slack waits', () => {
  /** A submission while the check hangs. Resolves with what the modal says when Slack gets its answer. */
  async function submitSlowly(typed: string) {
    const held = Promise.withResolvers<void>();
    const checking = Promise.withResolvers<void>();
    const beforeSetting = () => {
      checking.resolve();
      return held.promise;
    };
    const people = await startHosted('none', { hosted: { beforeSetting } });
    const view = await openKey(people);
    const submitted = submit(people, view, typed);
    await checking.promise;
    await new Promise((resolve) => setImmediate(resolve));
    // A few of the milliseconds are gone by then.
    for (let ms = 2_400; ms > 2_300; ms--) people.clock.fire(ms);
    expect(await submitted).toMatch(/^Anthropic takes longer than usual/);
    held.resolve();
    return { people, view };
  }

  test('ends with the key, and the modal says so', async () => {
    const { people, view } = await submitSlowly(GOOD);
    await people.slack.waitFor(() => modal(people, view).includes('The key is set.'));
  });

  test('ends with its refusal, and the form for another try', async () => {
    const { people, view } = await submitSlowly(WRONG);
    await people.slack.waitFor(() => modal(people, view).includes('does not accept this key'));
    expect(await submit(people, view, GOOD)).toMatch(/^The key is set\./);
  });
});

describe('who may set it', () => {
  test('an admin', async () => {
    const people = await startHosted();
    expect(await submit(people, await openKey(people, people.cleo), GOOD)).toMatch(
      /^The key is set/,
    );
  });

  /** The greeting has the button, whoever has added the bot. */
  test.each<[string, object, RegExp]>([
    [
      'a member who has not installed it',
      {},
      /^ana, who installed Winnow, can set the key, and so can/,
    ],
    ['a guest', { isRestricted: true }, /^Guests cannot set the key\./],
    [
      'somebody of another organization',
      { teamId: 'T0CUSTOMER' },
      /^People of other organizations cannot/,
    ],
    ['a stranger', { teamId: 'T0CUSTOMER', isStranger: true }, /^People of other/],
  ])('not %s, who is told who may', async (_who, more, words) => {
    const people = await startHosted();
    const { slack } = people;
    const eve = slack.addUser({ name: 'eve', ...more });
    const channel = slack.addChannel({ name: 'ideas', members: [eve] });
    slack.inviteBot(channel, eve);
    await people.rest();
    const [greeting] = slack.ephemerals(eve);
    expect(JSON.stringify(greeting?.blocks)).toContain('The Anthropic API key is missing');
    const view = await openedBy(people, () =>
      slack.click({ user: eve, channel, ephemeral: greeting?.id ?? '', actionId: KEY.open }),
    );
    expect(wordsOf(view)).toMatch(words);
    expect(JSON.stringify(view.view)).not.toContain(people.user);
    expect(view.view.submit).toBeUndefined();
  });

  test('not somebody who has ceased to be an admin while the modal was open', async () => {
    const people = await startHosted('none', { onDisk: true });
    const view = await openKey(people, people.cleo);
    people.slack.setAdmin(people.cleo, false);
    expect(await submit(people, view, GOOD)).toMatch(/^ana, who installed Winnow, can set the key/);
    expect(people.claude.calls).toEqual([]);
    await restart(people);
    expect(key(people)).toBe('none');
  });

  test('nobody while Slack cannot say who they are; what was typed stays', async () => {
    const people = await startHosted();
    const { slack } = people;
    const view = await openKey(people);
    slack.faults.add({ method: 'users.info', kind: 'error', error: 'internal_error' });
    expect(await submit(people, view, GOOD)).toMatch(
      /^beside the input: Slack cannot tell me right now who you are\. Nothing was changed/,
    );
    expect(people.claude.calls).toEqual([]);
    expect(await submit(people, view, GOOD)).toMatch(/^The key is set/);
  });
});

describe('without a key', () => {
  test('no settings are tried', async () => {
    const people = await startHosted();
    const settings = await openSettings(people);
    const view = await openedBy(people, () =>
      people.slack.click({ user: people.user, viewId: settings.id, actionId: REHEARSAL.try }),
    );
    expect(wordsOf(view)).toMatch(/^The Anthropic API key is missing/);
  });
});

describe('a key that is set', () => {
  test('is not spoken of when the bot is invited', async () => {
    const people = await startHosted('own');
    const { slack, ben } = people;
    slack.inviteBot(slack.addChannel({ name: 'ideas', members: [ben] }), ben);
    await people.rest();
    const greeting = JSON.stringify(slack.ephemerals(ben)[0]?.blocks);
    expect(greeting).toContain('Thanks for adding Winnow');
    expect(greeting).not.toContain('API key');
  });

  test('can be replaced by another one', async () => {
    const people = await startHosted('own');
    const view = await openKey(people);
    expect(wordsOf(view)).toContain('A key is set. A new one replaces it.');
    expect(await submit(people, view, WRONG)).toMatch(
      /^beside the input: Anthropic does not accept/,
    );
    expect(await submit(people, view, GOOD)).toMatch(/^The key is set/);
  });

  test('can be removed; then nothing is classified', async () => {
    const people = await startHosted('own', { onDisk: true });
    const { slack, user } = people;
    const view = await openKey(people);
    await slack.click({ user, viewId: view.id, actionId: KEY.remove });
    await slack.waitFor(() => modal(people, view).startsWith('The key is removed.'));
    await restart(people);
    expect(key(people)).toBe('none');
    await people.type();
    await people.settle(() => people.posts().length > 0);
    expect(asked(people)).toEqual([]);
  });

  test('cannot be removed by somebody who has ceased to be an admin', async () => {
    const people = await startHosted('own', { onDisk: true });
    const { slack, cleo } = people;
    const view = await openKey(people, cleo);
    slack.setAdmin(cleo, false);
    await slack.click({ user: cleo, viewId: view.id, actionId: KEY.remove });
    await slack.waitFor(() => modal(people, view).startsWith('ana, who installed Winnow'));
    await restart(people);
    expect(key(people)).toBe('own');
  });
});

describe('the key stays nowhere else', () => {
  test('not in the database, the logs, a view or a call to Slack, whatever comes of it', async () => {
    const people = await startHosted('none', { onDisk: true });
    const { slack, user } = people;
    const view = await openKey(people);
    await submit(people, view, WRONG);
    await submit(people, view, GOOD);
    await restart(people);
    await openHome(people, user);
    await people.rest();
    const seen = [
      bytesIn(people.directory),
      JSON.stringify(people.logs),
      JSON.stringify(slack.views),
      JSON.stringify(slack.home(user)),
      JSON.stringify(slack.calls),
    ].join('\n');
    expect(seen).toContain('settings_open');
    expect(seen).not.toMatch(new RegExp(`${WRONG}|${GOOD}`));
  });

  test('not in the log when the failure names it', async () => {
    const beforeSetting = async (typed: string | null) => {
      throw new Error('it failed', { cause: new Error(`insert into keys values ('${typed}')`) });
    };
    const people = await startHosted('none', { hosted: { beforeSetting } });
    const said = await submit(people, await openKey(people), GOOD);
    expect(said).toMatch(
      /^beside the input: Something went wrong on my side, and the key may not be set\. Please try again; the operator of Winnow finds it/,
    );
    const [, reference] = /as (btn-[a-z0-9]+)\./.exec(said) ?? [];
    const logged = people.logs.find((line) => line.reference === reference);
    expect(inspect(logged)).toContain('the error names the key');
    expect(inspect(people.logs, { depth: null })).not.toContain(GOOD);
  });

  test('not in what Slack’s packages log for debugging', () => {
    const lines: string[] = [];
    const write = (_fields: object, message: string) => void lines.push(message);
    const log = { debug: write, info: write, warn: write, error: write };
    toSlackLogger(log, true).debug(`Received: {"value":"${WRONG}"}`, `and ${GOOD}`);
    expect(lines).toEqual(['Received: {"value":"sk-ant-…"} and sk-ant-…']);
  });
});

describe('where the key is not the workspace’s to set', () => {
  test.each([
    ['a hosted bot with a shared key', { key: 'shared' as const }],
    ['a bot of its own', undefined],
  ])('%s has no button for it, and no word about it', async (_what, hosted) => {
    const people = await startPeople([BUG], { ...(hosted && { hosted }) });
    const home = await openHome(people, people.user);
    expect(home).not.toMatch(/Anthropic|API key/);
    expect(offers(people.slack.home(people.user)?.view.blocks)).not.toContain(KEY.open);
  });
});
