import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { DEFAULT_TAXONOMY, type Taxonomy } from '../../src/core/runs/taxonomy.ts';
import { readBudget } from '../../src/jobs/runs/price.ts';
import { saveSettings } from '../../src/jobs/settings/in-force.ts';
import {
  adoptRehearsal,
  discardRehearsal,
  type Offered,
  prepareRehearsal,
  readRehearsalResult,
  startRehearsal,
} from '../../src/jobs/settings/rehearsals.ts';
import { runRehearsalLane } from '../../src/jobs/settings/rehearse.ts';
import { readHealthFacts } from '../../src/store/health/facts.ts';
import { interfere } from '../interfere.ts';
import {
  BUG,
  IDEA,
  MINUTE_MS,
  NOISE,
  type People,
  PRAISE,
  startSummedUp,
} from '../people/stage.ts';

/** Trying changed categories on recent messages, before they are saved. */

/** Calls outside batches. */
const MESSAGES = /^\/v1\/messages$/;

const FEEDBACK = [BUG, IDEA, PRAISE, NOISE];

/** Without a category for ideas, and with another rule. */
const WITHOUT_IDEAS: Taxonomy = {
  categories: DEFAULT_TAXONOMY.categories.filter(({ key }) => key !== 'feature_request'),
  flagged_when: [{ category: 'praise' }],
};

/** The settings in force, with other categories. */
const contentOf = ({ context: { settings } }: People, taxonomy: Taxonomy) => ({
  summarySchedule: settings.summarySchedule,
  classifySchedule: settings.classifySchedule,
  timeZone: settings.timeZone,
  remindAfterMs: settings.remindAfterMs,
  closeTheLoop: settings.closeTheLoop,
  asTheyCome: settings.asTheyCome,
  taxonomy,
});

const prepare = (people: People, taxonomy = WITHOUT_IDEAS, user = people.user) =>
  prepareRehearsal(people.context, {
    ...{ user, channels: [people.channel], shown: 0 },
    content: contentOf(people, taxonomy),
  });

async function offer(people: People, taxonomy?: Taxonomy, user?: string): Promise<Offered> {
  const offered = await prepare(people, taxonomy, user);
  if (offered.kind !== 'offered') throw new Error(`not offered: ${offered.kind}`);
  return offered;
}

async function begin(people: People, user = people.user): Promise<number> {
  const { id } = await offer(people, WITHOUT_IDEAS, user);
  expect(await startRehearsal(people.context, { user, id })).toEqual({ kind: 'begun' });
  return id;
}

/** Runs its lane until it rests. */
const runRehearsal = ({ context }: People, id: number) =>
  runRehearsalLane(context, `rehearsal ${id}`, new AbortController().signal, () => {});

const resultOf = (people: People, id: number, user = people.user) =>
  readRehearsalResult(people.context, { user, id, channels: [people.channel] });

async function finish(people: People, id: number) {
  await people.settle();
  const result = await resultOf(people, id);
  if (!result) throw new Error('the rehearsal is not done');
  return result;
}

const callsToClaude = ({ claude }: People) =>
  claude.calls.filter(({ method, path }) => method === 'POST' && path === '/v1/messages').length;

/** All that people see in the channel, and all that counts of its messages. */
const seen = async (people: People) => ({
  posts: people.posts(),
  messages: await people.rows(sql`select * from messages order by ts`),
  verdicts: await people.rows(sql`select * from verdicts order by id`),
  flags: await people.rows(sql`select * from flags order by ts`),
  taxonomies: await people.rows(sql`select * from taxonomies`),
});

const textOf = ({ sent }: People, ts: string) => FEEDBACK[sent.indexOf(ts)];

describe('what comes of it', () => {
  test('says what flips and how the flags change, and nothing else changes', async () => {
    const people = await startSummedUp(FEEDBACK);
    const [before, calls] = [await seen(people), callsToClaude(people)];
    const offered = await offer(people);
    expect(offered).toMatchObject({ messages: 4, corrected: 0, unknown: 0, others: [] });
    expect(offered.usd).toBeGreaterThan(0);
    await people.settle();
    expect(callsToClaude(people)).toBe(calls);

    await startRehearsal(people.context, { user: people.user, id: offered.id });
    const { comparison, usd, outdated } = await finish(people, offered.id);
    expect(callsToClaude(people)).toBe(calls + 4);
    expect(comparison).toMatchObject({ compared: 4, unanswered: 0 });
    expect(comparison.flips.map(({ ts, from }) => [textOf(people, ts), from])).toEqual([
      [IDEA, 'feature_request'],
    ]);
    expect(comparison.flags.after).toBe(1);
    expect(comparison.flags.opened.map(({ ts }) => textOf(people, ts))).toEqual([PRAISE]);
    expect(usd).toBeGreaterThan(0);
    expect(usd).toBeLessThanOrEqual(offered.usd ?? 0);
    expect(outdated).toBe(false);
    expect(await seen(people)).toEqual(before);
  });

  test('what people have corrected is compared with both', async () => {
    const people = await startSummedUp(FEEDBACK);
    const [bug] = people.sent;
    await people.react(people.ben, bug ?? '', 'tada');
    const { corrected } = await offer(people);
    expect(corrected).toBe(1);
    const { comparison, messages } = await finish(people, await begin(people));
    expect(comparison.corrections).toEqual({ compared: 1, rightBefore: 0, rightAfter: 0 });
    expect(messages.find(({ ts }) => ts === bug)).toMatchObject({
      people: 'praise',
      before: { category: 'bug' },
      text: BUG,
    });
  });

  test('what the categories in force have not judged is asked under them as well', async () => {
    const people = await startSummedUp(FEEDBACK);
    const taxonomy = { ...DEFAULT_TAXONOMY, flagged_when: [] };
    const content = contentOf(people, taxonomy);
    await saveSettings(people.context, { content, user: people.user, shown: 0 });
    const calls = callsToClaude(people);
    const offered = await prepareRehearsal(people.context, {
      ...{ user: people.user, channels: [people.channel], shown: 1 },
      content: contentOf(people, WITHOUT_IDEAS),
    });
    expect(offered).toMatchObject({ messages: 4, unknown: 4 });
    if (offered.kind !== 'offered') return;
    await startRehearsal(people.context, { user: people.user, id: offered.id });
    const { comparison } = await finish(people, offered.id);
    expect(callsToClaude(people)).toBe(calls + 8);
    expect(comparison).toMatchObject({ compared: 4, flags: { before: 0, after: 1 } });
  });

  test('Claude sees nothing that is private', async () => {
    const people = await startSummedUp([`${BUG}: write to ana@example.com`]);
    await finish(people, await begin(people));
    const asked = JSON.stringify(people.claude.asked);
    expect(asked).toContain(BUG);
    expect(asked).toContain('[email]');
    expect(asked).not.toContain('ana@example.com');
  });
});

describe('nothing is offered', () => {
  test('without another category or rule, or without messages that the person may see', async () => {
    const people = await startSummedUp(FEEDBACK);
    expect(await prepare(people, DEFAULT_TAXONOMY)).toEqual({ kind: 'unchanged' });
    const elsewhere = { user: people.user, channels: ['C0OTHER'], shown: 0 };
    const content = contentOf(people, WITHOUT_IDEAS);
    expect(await prepareRehearsal(people.context, { ...elsewhere, content })).toEqual({
      kind: 'nothing',
    });
  });

  test('that the budget does not allow; what it costs counts', async () => {
    const people = await startSummedUp(FEEDBACK, { settings: { monthlyBudgetUsd: 1 } });
    const spent = async () =>
      (await readBudget(people.context.db, people.context))?.committedUsd ?? 0;
    const before = await spent();
    const billed = async () => (await readHealthFacts(people.context.db)).billed;
    const { nanoUsd, inputTokens, outputTokens } = await billed();
    const { usd } = await finish(people, await begin(people));
    expect(await spent()).toBeCloseTo(before + (usd ?? 0), 9);
    // The metrics count it as well.
    const after = await billed();
    expect(after.nanoUsd - nanoUsd).toBeCloseTo((usd ?? 0) * 1e9, 0);
    expect(after.inputTokens).toBeGreaterThan(inputTokens);
    expect(after.outputTokens).toBeGreaterThan(outputTokens);
    const { id } = await offer(people);
    people.changeSettings({ monthlyBudgetUsd: await spent() });
    expect(await prepare(people)).toMatchObject({ kind: 'over budget', messages: 4 });
    expect(await startRehearsal(people.context, { user: people.user, id })).toMatchObject({
      kind: 'over budget',
    });
  });
});

describe('while Claude fails', () => {
  test('an answer that is lost is asked for again; the others are not', async () => {
    const people = await startSummedUp(FEEDBACK);
    const calls = callsToClaude(people);
    people.claude.faults.add({ kind: 'lost_answer', path: MESSAGES, times: 1 });
    const { comparison } = await finish(people, await begin(people));
    expect(comparison.compared).toBe(4);
    expect(callsToClaude(people)).toBe(calls + 5);
  });

  test('after a crash only what has no answer is asked', async () => {
    const people = await startSummedUp(FEEDBACK, { onDisk: true });
    const id = await begin(people);
    const calls = callsToClaude(people);
    // The process dies before the third answer is committed.
    const { db } = people.context;
    const end = await interfere(db, {
      on: 'before update of outcome on rehearsal_verdicts',
      when: `new.outcome = 'judged' and 2 = (select count(*) from rehearsal_verdicts where outcome = 'judged')`,
    });
    await expect(runRehearsal(people, id)).rejects.toThrow('the disk is full');
    expect(callsToClaude(people)).toBe(calls + 4);
    await end();
    await people.restart();
    const { comparison, usd } = await finish(people, id);
    expect(comparison.compared).toBe(4);
    expect(callsToClaude(people)).toBe(calls + 6);
    // What was lost with the process is not known to have been billed.
    expect(usd).toBeGreaterThan(0);
  });

  test('it is done without the rest after a quarter of an hour', async () => {
    const people = await startSummedUp(FEEDBACK);
    const begun = people.clock.now();
    people.claude.faults.add({
      kind: 'spend_cap',
      path: MESSAGES,
      times: Number.POSITIVE_INFINITY,
    });
    const { comparison } = await finish(people, await begin(people));
    expect(comparison).toMatchObject({ compared: 0, unanswered: 4, flips: [] });
    expect(people.clock.now() - begun).toBeGreaterThanOrEqual(15 * MINUTE_MS);
    expect(people.clock.now() - begun).toBeLessThan(16 * MINUTE_MS);
  });
});

describe('the end', () => {
  test('Adopt puts it in force; then it is over', async () => {
    const people = await startSummedUp(FEEDBACK);
    const id = await begin(people);
    const adopt = () => adoptRehearsal(people.context, { user: people.user, id });
    expect(await adopt()).toEqual({ kind: 'over' });
    await finish(people, id);
    expect(await adopt()).toMatchObject({ kind: 'saved', newTaxonomy: true });
    expect(people.context.settings.taxonomy).toEqual(WITHOUT_IDEAS);
    expect(await adopt()).toEqual({ kind: 'over' });
    expect(await people.rows(sql`select * from rehearsal_verdicts`)).toEqual([]);
  });

  test('Discard leaves everything as it was, also while Claude is asked', async () => {
    const people = await startSummedUp(FEEDBACK);
    const before = await seen(people);
    const id = await begin(people);
    const discard = () => discardRehearsal(people.context, { user: people.user, id });
    expect(await discard()).toBe(true);
    expect(await discard()).toBe(false);
    await people.settle();
    expect(await resultOf(people, id)).toBeUndefined();
    expect(await seen(people)).toEqual(before);
  });

  test('settings that somebody else has saved meanwhile stay, and it says so', async () => {
    const people = await startSummedUp(FEEDBACK);
    const id = await begin(people);
    const late = await offer(people, WITHOUT_IDEAS, people.cleo);
    await finish(people, id);
    const theirs = contentOf(people, { ...DEFAULT_TAXONOMY, flagged_when: [] });
    await saveSettings(people.context, { content: theirs, user: people.ben, shown: 0 });
    expect((await resultOf(people, id))?.outdated).toBe(true);
    expect(await adoptRehearsal(people.context, { user: people.user, id })).toEqual({
      kind: 'changed_meanwhile',
    });
    expect(people.context.settings.taxonomy).toEqual(theirs.taxonomy);
    expect(await resultOf(people, id)).toBeDefined();
    expect(await startRehearsal(people.context, { user: people.cleo, id: late.id })).toEqual({
      kind: 'changed_meanwhile',
    });
  });

  test("a person's second one replaces the first; another person's is told, and stays theirs", async () => {
    const people = await startSummedUp(FEEDBACK);
    const first = await begin(people);
    const second = await begin(people);
    await people.settle();
    expect(await resultOf(people, first)).toBeUndefined();
    expect(await resultOf(people, second)).toBeDefined();
    const theirs = await offer(people, WITHOUT_IDEAS, people.ben);
    expect(theirs.others).toEqual([people.user]);
    expect(await resultOf(people, second, people.ben)).toBeUndefined();
    const by = { user: people.ben, id: second };
    expect(await adoptRehearsal(people.context, by)).toEqual({ kind: 'over' });
    expect(await discardRehearsal(people.context, by)).toBe(false);
  });
});
