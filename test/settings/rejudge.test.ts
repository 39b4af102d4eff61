import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import type { SimView } from '../../sim/slack/types.ts';
import { measureRejudging, rejudge } from '../../src/jobs/runs/rejudge.ts';
import { requestRun } from '../../src/jobs/runs/request.ts';
import { markJudged, measureJudged } from '../../src/store/runs/rejudgements.ts';
import {
  BUG,
  DAY_MS,
  FLAG,
  IDEA,
  NOISE,
  type People,
  PRAISE,
  startPeople,
  startSummedUp,
  words,
} from '../people/stage.ts';
import { openSettings, pressIn, save, wordsOf } from './stage.ts';

/** After a change of the categories: judging the last days again, where they were told of. */

const FEEDBACK = [BUG, IDEA, PRAISE, NOISE];

/** Takes a category away. Resolves with what the modal becomes: the offer to judge again. */
async function dropIdeas(people: People, typed: Record<string, unknown> = {}): Promise<SimView> {
  return save(people, await openSettings(people), { 'c-feature_request-name': '', ...typed });
}

/** *Judge again*: what is asked for is committed when this resolves. */
async function ask(people: People, offer: SimView): Promise<string> {
  return wordsOf(await save(people, offer, {}));
}

const verdicts = async (people: People) => {
  const rows = await people.rows(sql<{ ts: string; category: string; version: number }>`
    select messages.ts, category, taxonomy_version as version from messages
    join verdicts on verdicts.id = messages.verdict order by messages.ts`);
  return rows.map(({ category, version }) => `${category} ${version}`);
};

const states = async (people: People) => {
  const rows = await people.rows(sql<{ state: string; again: number; digest: number | null }>`
    select state, again, digest from messages order by ts`);
  return rows.map(({ state, again, digest }) => `${state} ${again} ${digest}`);
};

const runs = (people: People) =>
  people.rows(sql<{ id: number; requested_by: string | null; taxonomy_version: number }>`
    select * from runs order by id`);

const digests = (people: People) =>
  people.posts().filter(({ metadata }) => metadata?.event_type === 'winnow_digest');

/** All that was said of the end of a run, to whoever asked for it or in the channel. */
const said = (people: People) =>
  [
    ...people.told(people.user),
    ...people.posts().map(({ text, blocks }) => text + words(blocks)),
  ].join('\n');

describe('the offer', () => {
  test('says how many messages and for how much; who does not want it leaves all as it is', async () => {
    const people = await startSummedUp(FEEDBACK);
    const offer = await dropIdeas(people);
    expect(wordsOf(offer)).toMatch(
      /Reclassify the 4 messages of the last 7 days under these categories, for at most about \$0\.0\d+\?/,
    );
    await people.rest();
    expect(await runs(people)).toHaveLength(1);
    expect(await verdicts(people)).toEqual(['bug 1', 'feature_request 1', 'praise 1', 'noise 1']);
  });

  test('is made again to whoever saves what is saved: it may have been put off', async () => {
    const people = await startSummedUp(FEEDBACK);
    await dropIdeas(people);
    const offer = await save(people, await openSettings(people), {});
    expect(wordsOf(offer)).toMatch(/^Nothing was changed\.\s+Reclassify the 4 messages/);
    await ask(people, offer);
    await people.rest();
    expect(await verdicts(people)).toContain('usability 2');
    expect(wordsOf(await save(people, await openSettings(people), {}))).not.toContain('again');
  });

  test('is not made when nothing was judged, or only what has nothing to do with categories', async () => {
    const people = await startPeople(FEEDBACK);
    expect(wordsOf(await dropIdeas(people))).not.toContain('again');
    await people.sumUp();
    const saved = await save(people, await openSettings(people), { time: '06:00' });
    expect(wordsOf(saved)).not.toContain('again');
    // Judged under these very categories.
    expect((await measureRejudging(people.context)).messages).toBe(0);
  });

  test('leaves out what people have set or confirmed, what is older, and what is gone', async () => {
    const people = await startSummedUp([BUG, IDEA, PRAISE, NOISE, 'It crashes on start']);
    const { slack, channel, ben } = people;
    const [bug = '', idea = '', , noise = ''] = people.sent;
    await people.react(ben, people.card(bug).ts, '+1');
    await people.react(ben, idea, 'confounded');
    slack.delete({ channel, ts: noise });
    await people.rest();
    expect(wordsOf(await dropIdeas(people))).toContain('Reclassify the 2 messages of');
    people.clock.jump(8 * DAY_MS);
    expect((await measureRejudging(people.context)).messages).toBe(0);
  });

  test('comes with the environment’s categories as well', async () => {
    const people = await startPeople(FEEDBACK);
    await dropIdeas(people);
    await people.sumUp();
    const offer = await pressIn(people, await openSettings(people), 'reset');
    expect(wordsOf(offer)).toContain('Reclassify the 4 messages of the last 7 days');
    await ask(people, offer);
    await people.rest();
    expect(await verdicts(people)).toContain('feature_request 1');
    expect(people.context.settings.defaults.taxonomy).toBe(people.context.settings.taxonomy);
  });
});

describe('judged again', () => {
  test.each(['socket', 'http'] as const)(
    'the new verdict takes the place of the old one: in the digest, by its reaction, told once (%s)',
    async (how) => {
      const people = await startSummedUp(FEEDBACK, { how });
      const { user } = people;
      const [bug = '', idea = ''] = people.sent;
      expect(people.reactionsOf(idea)).toEqual(['bulb']);
      expect(people.list('feature_request')).toContain('dark mode');
      expect(await ask(people, await dropIdeas(people))).toMatch(/^They are being reclassified/);
      await people.rest();

      expect(await verdicts(people)).toEqual(['bug 2', 'usability 2', 'praise 2', 'noise 2']);
      expect(people.reactionsOf(idea)).toEqual(['confounded']);
      expect(people.reactionsOf(bug)).toEqual(['bug', FLAG]);
      expect(await states(people)).toEqual(Array(4).fill('judged 0 1'));
      // Of the first digest, brought up to date.
      const [first] = digests(people);
      expect(words(first?.blocks)).toContain(':confounded: 1');
      const thread = people.slack
        .thread(people.channel, first?.ts ?? '')
        .map(({ blocks }) => words(blocks))
        .join('\n');
      expect(thread.match(/dark mode/g)).toHaveLength(1);
      expect(people.cards(bug)).toHaveLength(1);
      expect(await runs(people)).toMatchObject([
        {},
        { cause: 'command', requested_by: user, taxonomy_version: 2 },
      ]);
      expect(said(people)).toMatch(/4 messages were reclassified; their summaries are up to date/);
    },
  );

  test('a category that the digest did not know is told by its name', async () => {
    const people = await startSummedUp(FEEDBACK);
    const typed = {
      'new1-name': 'Wishes of all kinds',
      'new1-emoji': ':gift:',
      'new1-meaning': 'Whatever somebody would like to have.',
    };
    let view = await pressIn(people, await openSettings(people), 'add');
    view = await save(people, view, { ...typed, 'c-feature_request-name': '' });
    await ask(people, view);
    await people.rest();
    const [, idea = ''] = people.sent;
    expect((await verdicts(people))[1]).toBe('wishes_of_all_kinds 2');
    expect(people.reactionsOf(idea)).toEqual(['gift']);
    const [first] = digests(people);
    expect(words(first?.blocks)).toContain(':gift: 1');
    const list = people.slack
      .thread(people.channel, first?.ts ?? '')
      .find(({ metadata }) => JSON.stringify(metadata).includes('wishes_of_all_kinds'));
    expect(words(list?.blocks)).toContain('Wishes of all kinds');
    expect(words(list?.blocks)).toContain('dark mode');
  });

  test('flags come and go with the rules, and cards with them', async () => {
    const people = await startSummedUp(FEEDBACK);
    const [bug = '', idea = ''] = people.sent;
    expect(people.stateOf(bug)).toBe('open');
    const view = await openSettings(people);
    await ask(people, await save(people, view, { rules: 'feature request, low urgency' }));
    await people.rest();
    expect(people.stateOf(bug)).toBe('withdrawn');
    expect(people.reactionsOf(bug)).toEqual(['bug']);
    expect(people.stateOf(idea)).toBe('open');
    expect(people.reactionsOf(idea)).toEqual(['bulb', FLAG]);
    // In the thread of the digest that had told of it.
    const [first] = digests(people);
    expect(people.card(idea).thread_ts).toBe(first?.ts);
  });

  test('no more cards than NEEDS_SHOWN come of it', async () => {
    const people = await startSummedUp(FEEDBACK, { settings: { needsShown: 1 } });
    const [bug = '', idea = '', praise = ''] = people.sent;
    const view = await openSettings(people);
    const rules = 'bug\nfeature request\npraise';
    await ask(people, await save(people, view, { rules }));
    await people.rest();
    for (const ts of [bug, idea, praise]) expect(people.reactionsOf(ts)).toContain(FLAG);
    expect([bug, idea, praise].map((ts) => people.cards(ts).length)).toEqual([1, 0, 0]);
    const [first] = digests(people);
    expect(
      people.slack.thread(people.channel, first?.ts ?? '').map(({ text }) => text),
    ).toContainEqual(expect.stringContaining('2 more need attention'));
  });

  test('what is new meanwhile is told in a digest of its own, without the others', async () => {
    const people = await startSummedUp(FEEDBACK);
    const { slack, channel, user } = people;
    slack.post({ channel, user, text: 'The search is broken and crashes' });
    await slack.idle();
    await ask(people, await dropIdeas(people));
    await people.rest();
    expect(digests(people)).toHaveLength(2);
    expect(people.digest().text).toContain('1 message');
    expect(await states(people)).toEqual([...Array(4).fill('judged 0 1'), 'judged 0 2']);
  });

  test('what no digest has told of yet is told in the next one, once', async () => {
    const people = await startPeople(FEEDBACK);
    const { channel, context } = people;
    const quiet = { channel, cause: 'schedule' as const, requestedBy: null, withDigest: false };
    await context.db.transaction().execute((tx) => requestRun(tx, context, quiet));
    await people.rest();
    expect(await states(people)).toEqual(Array(4).fill('judged 0 null'));
    await ask(people, await dropIdeas(people));
    await people.rest();
    expect(await states(people)).toEqual(Array(4).fill('judged 0 2'));
    expect(digests(people)).toHaveLength(1);
  });

  test('edited on the way, a message is news: it goes into the next digest', async () => {
    const people = await startSummedUp(FEEDBACK);
    const { slack, channel, claude } = people;
    const [, idea = ''] = people.sent;
    claude.holdBatches(true);
    await ask(people, await dropIdeas(people));
    await people.step();
    slack.edit({ channel, ts: idea, text: 'Please add an export to PDF' });
    await slack.idle();
    claude.holdBatches(false);
    await people.rest();
    // The verdict about the old words is not taken.
    expect((await states(people))[1]).toMatch(/^pending 0/);
    await people.sumUp();
    expect((await states(people))[1]).toBe('judged 0 3');
    expect(await verdicts(people)).toEqual(['bug 2', 'usability 2', 'praise 2', 'noise 2']);
  });

  test('what a person says meanwhile outranks what comes back', async () => {
    const people = await startSummedUp(FEEDBACK);
    const [, idea = ''] = people.sent;
    await ask(people, await dropIdeas(people));
    await people.step();
    await people.react(people.ben, idea, 'question');
    await people.rest();
    expect((await verdicts(people))[1]).toBe('question 2');
    expect(people.reactionsOf(idea)).toEqual(['question']);
    expect((await states(people))[1]).toBe('judged 0 1');
  });

  test('deleted on the way, nothing comes of it', async () => {
    const people = await startSummedUp(FEEDBACK);
    const { slack, channel } = people;
    const [, idea = ''] = people.sent;
    await ask(people, await dropIdeas(people));
    await people.step();
    slack.delete({ channel, ts: idea });
    await people.rest();
    expect((await verdicts(people))[1]).toBe('feature_request 1');
    expect(said(people)).toContain('3 messages were reclassified');
  });

  test('without a good answer the verdict stays that it has, and three tries are enough', async () => {
    const people = await startSummedUp(FEEDBACK);
    const [, idea = ''] = people.sent;
    people.claude.faults.addItem({
      outcome: 'refusal',
      match: (_id, text) => text.includes('dark'),
    });
    await ask(people, await dropIdeas(people));
    await people.rest();
    expect((await states(people))[1]).toBe('judged 1 1');
    for (let round = 0; round < 3; round++) await people.sumUp();
    expect((await states(people))[1]).toBe('judged 0 1');
    expect((await verdicts(people))[1]).toBe('feature_request 1');
    expect(people.reactionsOf(idea)).toEqual(['bulb']);
    expect(await runs(people)).toHaveLength(4);
  });

  test('canceled, it is called off: what is left keeps its verdict and is not tried again', async () => {
    const people = await startSummedUp(FEEDBACK);
    people.claude.holdBatches(true);
    await ask(people, await dropIdeas(people));
    await people.step();
    await people.type('cancel');
    await people.step();
    people.claude.holdBatches(false);
    await people.rest();
    expect(await states(people)).toEqual(Array(4).fill('judged 0 1'));
    expect(await verdicts(people)).toContain('feature_request 1');
    expect(await people.type()).toMatch(/^Nothing is pending/);
    // Until somebody asks for it once more.
    await ask(people, await save(people, await openSettings(people), {}));
    await people.rest();
    expect(await verdicts(people)).toContain('usability 2');
  });

  test('pressed once more while it is going, nothing is judged twice, and nothing new is begun', async () => {
    const people = await startSummedUp(FEEDBACK);
    const { slack, channel, user } = people;
    await ask(people, await dropIdeas(people));
    await people.step();
    await ask(people, await save(people, await openSettings(people), {}));
    slack.post({ channel, user, text: 'The search is broken and crashes' });
    await slack.idle();
    await people.rest();
    expect(await runs(people)).toHaveLength(2);
    expect(
      people.claude
        .batches()
        .map(({ requests }) => requests.length)
        .sort(),
    ).toEqual([4, 4]);
    expect((await states(people)).at(-1)).toBe('pending 0 null');
  });

  test('while it is going, numbers and lists are as they were', async () => {
    const people = await startSummedUp(FEEDBACK);
    const [bug = ''] = people.sent;
    const thread = () => {
      const { channel, slack } = people;
      const posts = slack.thread(channel, digests(people)[0]?.ts ?? '');
      return posts
        .filter(({ ts }) => ts !== people.card(bug).ts)
        .map(({ blocks }) => words(blocks));
    };
    people.slack.react({ channel: people.channel, ts: bug, user: people.cleo, name: 'eyes' });
    await people.rest();
    const before = thread();
    const stale = () => people.rows(sql`select id from runs where stale_at is not null`);
    people.claude.holdBatches(true);
    await ask(people, await dropIdeas(people));
    await people.step();
    people.slack.unreact({ channel: people.channel, ts: bug, user: people.cleo, name: 'eyes' });
    people.slack.react({ channel: people.channel, ts: bug, user: people.cleo, name: 'eyes' });
    await people.slack.idle();
    await people.step();
    expect(people.stateOf(bug)).toBe('claimed');
    expect(await stale()).not.toEqual([]);
    // Counted anew, and nothing is missing.
    people.clock.jump(11_000);
    await people.step();
    expect(await stale()).toEqual([]);
    expect(thread()).toEqual(before);
    expect(await people.type('status')).toContain('*Pending*: nothing');
    people.claude.holdBatches(false);
    await people.rest();
    expect(await verdicts(people)).toContain('usability 2');
  });
});

describe('it is asked for once', () => {
  test('also when it is pressed twice, or by two people', async () => {
    const people = await startSummedUp(FEEDBACK);
    const offer = await dropIdeas(people);
    await Promise.all([
      people.slack.submitView({ viewId: offer.id }),
      people.slack.submitView({ viewId: offer.id }),
    ]);
    await people.rest();
    expect(await runs(people)).toHaveLength(2);
    expect(await people.rows(sql`select * from rejudgements`)).toHaveLength(1);
  });

  test('and no more once somebody has changed the settings again', async () => {
    const people = await startSummedUp(FEEDBACK);
    const offer = await dropIdeas(people);
    await save(people, await openSettings(people), { 'c-question-name': '' });
    expect(await ask(people, offer)).toMatch(/^The settings have changed since then/);
    await people.rest();
    expect(await runs(people)).toHaveLength(1);
  });

  test('by nobody who may not', async () => {
    const people = await startSummedUp(FEEDBACK);
    const { slack, channel, user } = people;
    const offer = await dropIdeas(people);
    slack.leave(channel, user);
    people.clock.jump(2 * DAY_MS);
    expect(await ask(people, offer)).toMatch(/^Only people who are in a channel/);
    expect(await people.rows(sql`select * from rejudgements`)).toEqual([]);
  });
});

test('a run that is going under the earlier categories ends first, and what it brings is judged again too', async () => {
  const people = await startSummedUp([BUG]);
  const { slack, channel, user, claude } = people;
  slack.post({ channel, user, text: IDEA });
  await slack.idle();
  claude.holdBatches(true);
  await people.type();
  await people.step();
  await ask(people, await dropIdeas(people));
  await people.step();
  expect(await states(people)).toEqual(['judged 0 1', 'claimed 0 null']);
  expect(await rejudge(people.context)).toBeGreaterThan(people.clock.now());
  claude.holdBatches(false);
  await people.rest();
  expect(await verdicts(people)).toEqual(['bug 2', 'usability 2']);
  expect(await states(people)).toEqual(['judged 0 1', 'judged 0 2']);
});

describe('a restart', () => {
  test.each<[string, (people: People) => Promise<unknown>]>([
    ['once it is asked for', async () => {}],
    [
      'while messages are marked',
      async ({ context, channel, sent }) => {
        const {
          settings: { taxonomyVersion },
        } = context;
        await context.db.transaction().execute(async (tx) => {
          const range = { channel, sinceTs: '', after: null, taxonomyVersion };
          const last = await markJudged(tx, range, 2);
          expect(last).toBe(sent[1]);
          await tx.updateTable('rejudgements').set({ marked_ts: last }).execute();
        });
      },
    ],
    ['when the run is opened', ({ context }) => rejudge(context)],
    ['when it is at Claude', (people) => people.step()],
  ])('%s: the next process brings it to its end, once', async (_when, goOn) => {
    const people = await startSummedUp(FEEDBACK, { onDisk: true });
    await ask(people, await dropIdeas(people));
    await goOn(people);
    await people.restart();
    await people.settle();
    expect(await verdicts(people)).toEqual(['bug 2', 'usability 2', 'praise 2', 'noise 2']);
    expect(await states(people)).toEqual(Array(4).fill('judged 0 1'));
    expect(await runs(people)).toHaveLength(2);
    expect(people.reactionsOf(people.sent[1] ?? '')).toEqual(['confounded']);
    expect(
      digests(people)
        .map(({ text }) => text)
        .filter((text) => text.includes('4 messages')),
    ).not.toEqual([]);
  });
});

test('marking goes on where it was, page by page, and passes over what people have said', async () => {
  const people = await startSummedUp(FEEDBACK);
  const [bug = '', idea = '', praise = '', noise = ''] = people.sent;
  await people.react(people.ben, idea, 'confounded');
  const { db } = people.context;
  const range = { channel: people.channel, sinceTs: bug, after: null, taxonomyVersion: 2 };
  expect(await measureJudged(db, range, 3, 8_000)).toMatchObject({ messages: 2, last: praise });
  await db.transaction().execute(async (tx) => {
    expect(await markJudged(tx, range, 3)).toBe(praise);
    expect(await markJudged(tx, { ...range, after: praise }, 3)).toBe(noise);
    expect(await markJudged(tx, { ...range, after: noise }, 3)).toBeNull();
  });
  expect((await states(people)).map((state) => state.slice(0, 8))).toEqual([
    'judged 1',
    'judged 0',
    'judged 1',
    'judged 1',
  ]);
});
