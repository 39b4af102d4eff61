import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { REHEARSAL, SETTINGS } from '../../src/slack/blocks/actions.ts';
import { openHome } from '../people/homes.ts';
import {
  BUG,
  DAY_MS,
  HOUR_MS,
  IDEA,
  NOISE,
  type People,
  PRAISE,
  startPeople,
  startSummedUp,
} from '../people/stage.ts';
import { forgetMessage, startAdmins } from '../privacy/stage.ts';
import {
  accept,
  askToTry,
  discard,
  NO_IDEAS,
  pushFrom,
  showResult,
  tryThem,
} from './rehearsal-stage.ts';
import { initial, openSettings, save, wordsOf } from './stage.ts';

/** Trying settings, as people see it. */

const FEEDBACK = [BUG, IDEA, PRAISE, NOISE];

const NOT_A_MEMBER = /^Only people who are in a channel/;

/** From now on Slack says that they are a guest. */
const makeGuest = (people: People, user: string) =>
  people.rows(sql`update users set role = 'guest' where id = ${user}`);

/** They leave, and what was known of it is old. */
function leave({ slack, channel, clock }: People, user: string): void {
  slack.leave(channel, user);
  clock.jump(DAY_MS + 1);
}

const isSaved = async (people: People) =>
  (await people.rows(sql`select id from settings`)).length > 0;

const stages = async (people: People) =>
  (await people.rows(sql<{ stage: string }>`select stage from rehearsals order by id`)).map(
    ({ stage }) => stage,
  );

describe('from the form to the settings in force', () => {
  test.each(['socket', 'http'] as const)('over %s, and nothing is saved before', async (how) => {
    const people = await startSummedUp(FEEDBACK, { how });
    const { user, slack } = people;
    const offer = await askToTry(people);
    expect(wordsOf(offer)).toMatch(/Classify 4 recent messages, as if .* for at most about \$/);
    expect(await accept(people, offer)).toMatch(/I am trying them/);
    const before = people.context.settings.taxonomy;
    await people.settle();
    expect(people.told(user).at(-1)).toMatch(/have been tried/);
    expect(people.context.settings.taxonomy).toEqual(before);
    await slack.closeView({ viewId: offer.id, all: true });

    const form = await openSettings(people);
    const result = await pushFrom(people, form, REHEARSAL.show);
    expect(wordsOf(result)).toContain('1 of 4 messages gets another category');
    expect(wordsOf(result)).toContain(IDEA);
    expect(await isSaved(people)).toBe(false);
    expect(wordsOf(await save(people, result, {}))).toMatch(/^Saved/);
    const keys = people.context.settings.taxonomy.categories.map(({ key }) => key);
    expect(keys).not.toContain('feature_request');
    // The form below shows what counts now.
    const below = await slack.waitFor(() =>
      slack.views.find(({ id, hash }) => id === form.id && hash !== form.hash),
    );
    expect(wordsOf(below)).toContain('Last changed by ana');
    expect(initial(below, 'c-bug-name')).toBe('Bug');
    expect(() => initial(below, 'c-feature_request-name')).toThrow('no input');
  });

  test('the person who asked shows the result where they were told', async () => {
    const people = await startSummedUp(FEEDBACK);
    await tryThem(people);
    const result = await showResult(people);
    expect(wordsOf(result)).toContain(IDEA);
    expect(await discard(people, result)).toContain('Discarded. Nothing was changed.');
    expect(wordsOf(await showResult(people))).toMatch(/^This is over/);
    expect(wordsOf(await openSettings(people))).not.toContain('Show the result of your trial');
    expect(await isSaved(people)).toBe(false);
  });

  test('before it is done it says so', async () => {
    const people = await startSummedUp(FEEDBACK);
    await tryThem(people);
    await people.rows(sql`update rehearsals set stage = 'judging'`);
    expect(wordsOf(await showResult(people))).toMatch(/^I am still trying them/);
  });

  test('a result that cannot be read is answered all the same', async () => {
    const people = await startSummedUp(FEEDBACK);
    await tryThem(people);
    await people.rows(sql`alter table rehearsal_verdicts rename to gone`);
    const said = wordsOf(await showResult(people));
    await people.rows(sql`alter table gone rename to rehearsal_verdicts`);
    expect(said).toMatch(/^Something went wrong on my side/);
  });

  test("Discard leaves another person's alone", async () => {
    const people = await startSummedUp(FEEDBACK);
    await tryThem(people);
    const offer = await askToTry(people, NO_IDEAS, people.ben);
    expect(wordsOf(offer)).toContain('ana is trying other settings at the moment.');
    expect(await accept(people, offer)).toMatch(/I am trying them/);
    await people.settle();
    expect(await discard(people, await showResult(people))).toMatch(/^Discarded/);
    expect(await stages(people)).toEqual(['discarded', 'done']);
    expect(wordsOf(await showResult(people, people.ben))).toContain(IDEA);
  });
});

describe('nothing is tried', () => {
  test('while the form has mistakes: all of them are named', async () => {
    const people = await startSummedUp(FEEDBACK);
    const said = wordsOf(
      await askToTry(people, {
        ...NO_IDEAS,
        summaryCron: 'whenever',
        rules: 'urgent',
        'c-bug-emoji': ':eyes:',
        'c-usability-meaning': 'hard',
      }),
    );
    for (const words of [
      'Summary, by a cron pattern: This is not a cron pattern.',
      'When one of these fits: Line 1: there is no category "urgent"',
      'Emoji of category 1: By this reaction people claim a message: choose another.',
      'What belongs to category 3: Say in 10 to 400 characters',
    ]) {
      expect(said).toContain(words);
    }
    expect(await stages(people)).toEqual([]);
  });

  test('without a changed category or rule', async () => {
    const people = await startSummedUp(FEEDBACK);
    expect(wordsOf(await askToTry(people, { remindHours: '7' }))).toMatch(/nothing to try/);
  });

  test('without messages', async () => {
    const people = await startPeople([]);
    expect(wordsOf(await askToTry(people))).toMatch(/^There are no classified messages/);
    expect(await stages(people)).toEqual([]);
  });

  test('by settings that somebody has changed meanwhile', async () => {
    const people = await startSummedUp(FEEDBACK);
    const form = await openSettings(people);
    const offer = await askToTry(people, NO_IDEAS, people.ben);
    await save(people, await openSettings(people), { remindHours: '7' });
    expect(wordsOf(await pushFrom(people, form, REHEARSAL.try))).toMatch(/^Somebody has changed/);
    expect(await accept(people, offer)).toMatch(/^Somebody has changed/);
    expect(await stages(people)).toEqual(['offered']);
  });

  test('by somebody who may not', async () => {
    const people = await startSummedUp(FEEDBACK);
    const { ben, cleo } = people;
    const form = await openSettings(people, ben);
    const offer = await askToTry(people, NO_IDEAS, cleo);
    await makeGuest(people, ben);
    expect(wordsOf(await pushFrom(people, form, REHEARSAL.try))).toMatch(/^Guests can read/);
    leave(people, cleo);
    expect(await accept(people, offer)).toMatch(NOT_A_MEMBER);
    expect(await stages(people)).toEqual(['offered']);
  });

  test('twice, when the price is accepted twice', async () => {
    const people = await startSummedUp(FEEDBACK);
    const offer = await askToTry(people);
    await accept(people, offer);
    const { id: viewId, user } = offer;
    const again = await people.slack.submitView({ viewId, user }).catch(() => undefined);
    expect(again?.acked).not.toBe(true);
    expect(await stages(people)).toEqual(['judging']);
  });
});

describe('the budget', () => {
  test('that does not allow it: nothing waits for next month, and saving stays possible', async () => {
    const people = await startSummedUp(FEEDBACK, { settings: { monthlyBudgetUsd: 1 } });
    const offer = await askToTry(people);
    people.changeSettings({ monthlyBudgetUsd: 0.0001 });
    const said = [
      await accept(people, offer),
      wordsOf(await askToTry(people, NO_IDEAS, people.ben)),
    ];
    for (const words of said) {
      expect(words).toMatch(
        /^This month's budget for Claude is \$0\.0001, and \$0\.00 of it is left\. Trying your changes costs at most about \$0\.\d+, so nothing was started\. You can save them without trying them, or ask your Winnow admin to raise MONTHLY_BUDGET_USD\.\s*$/,
      );
    }
    people.changeSettings({ model: 'claude-of-tomorrow' });
    expect(wordsOf(await askToTry(people, NO_IDEAS, people.cleo))).toMatch(
      /the price of claude-of-tomorrow is not known to me: trying your changes might exceed it, so nothing was started\. You can save them without trying them, or ask your Winnow admin to choose another model\.\s*$/,
    );
    expect(await stages(people)).toEqual(['offered']);
  });

  test('what trying has cost is said with the costs of the month', async () => {
    const people = await startSummedUp(FEEDBACK);
    const costs = async () => {
      const status = /\*Cost this month\*: .*/.exec(await people.type('status'));
      const home = /Claude this month: .*/.exec(await openHome(people, people.ben));
      return [status?.[0] ?? '', home?.[0] ?? ''];
    };
    expect((await costs()).join()).not.toContain('trying');
    await tryThem(people);
    await people.rows(sql`update rehearsals set nano_usd = 2500000000`);
    for (const said of await costs()) expect(said).toContain(', and $2.50 for trying settings');
    await discard(people, await showResult(people));
    await people.rows(sql`update rehearsals set nano_usd = null`);
    for (const said of await costs()) {
      expect(said).toContain(', and an unknown price for trying settings');
    }
    // What was tried in an earlier month is none of this one's.
    await people.rows(sql`update rehearsals set asked_at = asked_at - ${40 * DAY_MS}`);
    expect((await costs()).join()).not.toContain('trying');
  });
});

describe('the result', () => {
  test('has no Adopt once others have changed the settings, and can be discarded', async () => {
    const people = await startSummedUp(FEEDBACK);
    await tryThem(people);
    const early = await showResult(people);
    await save(people, await openSettings(people, people.ben), { remindHours: '7' });
    expect(wordsOf(await save(people, early, {}))).toMatch(/^Somebody has changed the settings/);
    const late = await showResult(people);
    expect(wordsOf(late)).toContain('they can no longer be adopted');
    expect(late.view.submit).toBeUndefined();
    expect(await discard(people, late)).toMatch(/^Discarded/);
    expect(people.context.settings.remindAfterMs).toBe(7 * HOUR_MS);
    const keys = people.context.settings.taxonomy.categories.map(({ key }) => key);
    expect(keys).toContain('feature_request');
  });

  test.each([
    ['a guest', makeGuest, /^Guests can read the summary/],
    [
      'somebody who has left',
      async (people: People, user: string) => leave(people, user),
      NOT_A_MEMBER,
    ],
  ])('is neither shown to, adopted nor discarded by %s', async (_who, lose, words) => {
    const people = await startSummedUp(FEEDBACK);
    await tryThem(people);
    const [one, other] = [await showResult(people), await showResult(people)];
    await lose(people, people.user);
    expect(wordsOf(await showResult(people))).toMatch(words);
    expect(wordsOf(await save(people, one, {}))).toMatch(words);
    expect(await discard(people, other)).toMatch(words);
    expect(await stages(people)).toEqual(['done']);
    expect(await isSaved(people)).toBe(false);
  });

  test('leaves out what was forgotten, deleted or edited meanwhile, with its words', async () => {
    const texts = [IDEA, `${IDEA} at night`, `${IDEA} for the editor`, `${IDEA} on phones`];
    const people = await startAdmins(texts);
    await people.sumUp();
    const [first = '', second = '', third = ''] = people.sent;
    await tryThem(people);
    people.slack.delete({ channel: people.channel, ts: first });
    people.slack.edit({ channel: people.channel, ts: second, text: 'Thanks' });
    await people.slack.idle();
    await forgetMessage(people, third);
    const said = wordsOf(await showResult(people));
    expect(said).toContain('1 of 1 message gets another category');
    expect(said).toContain(`${IDEA} on phones`);
    expect(said).not.toMatch(/at night|for the editor|Thanks/);
  });

  test('what is forgotten before Claude is asked is not sent', async () => {
    const people = await startAdmins([BUG, IDEA]);
    await people.sumUp();
    const offer = await askToTry(people);
    const asked = people.claude.asked.length;
    await forgetMessage(people, people.sent[1] ?? '');
    await accept(people, offer);
    await people.settle();
    const sent = JSON.stringify(people.claude.asked.slice(asked));
    expect(sent).toContain(BUG);
    expect(sent).not.toContain(IDEA);
    expect(wordsOf(await showResult(people))).toContain('The message keeps its category');
  });

  test('says that there is nothing to compare once all messages are deleted', async () => {
    const people = await startSummedUp([IDEA]);
    await tryThem(people);
    people.slack.delete({ channel: people.channel, ts: people.sent[0] ?? '' });
    await people.slack.idle();
    const said = wordsOf(await showResult(people));
    expect(said).toContain('There is nothing to compare: the messages are gone.');
    expect(said).not.toContain('0 of 0');
  });

  test('shows all of a sample in several channels only to those who are in them', async () => {
    const people = await startSummedUp([IDEA]);
    const { slack, user } = people;
    const other = slack.addChannel({ name: 'secret', members: [user] });
    slack.inviteBot(other, user);
    await slack.idle();
    slack.post({ channel: other, user, text: `${IDEA} for the secret app` });
    await slack.idle();
    await people.type('', { channel: other });
    await people.settle();
    const bens = await askToTry(people, NO_IDEAS, people.ben);
    expect(wordsOf(bens)).toContain('Classify 1 recent message,');
    await tryThem(people);
    expect(wordsOf(await showResult(people))).toContain('2 of 2 messages get another category');
    slack.leave(other, user);
    people.clock.jump(DAY_MS + 1);
    expect(wordsOf(await showResult(people))).not.toContain('secret');
  });

  test('what fails while it is adopted is said, and it can be adopted then', async () => {
    const people = await startSummedUp(FEEDBACK);
    const { slack } = people;
    await tryThem(people);
    const result = await showResult(people);
    const allow = await people.refuseInserts('settings');
    const failed = wordsOf(await save(people, result, {}));
    expect(failed).toMatch(/^Something went wrong on my side, and nothing was adopted\. .*btn-/);
    expect(await stages(people)).toEqual(['done']);
    // The result is shown again, with why.
    const again = await slack.waitFor(() =>
      slack.views.find(({ id, view }) => id === result.id && view.callback_id === REHEARSAL.adopt),
    );
    expect(wordsOf(again)).toContain('nothing was adopted');
    expect(wordsOf(again)).toContain(IDEA);
    await allow();
    const adopted = await save(people, again, {});
    expect(wordsOf(adopted)).toMatch(/^Saved/);
    expect(adopted.view.callback_id).toBe(SETTINGS.rejudge);
    expect(await stages(people)).toEqual(['adopted']);
  });

  test('compares forty of more messages', async () => {
    const texts = Array.from({ length: 45 }, (_, n) => `${n % 3 ? BUG : IDEA} (No. ${n})`);
    const people = await startSummedUp(texts);
    const offer = await askToTry(people);
    expect(wordsOf(offer)).toContain('Classify 40 recent messages,');
    await accept(people, offer);
    await people.settle();
    expect(wordsOf(await showResult(people))).toMatch(/1[34] of 40 messages get another category/);
  });
});
