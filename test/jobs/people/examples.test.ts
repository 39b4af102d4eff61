import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { estimateRun } from '../../../src/jobs/runs/price.ts';
import { requestRun } from '../../../src/jobs/runs/request.ts';
import { upsertExample } from '../../../src/store/people/examples.ts';
import { type Stage, type StageOptions, startWith } from '../../harness.ts';

/** What people have corrected is shown to Claude beside the next message that is like it. */

const TEXT = 'The calendar export crashes with more than ten appointments';
const ALIKE = 'Export of my calendar crashes';

/** What listeners will do for a person: their verdict counts, and its message is an example. */
async function correct({ context: { db }, user }: Stage, ts: string, category: string, also = '') {
  await db.transaction().execute(async (tx) => {
    const { id: _, ...verdict } = await tx
      .selectFrom('verdicts')
      .selectAll()
      .where('ts', '=', ts)
      .executeTakeFirstOrThrow();
    const { id: corrected } = await tx
      .insertInto('verdicts')
      .values({ ...verdict, category, also: also || null, person: user })
      .returning('id')
      .executeTakeFirstOrThrow();
    await tx.updateTable('messages').set({ verdict: corrected }).where('ts', '=', ts).execute();
    const { channel, text } = await tx
      .selectFrom('messages')
      .selectAll()
      .where('ts', '=', ts)
      .executeTakeFirstOrThrow();
    await upsertExample(tx, { channel, ts, text });
  });
}

async function run(stage: Stage, where: { channel?: string } = {}) {
  await stage.type('', where);
  await stage.settle();
}

async function post({ slack, channel, user }: Stage, text: string, where = channel) {
  const ts = slack.post({ channel: where, user, text });
  await slack.idle();
  return ts;
}

const requestSchema = z.object({
  system: z.unknown(),
  messages: z.tuple([z.object({ content: z.string() })]),
});

/** The request in which a message was last sent. */
function sentFor({ claude }: Stage, ts: string) {
  const requests = claude.batches().flatMap((batch) => batch.requests);
  const request = requests.find(({ custom_id }) => custom_id.includes(ts.replace('.', '_')));
  const params = requestSchema.parse(request?.params);
  return { system: JSON.stringify(params.system), turn: params.messages[0].content };
}

const noted = async (stage: Stage, ts: string) =>
  (
    await stage.rows(
      sql<{
        examples: string | null;
      }>`select examples from requests where ts = ${ts} order by batch`,
    )
  ).map(({ examples }) => examples && JSON.parse(examples));

async function startTaught(options: StageOptions = {}) {
  const stage = await startWith([TEXT], options);
  await run(stage);
  const [taught = ''] = stage.sent;
  await correct(stage, taught, 'usability');
  return { stage, taught };
}

const EXAMPLE = `<example category="usability">\n${TEXT}\n</example>\n`;

test('what was corrected stands before a message like it, and changes nothing that is cached', async () => {
  const { stage, taught } = await startTaught();
  const before = sentFor(stage, taught);
  expect(before.turn).not.toContain('<example');
  const alike = await post(stage, ALIKE);
  const unlike = await post(stage, 'I love the new colours');
  await run(stage);

  const { system, turn } = sentFor(stage, alike);
  const theme = `<theme id="1">\n${TEXT}\n</theme>\n`;
  expect(turn).toBe(`${theme}${EXAMPLE}<message>\n${ALIKE}\n</message>`);
  expect(system).toBe(before.system);
  expect(await noted(stage, alike)).toEqual([[taught]]);
  expect(sentFor(stage, unlike).turn).not.toContain('<example');
  expect(await noted(stage, unlike)).toEqual([null]);
  expect(await noted(stage, taught)).toEqual([null]);
});

test('what was corrected in one channel is not shown in another', async () => {
  const { stage } = await startTaught();
  const other = stage.slack.addChannel({ name: 'elsewhere', members: [stage.user] });
  stage.slack.inviteBot(other, stage.user);
  await stage.slack.idle();
  const ts = await post(stage, ALIKE, other);
  await run(stage, { channel: other });
  expect(sentFor(stage, ts).turn).toBe(`<message>\n${ALIKE}\n</message>`);
  expect(await noted(stage, ts)).toEqual([null]);
});

test('an example of a category that there is no more is not shown', async () => {
  const { stage, taught } = await startTaught();
  await correct(stage, taught, 'billing');
  const ts = await post(stage, ALIKE);
  await run(stage);
  expect(sentFor(stage, ts).turn).not.toContain('<example');
  expect(await noted(stage, ts)).toEqual([null]);
});

test.each([
  ['praise', ' also="praise"'],
  ['pricing', ''],
  ['noise', ''],
])('its second category, %s, is shown if it can be one now', async (also, shown) => {
  const { stage, taught } = await startTaught();
  await correct(stage, taught, 'usability', also);
  const ts = await post(stage, ALIKE);
  await run(stage);
  expect(sentFor(stage, ts).turn).toContain(`<example category="usability"${shown}>`);
});

test('whom a message mentions does not make it like another', async () => {
  const stage = await startWith(['Thank you @someone']);
  await run(stage);
  await correct(stage, stage.sent[0] ?? '', 'noise');
  const ts = await post(stage, 'It freezes every time <@U0SOMEBODY>');
  await run(stage);
  expect(sentFor(stage, ts).turn).not.toContain('<example');
});

describe('a submission', () => {
  const lost = { kind: 'cut' as const, method: 'POST', path: /batches$/ };

  test('that was not made is made with the examples that there are by then', async () => {
    const { stage, taught } = await startTaught();
    stage.claude.faults.add(lost);
    const ts = await post(stage, ALIKE);
    await stage.type();
    await stage.step();
    expect(await noted(stage, ts)).toEqual([[taught]]);
    await correct(stage, taught, 'feature_request');
    await stage.settle();
    expect(sentFor(stage, ts).turn).toContain('<example category="feature_request">');
    expect(await noted(stage, ts)).toEqual([[taught]]);
  });

  test('that was made, its answer lost, keeps what it was made with', async () => {
    const { stage, taught } = await startTaught({ onDisk: true });
    stage.claude.faults.add({ kind: 'lost_answer' });
    const ts = await post(stage, ALIKE);
    await stage.type();
    await stage.step();
    await stage.restart();
    await correct(stage, taught, 'feature_request');
    await stage.settle();
    expect(stage.claude.batches()).toHaveLength(2);
    expect(sentFor(stage, ts).turn).toContain(EXAMPLE);
    expect(await noted(stage, ts)).toEqual([[taught]]);
  });
});

test('the price said before reckons with examples as soon as there are some', async () => {
  const stage = await startWith([`${ALIKE}, ${'again and '.repeat(60)}again`]);
  const open = () =>
    stage.context.db.transaction().execute(async (tx) => {
      const { channel, context } = stage;
      const request = { channel, cause: 'schedule' as const, requestedBy: null, withDigest: true };
      const requested = await requestRun(tx, context, request);
      if (requested.kind !== 'opened') throw new Error(requested.kind);
      return requested;
    });
  const before = await open();
  // The same message, in a channel that has no examples.
  const without = await estimateRun(stage.context.db, stage.context, 'C0OTHER', before.pending);
  expect(before.usd).toBe(without.batch);
  await stage.settle();
  await correct(stage, stage.sent[0] ?? '', 'usability');
  await post(stage, ALIKE);
  const { pending, usd } = await open();
  const plain = await estimateRun(stage.context.db, stage.context, 'C0OTHER', pending);
  expect(usd).toBeGreaterThan(plain.batch ?? Number.NaN);
  await stage.settle();
  const [bill] = await stage.rows(
    sql<{ nano_usd: number }>`select nano_usd from batches order by id desc limit 1`,
  );
  expect((bill?.nano_usd ?? Number.NaN) / 1e9).toBeLessThanOrEqual(usd ?? Number.NaN);
});
