import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { ACTIONS, DUPLICATE_VIEW } from '../../src/slack/blocks/actions.ts';
import { DUPLICATE } from '../../src/slack/blocks/people/duplicate.ts';
import { askWhy, pressIn, triage, wordsOf } from './modals.ts';
import { BUG, type People, startSummedUp, words } from './stage.ts';

/** *Not an issue*, and why: one click dismisses, another one says why. */

const OTHER = 'The export to PDF fails on Safari';
const SAME = 'Safari: PDF export fails, nothing happens';

const cardOf = (people: People, ts: string) => words(people.card(ts).blocks);

const examples = (people: People) => people.rows(sql<{ ts: string }>`select ts from examples`);

const whyOf = async (people: People, ts: string) =>
  (
    await people.rows(
      sql<{ reason: string | null; duplicate_of: string | null }>`
        select reason, duplicate_of from flags where ts = ${ts}`,
    )
  )[0];

/** Chooses *Duplicate of…* on a card. Resolves with the modal that this opens. */
async function openDuplicates(people: People, user: string, ts: string) {
  const { slack, channel } = people;
  const before = new Set(slack.views.map(({ id }) => id));
  const where = { user, channel, ts: people.card(ts).ts };
  await slack.click({ ...where, actionId: ACTIONS.reason, selectedOption: 'duplicate' });
  return slack.waitFor(() => slack.views.find(({ id }) => !before.has(id)));
}

async function startDismissed(texts = [BUG]) {
  const people = await startSummedUp(texts);
  const [ts = ''] = people.sent;
  await people.press(people.ben, ts, 'dismiss');
  return { people, ts, ...people };
}

describe('a reason', () => {
  test('is offered after the click that dismisses, and need not be given', async () => {
    const { people, ts } = await startDismissed();
    expect(people.stateOf(ts)).toBe('dismissed');
    expect(cardOf(people, ts)).toContain('Not an issue, says ben ·');
    expect(JSON.stringify(people.card(ts).blocks)).toContain(ACTIONS.reason);
    expect(await whyOf(people, ts)).toEqual({ reason: null, duplicate_of: null });
  });

  test.each([
    ['known', 'known'],
    ['as_meant', 'works as meant'],
    ['not_ours', 'not ours'],
  ])('%s is on the card and in Why?, and undone in one click', async (reason, said) => {
    const { people, ts, ben } = await startDismissed();
    await people.press(people.cleo, ts, 'reason', reason);
    expect(cardOf(people, ts)).toContain(`Not an issue, says cleo: ${said} ·`);
    expect(cardOf(people, ts)).not.toContain('took back');
    expect(await whyOf(people, ts)).toEqual({ reason, duplicate_of: null });
    expect(wordsOf(await askWhy(people, ben, { ts: people.card(ts).ts }))).toContain(
      `Not an issue, says cleo: ${said}.`,
    );
    // It says nothing of the category.
    expect(await examples(people)).toEqual([]);
    await people.press(ben, ts, 'undo');
    expect(people.stateOf(ts)).toBe('open');
    expect(await whyOf(people, ts)).toEqual({ reason: null, duplicate_of: null });
  });

  test('can be changed, and the first click is undone all the same', async () => {
    const { people, ts, ben } = await startDismissed();
    await people.press(ben, ts, 'reason', 'known');
    await people.press(ben, ts, 'reason', 'not_ours');
    expect(await whyOf(people, ts)).toMatchObject({ reason: 'not_ours' });
    await people.press(ben, ts, 'undo');
    expect(people.stateOf(ts)).toBe('open');
  });

  test('follows the reaction that dismissed: taking that back takes back both', async () => {
    const people = await startSummedUp([BUG]);
    const [ts = ''] = people.sent;
    await people.react(people.ben, ts, 'no_good');
    await people.press(people.ben, ts, 'reason', 'known');
    expect(people.stateOf(ts)).toBe('dismissed');
    await people.takeBack(people.ben, ts, 'no_good');
    expect(people.stateOf(ts)).toBe('open');
  });

  test('is given in the modal of the message, too', async () => {
    const { people, ts, ben } = await startDismissed();
    const modal = await triage(people, ben, ts);
    const after = await pressIn(people, modal, 'reason', 'as_meant');
    expect(wordsOf(after)).toContain('Not an issue, says ben: works as meant');
  });
});

describe('no feedback', () => {
  test('is noise from then on, and teaches; undoing it restores all', async () => {
    const { people, ts, ben } = await startDismissed();
    await people.press(ben, ts, 'reason', 'no_feedback');
    expect(cardOf(people, ts)).toContain('Not an issue, says ben: not feedback');
    expect(people.list('noise')).toContain(BUG);
    expect(await examples(people)).toEqual([{ ts }]);
    await people.press(ben, ts, 'undo');
    expect(people.stateOf(ts)).toBe('open');
    expect(people.list('bug')).toContain(BUG);
    expect(await examples(people)).toEqual([]);
  });

  test('no longer once somebody says that it is a bug', async () => {
    const { people, ts, ben } = await startDismissed();
    await people.press(ben, ts, 'reason', 'no_feedback');
    await people.press(people.cleo, ts, 'category', 'bug');
    expect(people.stateOf(ts)).toBe('open');
  });
});

describe('a duplicate', () => {
  test('names one of the similar messages that are open, and links to it', async () => {
    const { people, ts, ben, slack, sent } = await startDismissed([OTHER, SAME, BUG]);
    const [, same = ''] = sent;
    const view = await openDuplicates(people, ben, ts);
    expect(view.view.callback_id).toBe(DUPLICATE_VIEW);
    expect(wordsOf(view)).not.toContain(BUG);
    expect(JSON.stringify(view.view.blocks)).toContain(same);
    const values = { [DUPLICATE.block]: { [DUPLICATE.choice]: same } };
    const before = people.woken.length;
    expect(await slack.submitView({ viewId: view.id, values })).toMatchObject({ acked: true });
    await people.waitFor(() => people.woken.slice(before).includes('act'), { what: 'the act' });
    await people.rest();
    expect(cardOf(people, ts)).toContain('Not an issue, says ben: a duplicate of');
    expect(await whyOf(people, ts)).toEqual({ reason: 'duplicate', duplicate_of: same });
    const links = slack.links(people.card(ts)).map(({ url }) => url);
    expect(links.some((url) => url.includes(same.replace('.', '')))).toBe(true);
    await people.press(ben, ts, 'undo');
    expect(people.stateOf(ts)).toBe('open');
    expect(cardOf(people, ts)).not.toContain('duplicate');
  });

  test('of nothing: the modal says that nothing is similar', async () => {
    const { people, ts, ben } = await startDismissed([BUG, OTHER]);
    expect(wordsOf(await openDuplicates(people, ben, ts))).toContain('says something similar');
  });
});

test('a guest may not say why', async () => {
  const { people, ts, slack, channel } = await startDismissed();
  const guest = slack.addUser({ name: 'guest', isRestricted: true });
  slack.join(channel, guest);
  await people.press(guest, ts, 'reason', 'known');
  expect(await whyOf(people, ts)).toMatchObject({ reason: null });
  expect(people.told(guest)).toHaveLength(1);
});
