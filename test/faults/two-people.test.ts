import fc from 'fast-check';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import type { SimMessage } from '../../sim/slack/types.ts';
import { FORGOTTEN } from '../../src/core/privacy/forgotten.ts';
import { sweep } from '../../src/jobs/intake/sweep.ts';
import { takeActs } from '../../src/jobs/people/take-acts.ts';
import { ACTIONS, HONESTY } from '../../src/slack/blocks/actions.ts';
import { openHome } from '../people/homes.ts';
import { triage } from '../people/modals.ts';
import {
  BUG,
  DAY_MS,
  FLAG,
  NOISE,
  offers,
  type People,
  PRAISE,
  pressOn,
  readState,
  startPeople,
  words,
} from '../people/stage.ts';
import { askToForget, askToForgetPerson, confirm } from '../privacy/stage.ts';

/**
 * Two people who do anything in any order, with events lost, doubled and late, and with Slack
 * refusing now and then: once all is quiet, everything that is shown says the same.
 */

/** Another seed, or many more, to look for something new. */
const SEED = Number(process.env.PEOPLE_SEED ?? 20_261_122);
const RUNS = Number(process.env.PEOPLE_RUNS ?? 10);

const OTHER = 'It crashes when I print';
const EMOJI = ['eyes', 'white_check_mark', 'no_good', FLAG, 'bulb', 'bug', '+1', 'pizza'];
const PRESSED = ['claim', 'resolve', 'dismiss', 'undo', 'category'] as const;
const TROUBLES = ['drop', 'late', 'duplicate', 'limited', 'cut', 'error'] as const;

const index = fc.nat({ max: 3 });
const steps = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.tuple(fc.constant('react' as const), index, index, fc.nat(99)) },
    { weight: 5, arbitrary: fc.tuple(fc.constant('takeBack' as const), index, index, fc.nat(99)) },
    { weight: 4, arbitrary: fc.tuple(fc.constant('press' as const), index, index, fc.nat(99)) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('also' as const), index, index, fc.nat(99)) },
    { weight: 4, arbitrary: fc.tuple(fc.constant('answer' as const), index, index, fc.nat(99)) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('edit' as const), index, index, fc.nat(99)) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('delete' as const), index, index, fc.nat(99)) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('forget' as const), index, index, fc.nat(99)) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('sumUp' as const), index, index, fc.nat(99)) },
    { weight: 3, arbitrary: fc.tuple(fc.constant('step' as const), index, index, fc.nat(99)) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('sweep' as const), index, index, fc.nat(99)) },
    { weight: 3, arbitrary: fc.tuple(fc.constant('trouble' as const), index, index, fc.nat(99)) },
  ),
  { minLength: 10, maxLength: 25 },
);
type Step = typeof steps extends fc.Arbitrary<(infer One)[]> ? One : never;

/** A summary in the morning, and a message that Claude can make nothing of. */
async function startDay(): Promise<People> {
  const people = await startPeople([BUG, OTHER, PRAISE, NOISE], {
    settings: { closeTheLoop: true },
  });
  people.slack.setAdmin(people.ben, true);
  people.claude.faults.addItem({ outcome: 'not_json', match: (_id, text) => text.includes(NOISE) });
  for (let run = 0; run < 3; run++) await people.sumUp();
  // The first summary of the next week asks whether verdicts are right.
  people.clock.jump(7 * DAY_MS);
  people.slack.post({ channel: people.channel, user: people.user, text: 'It crashes on Mondays' });
  await people.slack.idle();
  await people.sumUp();
  return people;
}

/** The original, or the newest card of it when there is one. */
function itemOf(people: People, message: number, place: number): string {
  const ts = people.sent[message] ?? '';
  return place % 2 === 0 ? ts : (people.cards(ts).at(-1)?.ts ?? ts);
}

async function play(people: People, [what, message, place, n]: Step): Promise<void> {
  const { slack, channel, ben, cleo } = people;
  const user = n % 2 === 0 ? ben : cleo;
  const item = itemOf(people, message, place);
  const on = slack.message(channel, item);
  const ts = people.sent[message] ?? '';
  switch (what) {
    case 'react': {
      const name = EMOJI[n % EMOJI.length] ?? '';
      const there = on?.reactions.find((reaction) => reaction.name === name);
      if (on && !there?.users.includes(user)) slack.react({ channel, ts: item, user, name });
      break;
    }
    case 'takeBack': {
      const own = on?.reactions.filter(({ users }) => users.includes(user)) ?? [];
      const reaction = own[n % Math.max(1, own.length)];
      if (reaction) slack.unreact({ channel, ts: item, user, name: reaction.name });
      break;
    }
    case 'press': {
      const action = PRESSED[n % PRESSED.length] ?? 'undo';
      const card = people.cards(ts).at(-1);
      if (!card || !JSON.stringify(card.blocks).includes(`flag_${action}`)) break;
      const category = ['bug', 'noise', 'usability'][n % 3];
      await pressOn(people, card, user, action, action === 'category' ? category : undefined);
      break;
    }
    case 'also': {
      if (!slack.message(channel, ts)) break;
      const view = await triage(people, user, ts);
      if (!offers(view.view.blocks).includes(ACTIONS.also)) break;
      const [, select = ''] = JSON.stringify(view.view.blocks).split(ACTIONS.also);
      const offered = [...select.matchAll(/"value":"(\w+)"/g)];
      const also = offered[n % offered.length]?.[1] ?? '';
      await slack.click({ user, viewId: view.id, actionId: ACTIONS.also, selectedOption: also });
      break;
    }
    case 'answer':
      await answer(people, user, message, n);
      break;
    case 'edit':
      if (slack.message(channel, ts)) {
        slack.edit({ channel, ts, text: n % 2 ? `It crashes ${n}` : `I love it ${n}` });
      }
      break;
    case 'delete':
      if (n % 3 === 0 && slack.message(channel, ts)) slack.delete({ channel, ts });
      break;
    case 'forget': {
      const known = await people.rows(sql`select ts from messages where forgotten is null`);
      const person = n % 5 === 0 && known.length > 0;
      if (!person && !slack.message(channel, ts)) break;
      const view = person
        ? await askToForgetPerson(people, ben, people.user)
        : await askToForget(people, ben, ts);
      if (view.view.submit) await confirm(people, view);
      break;
    }
    case 'sumUp':
      await slack.idle();
      await people.type();
      break;
    case 'step':
      if (n % 3 === 0) await slack.idle();
      // As the listeners and the loops do: beside one another.
      await Promise.all([people.step(), takeActs(people.context), takeActs(people.context)]);
      people.clock.jump(n * 100);
      break;
    case 'sweep':
      await Promise.all([sweep(people.context, { lookBackMs: DAY_MS }), takeActs(people.context)]);
      break;
    case 'trouble':
      addTrouble(people, n);
      break;
    default:
      what satisfies never;
  }
}

/** Answers a question that is shown, takes an answer back, or says something else. */
async function answer(
  { slack, channel, woken, ...people }: People,
  user: string,
  nth: number,
  n: number,
) {
  const shown = people
    .posts()
    .flatMap(({ ts, blocks, metadata }) =>
      metadata?.event_type === 'winnow_honesty'
        ? (blocks ?? []).flatMap(({ type, block_id }) =>
            type === 'actions'
              ? [{ ts, blockId: String(block_id), said: JSON.stringify(blocks) }]
              : [],
          )
        : [],
    );
  const question = shown[nth % Math.max(1, shown.length)];
  if (!question) return;
  const { ts, blockId, said } = question;
  const option = ['bug', 'noise', 'usability', HONESTY.back][n % 4] ?? '';
  const row = said.slice(said.indexOf(blockId)).split('"block_id"')[0] ?? '';
  const offered = row.includes(`"value":"${option}"`);
  const before = woken.length;
  const how =
    n % 3 > 0 && offered
      ? { actionId: HONESTY.wrong, selectedOption: option }
      : { actionId: HONESTY.right };
  expect(await slack.click({ user, channel, ts, blockId, ...how })).toMatchObject({ acked: true });
  await people.waitFor(() => woken.slice(before).includes('act'), { what: 'an answer' });
}

function addTrouble({ slack }: People, n: number): void {
  const trouble = TROUBLES[n % TROUBLES.length] ?? 'drop';
  const match = ({ type }: Record<string, unknown>) => String(type).startsWith('reaction_');
  const method =
    ['chat.update', 'reactions.add', 'reactions.remove', 'chat.postMessage'][n % 4] ?? '';
  switch (trouble) {
    case 'drop':
    case 'late':
    case 'duplicate':
      slack.eventFaults.add({ kind: trouble, match });
      return;
    case 'limited':
      slack.faults.add({ method, kind: 'rate_limit', retryAfter: 1 + n });
      return;
    case 'cut':
      slack.faults.add({ method, kind: 'cut', when: n % 2 ? 'after' : 'before' });
      return;
    case 'error':
      slack.faults.add({ method, kind: 'status', status: 503, when: n % 2 ? 'after' : 'before' });
      return;
    default:
      trouble satisfies never;
  }
}

interface Fact {
  ts: string;
  digest: number | null;
  deleted: number | null;
  emoji: string | null;
  category: string | null;
  also: string | null;
  judged: string;
  state: string | null;
  by: string | null;
}

const runOf = (metadata: SimMessage['metadata']) =>
  Number((metadata?.event_payload as { run?: number } | undefined)?.run);

async function expectAgreement(people: People): Promise<void> {
  const { slack, channel } = people;
  const facts = await people.rows(sql<Fact>`
    select messages.ts, messages.digest, messages.deleted_at as deleted, verdicts.emoji, verdicts.category,
      verdicts.also, messages.state as judged, flags.state, flags."by" from messages
    left join verdicts on verdicts.id = messages.verdict
    left join flags on flags.channel = messages.channel and flags.ts = messages.ts`);
  const isOpen = ({ state }: Fact) => state === 'open' || state === 'claimed';
  for (const fact of facts) {
    for (const card of people.cards(fact.ts)) expect(readState(card)).toBe(fact.state);
    if (fact.deleted !== null) continue;
    const wanted = [...(fact.emoji ? [fact.emoji] : []), ...(isOpen(fact) ? [FLAG] : [])];
    expect(people.reactionsOf(fact.ts)).toEqual(wanted.sort());
  }
  expectLists(people, facts);
  // A run whose messages were all forgotten meanwhile has a post that only says so.
  const published = new Set(
    (
      await people.rows(sql<{ id: number }>`select id from runs where published_at is not null`)
    ).map(({ id }) => id),
  );
  const summaries = people
    .posts()
    .filter(({ metadata }) => metadata?.event_type === 'winnow_digest')
    .filter(({ metadata }) => published.has(runOf(metadata)));
  const last = summaries.at(-1);
  for (const { metadata, text, ts } of summaries) {
    const run = runOf(metadata);
    const open = facts.filter((fact) => isOpen(fact) && fact.deleted === null);
    const own = open.filter(({ digest }) => digest === run).length;
    const earlier = open.filter(({ digest }) => digest !== null && digest < run).length;
    const said = Number(/(\d+) needs? attention/.exec(text)?.[1] ?? 0);
    // An older summary follows what it published itself.
    if (ts === last?.ts) expect(said).toBe(own + earlier);
    else expect(said).toBeGreaterThanOrEqual(own);
  }

  // Each question names those who have answered it, however often.
  const answers = await people.rows(sql<{ ts: string; user: string; undone: number }>`
    select asked.ts, acts."user",
      exists(select 1 from acts as undoing where undoing.id = acts.undone_by
        and undoing.kind = 'undo' and undoing."user" = acts."user") as undone
    from honesty_questions as asked join acts on acts.ts = asked.ts and acts.source = 'honesty'
      and acts.kind != 'undo' and acts.state = 'taken' order by acts.id`);
  const newest = new Map(answers.map((one) => [`${one.ts} ${one.user}`, one]));
  const said = people
    .posts()
    .filter(({ metadata }) => metadata?.event_type === 'winnow_honesty')
    .flatMap(({ blocks }) => blocks ?? []);
  const asked = await people.rows(
    sql<{ ts: string }>`select ts from honesty_questions order by ts`,
  );
  const named = said.filter(({ type }) => type === 'section');
  expect(named).toHaveLength(asked.length);
  for (const [place, { ts }] of asked.entries()) {
    const standing = [...newest.values()].filter((one) => one.ts === ts && one.undone === 0);
    const names = { [people.ben]: 'ben', [people.cleo]: 'cleo' };
    const words = JSON.stringify(named[place]);
    for (const [user, name] of Object.entries(names)) {
      expect(new RegExp(`Answered by [^"]*${name}`).test(words)).toBe(
        standing.some((one) => one.user === user),
      );
    }
  }

  // A reaction that stands is there, and one that is there stands, unless a button has undone it.
  const standing = await people.rows(sql<{ n: number }>`
    select count(*) as n from acts where source = 'reaction' and state = 'taken'
      and kind != 'undo' and undone_by is null
      and id not in (select act from reactions where present and act is not null)`);
  expect(standing).toEqual([{ n: 0 }]);
  for (const { present, name, user, item } of await people.rows(
    sql<{
      present: number;
      name: string;
      user: string;
      item: string;
    }>`select present, name, user, item_ts as item from reactions`,
  )) {
    const there = slack.message(channel, item)?.reactions.find((one) => one.name === name);
    if (slack.message(channel, item))
      expect(there?.users.includes(user) ?? false).toBe(present === 1);
  }
  // Whatever was edited has been judged: of the new words Claude makes something.
  const left = await people.rows(sql`select text, state from messages
    where revision > 1 and deleted_at is null and state != 'judged' and forgotten is null`);
  expect(left).toEqual([]);
  // What is forgotten is shown nowhere, and stored nowhere.
  const forgotten = await people.rows(sql<{ ts: string; text: string }>`
    select ts, text from messages where forgotten is not null`);
  for (const { ts, text } of forgotten) {
    expect(['', FORGOTTEN]).toContain(text);
    const first = [BUG, OTHER, PRAISE, NOISE][people.sent.indexOf(ts)];
    expect(JSON.stringify(people.posts().map(({ blocks }) => blocks))).not.toContain(first);
  }
  expect(await people.rows(sql`select id from forgettings where ended_at is null`)).toEqual([]);
  const keys = people.posts().map(({ metadata }) => JSON.stringify(metadata));
  expect(new Set(keys).size).toBe(keys.length);
  expect(await people.rows(sql`select key from outbox where ended_at is null`)).toEqual([]);
  expect(await people.rows(sql`select id from acts where state = 'asked'`)).toEqual([]);
}

/** A message is in the lists of its one or two categories, and counts in one of them. */
function expectLists({ slack, channel, posts }: People, facts: Fact[]): void {
  for (const { metadata, ts } of posts()) {
    if (metadata?.event_type !== 'winnow_digest') continue;
    const of = facts.filter(
      ({ digest, deleted, judged }) =>
        digest === runOf(metadata) && deleted === null && judged === 'judged',
    );
    for (const post of slack.thread(channel, ts)) {
      if (post.metadata?.event_type !== 'winnow_category') continue;
      const { category } = post.metadata.event_payload as { category?: string };
      const own = of.filter((fact) => fact.category === category).length;
      const others = of.filter((fact) => fact.also === category).length;
      const said = words(post.blocks);
      expect(Number(/: (\d+) messages?(?! counted)/.exec(said)?.[1] ?? 0)).toBe(own);
      expect(Number(/(\d+) (?:messages? )?counted elsewhere/.exec(said)?.[1] ?? 0)).toBe(others);
    }
  }
}

/** The number that stands there; 0 where none does. */
const numberIn = (said: string, pattern: RegExp) => Number(pattern.exec(said)?.[1] ?? 0);

/** What needs attention, the messages by category and those without one: the same everywhere. */
async function expectSameNumbers(people: People): Promise<void> {
  const { slack, user, ben } = people;
  const facts = await people.rows(sql<Fact & { message: string }>`
    select messages.ts, messages.digest, messages.deleted_at as deleted, verdicts.emoji,
      messages.state as message, flags.state, flags."by" from messages
    left join verdicts on verdicts.id = messages.verdict
    left join flags on flags.channel = messages.channel and flags.ts = messages.ts
    where messages.deleted_at is null`);
  const open = facts.filter(({ state }) => state === 'open' || state === 'claimed');
  const claimed = open.filter(({ state }) => state === 'claimed');

  const status = await people.type('status');
  expect(numberIn(status, /\*Needs attention\*: (\d+)/)).toBe(open.length);
  expect(numberIn(status, /(\d+) of them claimed/)).toBe(claimed.length);
  const home = await openHome(people, ben);
  expect(numberIn(home, /(\d+) needs? attention/)).toBe(open.length);
  expect(/Nothing needs attention/.test(home)).toBe(open.length === 0);
  expect(numberIn(home, /· (\d+) claimed/)).toBe(claimed.length);
  expect(numberIn(home, /Unclaimed \((\d+)\)/)).toBe(open.length - claimed.length);

  await people.type('summary 30d');
  await people.rest();
  const span = slack.ephemerals(user).at(-1);
  const digest = people.digest();
  const own = facts.filter((fact) => fact.digest === runOf(digest.metadata));
  for (const [shown, told] of [
    [span, facts],
    [digest, own],
  ] as const) {
    const { text = '', blocks } = shown ?? {};
    const judged = told.filter(({ message }) => message === 'judged');
    expect(numberIn(text, /(\d+) messages?/)).toBe(judged.length);
    expect(numberIn(text, /(\d+) needs? attention/)).toBe(open.length);
    const dead = told.length - judged.length;
    expect(numberIn(text, /(\d+) could not be classified/)).toBe(dead);
    const lines = words(blocks);
    expect(numberIn(lines, /(\d+) messages? could not be classified/)).toBe(dead);
    expect(numberIn(lines, /(\d+) needs? attention/)).toBe(open.length);
    for (const emoji of new Set(facts.map((fact) => fact.emoji))) {
      const counted = judged.filter((fact) => fact.emoji === emoji).length;
      const pattern = emoji ? new RegExp(`:${emoji}: (\\d+)`) : /(\d+) not feedback/;
      expect(numberIn(lines, pattern), `${emoji} in ${lines}`).toBe(counted);
    }
  }
}

test(
  'whatever two people do, all that is shown says the same in the end',
  async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (drawn) => {
        const people = await startDay();
        for (const step of drawn) await play(people, step);
        people.slack.faults.clear();
        people.slack.eventFaults.clear();
        await people.slack.idle();
        await sweep(people.context, { lookBackMs: 10 * DAY_MS });
        await people.rest();
        // What was edited is judged anew.
        await people.sumUp();
        await expectAgreement(people);
        await expectSameNumbers(people);
      }),
      { seed: SEED, numRuns: RUNS, endOnFailure: true },
    );
  },
  600_000 + RUNS * 1000,
);
