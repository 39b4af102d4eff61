import { describe, expect, test } from 'vitest';
import { BUG, FLAG, type People, PRAISE, startPeople, startSummedUp, words } from './stage.ts';

/** Whenever somebody acts: before the verdict, before the card, without a card, after a restart. */

/** Runs the jobs until Claude has the batch, and leaves it there. */
async function holdRun(people: People): Promise<void> {
  people.claude.holdBatches(true);
  await people.type();
  await people.settle(() => people.claude.batches().length > 0);
}

async function endRun(people: People): Promise<void> {
  people.claude.holdBatches(false);
  people.claude.endBatch();
  people.clock.jump(5000);
  await people.rest();
}

describe('before Claude has judged a message', () => {
  test('a claim, while the run is going', async () => {
    const people = await startPeople([BUG, PRAISE]);
    const [ts = ''] = people.sent;
    await holdRun(people);
    people.slack.react({ channel: people.channel, ts, user: people.ben, name: 'eyes' });
    await people.slack.idle();
    await people.step();
    expect(await people.acts()).toMatchObject([{ state: 'taken' }]);
    await endRun(people);
    expect(people.stateOf(ts)).toBe('claimed');
    expect(people.reactionsOf(ts)).toEqual(['bug', FLAG]);
    expect(people.cards(ts)).toHaveLength(1);
    expect(words(people.digest().blocks)).toContain('1 needs attention');
  });

  test('a resolution, while it is pending: it never gets a 🚩', async () => {
    const people = await startPeople([BUG, PRAISE]);
    const [ts = ''] = people.sent;
    await people.react(people.ben, ts, 'white_check_mark');
    await people.sumUp();
    expect(people.reactionsOf(ts)).toEqual(['bug']);
    expect(people.stateOf(ts)).toBe('resolved');
    expect(words(people.digest().blocks)).toContain('1 resolved or dismissed.');
    const added = people.slack.calls.filter(({ method }) => method === 'reactions.add');
    expect(added.map(({ args }) => args.name).sort()).toEqual(['bug', 'tada']);
    await people.takeBack(people.ben, ts, 'white_check_mark');
    expect(people.stateOf(ts)).toBe('open');
    expect(people.reactionsOf(ts)).toEqual(['bug', FLAG]);
  });

  test('a category, while the run is going: Claude’s own is never shown', async () => {
    const people = await startPeople([BUG, PRAISE]);
    const [ts = ''] = people.sent;
    await holdRun(people);
    people.slack.react({ channel: people.channel, ts, user: people.ben, name: 'bulb' });
    await people.slack.idle();
    await people.step();
    expect(people.reactionsOf(ts)).toEqual([]);
    await endRun(people);
    expect(people.reactionsOf(ts)).toEqual(['bulb', FLAG]);
    expect(people.list('feature_request')).toContain(BUG);
    expect(people.list('bug')).toBe('');
    expect(words(people.card(ts).blocks)).toContain('set by ben');
    await people.takeBack(people.ben, ts, 'bulb');
    expect(people.reactionsOf(ts)).toEqual(['bug', FLAG]);
  });

  test('a flag on what turns out to be praise: 🚩 at once, the card with the summary', async () => {
    const people = await startPeople([PRAISE, BUG]);
    const [ts = ''] = people.sent;
    await people.react(people.ben, ts, FLAG);
    expect(people.reactionsOf(ts)).toEqual([FLAG]);
    expect(people.posts()).toEqual([]);
    await people.sumUp();
    expect(people.reactionsOf(ts)).toEqual(['tada', FLAG]);
    expect(people.stateOf(ts)).toBe('open');
    expect(words(people.card(ts).blocks)).toContain('Flagged by ben');
    expect(people.cards(ts)).toHaveLength(1);
  });

  test('done and taken back leaves nothing', async () => {
    const people = await startPeople([BUG]);
    const [ts = ''] = people.sent;
    await people.react(people.ben, ts, 'no_good');
    await people.react(people.ben, ts, 'bulb');
    await people.takeBack(people.ben, ts, 'no_good');
    await people.takeBack(people.ben, ts, 'bulb');
    await people.sumUp();
    expect(people.stateOf(ts)).toBe('open');
    expect(people.reactionsOf(ts)).toEqual(['bug', FLAG]);
  });

  test('a 👍 does not take away the category that somebody gave it', async () => {
    const people = await startPeople([BUG]);
    const [ts = ''] = people.sent;
    await people.react(people.ben, ts, 'bulb');
    await people.react(people.cleo, ts, '+1');
    await people.sumUp();
    expect(people.reactionsOf(ts)).toEqual(['bulb', FLAG]);
  });
});

describe('the card', () => {
  test('could not be posted: the original does as well', async () => {
    const people = await startPeople([BUG, PRAISE]);
    const { slack, ben } = people;
    const [ts = ''] = people.sent;
    slack.faults.add({
      method: 'chat.postMessage',
      kind: 'error',
      error: 'invalid_arguments',
      match: ({ metadata }) => JSON.stringify(metadata).includes('winnow_card'),
    });
    await people.sumUp();
    expect(people.cards(ts)).toEqual([]);
    await people.react(ben, ts, 'eyes');
    expect(await people.flag(ts)).toEqual({ state: 'claimed', by: ben });
    await people.react(ben, ts, 'white_check_mark');
    expect(people.reactionsOf(ts)).toEqual(['bug']);
    expect(words(people.digest().blocks)).toContain('1 resolved or dismissed.');
    await people.takeBack(ben, ts, 'white_check_mark');
    expect(people.reactionsOf(ts)).toEqual(['bug', FLAG]);
    expect(people.cards(ts)).toEqual([]);
  });

  test('was posted and its answer lost: a quick reaction on it is not', async () => {
    const people = await startPeople([BUG, PRAISE]);
    const { slack, channel, ben } = people;
    const [ts = ''] = people.sent;
    slack.faults.add({
      method: 'chat.postMessage',
      kind: 'cut',
      when: 'after',
      match: ({ metadata }) => JSON.stringify(metadata).includes('winnow_card'),
    });
    await people.type();
    await people.settle(() => people.cards(ts).length > 0);
    slack.react({ channel, ts: people.card(ts).ts, user: ben, name: 'white_check_mark' });
    await slack.idle();
    expect(await people.acts()).toEqual([]);
    await people.rest();
    expect(people.cards(ts)).toHaveLength(1);
    expect(people.stateOf(ts)).toBe('resolved');
    expect(people.reactionsOf(ts)).toEqual(['bug']);
    await people.takeBack(ben, people.card(ts).ts, 'white_check_mark');
    expect(people.stateOf(ts)).toBe('open');
  });

  test('waits to be posted: it goes out as it stands by then, once', async () => {
    const people = await startPeople([BUG, PRAISE]);
    const { slack, channel, ben } = people;
    const [ts = ''] = people.sent;
    slack.faults.add({ method: 'chat.postMessage', kind: 'rate_limit', retryAfter: 60 });
    await people.type();
    await people.settle(() => slack.rateLimited > 0);
    slack.react({ channel, ts, user: ben, name: 'eyes' });
    await slack.idle();
    await people.step();
    expect(people.posts()).toEqual([]);
    await people.rest();
    expect(people.stateOf(ts)).toBe('claimed');
    const updated = slack.calls.filter(({ method }) => method === 'chat.update');
    expect(updated.filter(({ args }) => args.ts === people.card(ts).ts)).toEqual([]);
  });

  test('was deleted by somebody: the rest follows as before', async () => {
    const people = await startSummedUp([BUG]);
    const { slack, channel, ben } = people;
    const [ts = ''] = people.sent;
    slack.delete({ channel, ts: people.card(ts).ts });
    await people.react(ben, ts, 'white_check_mark');
    expect(people.reactionsOf(ts)).toEqual(['bug']);
    expect(words(people.digest().blocks)).toContain('1 resolved or dismissed.');
    expect(people.cards(ts)).toEqual([]);
  });
});
