import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { sweep } from '../../src/jobs/intake/sweep.ts';
import { ACTIONS } from '../../src/slack/blocks/actions.ts';
import {
  BUG,
  DAY_MS,
  FLAG,
  IDEA,
  offers,
  type People,
  PRAISE,
  readState,
  startSummedUp,
  words,
} from './stage.ts';

/** Messages that were edited or deleted after somebody had acted on them. */

async function editAndSumUp(people: People, ts: string, text: string): Promise<void> {
  people.slack.edit({ channel: people.channel, ts, text });
  await people.slack.idle();
  await people.sumUp();
}

const person = async (people: People, ts: string) =>
  (
    await people.rows(
      sql<{ category: string; person: string | null; gist: string }>`
        select category, person, gist from messages
        join verdicts on verdicts.id = messages.verdict where messages.ts = ${ts}`,
    )
  )[0];

describe('edited', () => {
  test('the person’s category still counts, with what Claude says anew', async () => {
    const people = await startSummedUp([BUG, PRAISE]);
    const { ben } = people;
    const [ts = ''] = people.sent;
    await people.react(ben, ts, 'bulb');
    await editAndSumUp(people, ts, 'It crashes when I print');
    expect(await person(people, ts)).toEqual({
      category: 'feature_request',
      person: ben,
      gist: 'It crashes when I print',
    });
    expect(people.reactionsOf(ts)).toEqual(['bulb', FLAG]);
    expect(people.list('feature_request')).toContain('It crashes when I print');
    const examples = await people.rows(sql`select text from examples`);
    expect(examples).toEqual([{ text: 'It crashes when I print' }]);
    // Taken back, it is what Claude said of the new words.
    await people.takeBack(ben, ts, 'bulb');
    expect(await person(people, ts)).toMatchObject({ category: 'bug', person: null });
    expect(people.reactionsOf(ts)).toEqual(['bug', FLAG]);
  });

  test('a claim stands, and an act on it before it is judged anew counts', async () => {
    const people = await startSummedUp([BUG, PRAISE]);
    const { slack, channel, ben, cleo } = people;
    const [ts = ''] = people.sent;
    await people.react(ben, ts, 'eyes');
    slack.edit({ channel, ts, text: 'It crashes when I print' });
    await slack.idle();
    await people.rest();
    expect(people.stateOf(ts)).toBe('claimed');
    await people.react(cleo, ts, 'white_check_mark');
    expect(people.stateOf(ts)).toBe('resolved');
    await people.sumUp();
    expect(people.stateOf(ts)).toBe('resolved');
    expect(people.reactionsOf(ts)).toEqual(['bug']);
  });

  test('into something that needs no attention: the flag goes, unless a person has set it', async () => {
    const people = await startSummedUp([BUG, 'It crashes when I print', IDEA]);
    const [ts = '', flagged = ''] = people.sent;
    await people.react(people.ben, flagged, FLAG);
    for (const one of [ts, flagged]) {
      people.slack.edit({ channel: people.channel, ts: one, text: PRAISE });
    }
    await people.slack.idle();
    await people.sumUp();
    expect(people.reactionsOf(ts)).toEqual(['tada']);
    expect(await people.flag(ts)).toMatchObject({ state: 'withdrawn' });
    expect(people.reactionsOf(flagged)).toEqual(['tada', FLAG]);
    expect(people.stateOf(flagged)).toBe('open');
  });

  test('and told of again, no older card says that it is still to be done', async () => {
    const people = await startSummedUp([BUG, PRAISE]);
    const [ts = ''] = people.sent;
    await editAndSumUp(people, ts, 'It crashes when I print');
    await people.react(people.ben, ts, 'white_check_mark');
    const [oldest, newest] = people.cards(ts);
    expect(readState(newest ?? {})).toBe('resolved');
    expect(readState(oldest ?? {})).not.toBe('open');
    expect(offers(oldest?.blocks)).not.toContain(ACTIONS.claim);
    // A reaction on the older one counts all the same.
    await people.react(people.cleo, oldest?.ts ?? '', 'eyes');
    expect(people.stateOf(ts)).toBe('claimed');
  });
});

describe('deleted', () => {
  test('nobody has to do anything about it: card, numbers, lists', async () => {
    const people = await startSummedUp([BUG, PRAISE]);
    const { slack, channel, ben } = people;
    const [ts = ''] = people.sent;
    await people.react(ben, ts, 'eyes');
    slack.delete({ channel, ts });
    await people.rest();
    expect(people.stateOf(ts)).toBe('withdrawn');
    const card = people.card(ts);
    expect(words(card.blocks)).toContain('The message was deleted');
    expect(JSON.stringify(card)).not.toContain(BUG);
    expect(card.text).not.toContain(BUG);
    expect(words(people.digest().blocks)).toContain(':tada: 1');
    expect(words(people.digest().blocks)).not.toContain(':bug: 1');
    expect(people.list('bug')).not.toContain(BUG);
  });

  test('who acts on its card is told that it is gone', async () => {
    const people = await startSummedUp([BUG, PRAISE]);
    const { slack, channel, ben } = people;
    const [ts = ''] = people.sent;
    slack.delete({ channel, ts });
    await people.rest();
    await people.react(ben, people.card(ts).ts, 'eyes');
    expect(people.stateOf(ts)).toBe('withdrawn');
    expect(people.told(ben)).toEqual([expect.stringMatching(/^That message has been deleted/)]);
    expect(await people.acts()).toMatchObject([{ state: 'refused', refusal: 'deleted' }]);
  });

  test('between what somebody did and its being taken', async () => {
    const people = await startSummedUp([BUG, PRAISE]);
    const { slack, channel, ben } = people;
    const [ts = ''] = people.sent;
    slack.react({ channel, ts, user: ben, name: 'bulb' });
    await slack.idle();
    slack.delete({ channel, ts });
    await people.rest();
    expect(people.stateOf(ts)).toBe('withdrawn');
    expect((await people.acts()).map(({ state }) => state)).toEqual(['refused']);
    const failed = people.slack.calls.filter(({ ok }) => !ok);
    expect(failed.map(({ method }) => method)).not.toContain('reactions.add');
  });

  test('with replies, and found by the sweep only', async () => {
    const people = await startSummedUp([BUG, PRAISE]);
    const { slack, channel, user, ben } = people;
    const [ts = ''] = people.sent;
    slack.post({ channel, user, text: 'me too', threadTs: ts });
    await people.react(ben, ts, 'eyes');
    slack.delete({ channel, ts, silent: true });
    people.clock.jump(5 * 60_000);
    await sweep(people.context, { lookBackMs: DAY_MS });
    await people.rest();
    expect(people.stateOf(ts)).toBe('withdrawn');
    expect(words(people.digest().blocks)).not.toContain(':bug: 1');
  });

  test('its correction teaches nothing any more', async () => {
    const people = await startSummedUp([BUG, PRAISE]);
    const { slack, channel, user } = people;
    const [ts = ''] = people.sent;
    await people.react(people.ben, ts, 'bulb');
    slack.delete({ channel, ts });
    slack.post({ channel, user, text: `${BUG} again` });
    await people.rest();
    await people.sumUp();
    const [row] = await people.rows(
      sql<{ examples: string | null }>`select examples from requests order by batch desc limit 1`,
    );
    expect(row?.examples).toBeNull();
  });
});
