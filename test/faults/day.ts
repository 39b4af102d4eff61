import { sql } from 'kysely';
import type { Clock } from '../../src/core/clock.ts';
import { tsToMs } from '../../src/core/timestamps.ts';
import { sweep } from '../../src/jobs/intake/sweep.ts';
import { systemClock } from '../../src/jobs/loop.ts';
import { readSettings } from '../../src/jobs/settings/in-force.ts';
import {
  adoptRehearsal,
  prepareRehearsal,
  startRehearsal,
} from '../../src/jobs/settings/rehearsals.ts';
import { HONESTY } from '../../src/slack/blocks/actions.ts';
import { SlackReadError } from '../../src/slack/read.ts';
import { keepOut } from '../../src/store/privacy/erase.ts';
import { addForgetting } from '../../src/store/privacy/forgettings.ts';
import { findOpenRehearsal } from '../../src/store/settings/rehearsals.ts';
import { createTestClock, type Stage, startStage } from '../harness.ts';
import { type Mixture, MOMENTS } from './mixture.ts';

/** A small day among faults, and the quiet time after it in which the bot comes to rest. */

export interface Day {
  stage: Stage;
  /** The timestamps of its messages, in their order; one of them is deleted, one forgotten, and two edited. */
  sent: string[];
}

const TEXTS = [
  'Urgent: the app crashes on every login and I lost all my data',
  'Please add a dark mode <!channel>',
  'I love the new dashboard, great work',
  'How do I invite a colleague? <!here> &lt;!everyone&gt;',
  'test test 123',
  'The settings are confusing and hard to find <https://evil.example|your bank>',
];

const EDITED_BEFORE = 1;
const DELETED = 2;
const EDITED_AFTER = 4;
const FORGOTTEN = 3;

const MINUTE_MS = 60_000;
const DAYS_MS = 3 * 24 * 60 * MINUTE_MS;

/** Pauses between reconnections pass so much faster than they say. */
const HASTE = 500;

const MOST_PAUSE_MS = 30_000;

/** How often the jobs run until nothing is left to do. */
const ROUNDS = 60;

/** Time as in the harness, but that pauses between reconnections end by themselves. */
function createHastyClock() {
  const clock = createTestClock();
  const sleep: Clock['sleep'] = (ms, signal) =>
    signal && ms <= MOST_PAUSE_MS ? systemClock.sleep(ms / HASTE, signal) : clock.sleep(ms, signal);
  return { ...clock, sleep };
}

type HastyClock = ReturnType<typeof createHastyClock>;

export async function playDay({ messages, faults }: Mixture): Promise<Day> {
  const clock = createHastyClock();
  const stage = await startStage({ clock, impatient: true, watchPlans: true });
  const { slack, channel, user } = stage;
  await stage.connect();
  await stage.settle(undefined, ROUNDS);
  await hadSummary(stage);

  const sent: string[] = [];
  const post = (count: number) => {
    for (let left = count; left > 0; left--) {
      const text = `${TEXTS[sent.length % TEXTS.length]} (No. ${sent.length + 1})`;
      sent.push(slack.post({ channel, user, text }));
    }
  };
  const edit = (index: number, text: string) =>
    slack.edit({ channel, ts: sent[index] ?? '', text: `${text} (No. ${index + 1})` });

  const moments: (() => unknown)[] = [
    () => post(messages - 2),
    () => edit(EDITED_BEFORE, 'The export fails with an error since the update'),
    () => slack.delete({ channel, ts: sent[DELETED] ?? '' }),
    () => ask(stage),
    () => stage.settle(undefined, ROUNDS),
    () => tryRules(stage),
    () => Promise.all([post(2), answerQuestion(stage)]),
    () => edit(EDITED_AFTER, 'Please add an export to PDF'),
    () => forget(stage, sent[FORGOTTEN] ?? ''),
    () => stage.settle(undefined, ROUNDS),
    () => adoptRules(stage),
    () => ask(stage),
  ];
  if (moments.length !== MOMENTS) throw new Error(`the day has ${moments.length} moments`);
  for (const [moment, act] of moments.entries()) {
    for (const fault of faults) if (fault.moment === moment) fault.arm(stage);
    await act();
  }
  await stage.settle(undefined, ROUNDS);
  slack.faults.clear();
  slack.eventFaults.clear();
  stage.claude.faults.clear();
  await comeToRest(stage, clock);
  return { stage, sent };
}

/** There was a summary in the week before: the next one is the first of its week, and asks what is right. */
async function hadSummary({ context: { db }, channel, clock }: Stage): Promise<void> {
  const at = clock.now() - 8 * 24 * 60 * MINUTE_MS;
  await sql`insert into runs (channel, stage, cause, with_digest, taxonomy_version, model, claim_until,
      created_at, ended_at, published_at)
    select ${channel}, 'done', 'schedule', 1, min(version), '', 0, ${at}, ${at}, ${at} from taxonomies`.execute(
    db,
  );
}

/** Somebody says that a verdict is right, if they are asked; whether it comes through is another matter. */
async function answerQuestion(stage: Stage): Promise<void> {
  const { slack, channel, user } = stage;
  for (const { ts, metadata, blocks = [] } of stage.posts()) {
    const asked = blocks.find(({ type }) => type === 'actions');
    if (metadata?.event_type !== 'winnow_honesty' || !asked) continue;
    const blockId = String(asked.block_id);
    await slack.click({ user, channel, ts, blockId, actionId: HONESTY.right });
    return;
  }
}

/** As the modal commits it: who may is asked where people forget. */
async function forget({ context, channel, user, clock }: Stage, ts: string): Promise<void> {
  const now = clock.now();
  const person = { person: null, name: null, by_name: 0 };
  const what = { kind: 'message' as const, channel, ts, ...person, before: now, by: user };
  await context.db.transaction().execute(async (tx) => {
    const act = await addForgetting(tx, what, now);
    await keepOut(tx, { channel, ts, postedAt: tsToMs(ts) }, act, now);
  });
}

/** Flags what the rules of the day do not flag. */
export const OTHER_RULES = [{ category: 'praise' }];

/** As the modal commits it: somebody tries other rules on what is judged by then, and accepts the price. */
async function tryRules({ context, channel, user }: Stage): Promise<void> {
  const { settings } = await readSettings(context.db, context);
  const taxonomy = { ...settings.taxonomy, flagged_when: OTHER_RULES };
  const content = { ...settings, taxonomy };
  const offer = await prepareRehearsal(context, { user, channels: [channel], content, shown: 0 });
  if (offer.kind === 'offered') await startRehearsal(context, { user, id: offer.id });
}

/** They adopt what they have tried, if it is done. */
async function adoptRules({ context, user }: Stage): Promise<void> {
  const tried = await findOpenRehearsal(context.db, user);
  if (tried) await adoptRehearsal(context, { user, id: tried.id });
}

/** Somebody types the command; whether it comes through is another matter. */
async function ask({ slack, channel, user }: Stage): Promise<void> {
  await slack.idle({ ignoreRetries: true });
  await slack.command({ command: '/classify-feedback', user, channel });
}

/** All is well again: history is swept, and somebody types the command until nothing is left. */
async function comeToRest(stage: Stage, clock: HastyClock): Promise<void> {
  const { slack } = stage;
  for (let round = 0; round < 8; round++) {
    await slack.waitFor(() => slack.sockets.count() > 0);
    await slack.idle();
    // What is younger than a minute may not be in history yet.
    clock.jump(2 * MINUTE_MS);
    while (!(await sweepWhole(stage))) clock.jump(MINUTE_MS);
    await stage.settle(undefined, ROUNDS);
    if ((await listUnfinished(stage)).length === 0) return;
    await ask(stage);
    await stage.settle(undefined, ROUNDS);
  }
  throw new Error(`never at rest: ${JSON.stringify(await listUnfinished(stage))}`);
}

/** @returns whether every channel could be read: on a busy machine even a healthy Slack is late */
async function sweepWhole({ context, logs }: Stage): Promise<boolean> {
  const before = logs.length;
  try {
    await sweep(context, { lookBackMs: DAYS_MS });
  } catch (error) {
    if (!(error instanceof SlackReadError)) throw error;
    return false;
  }
  return !logs.slice(before).some(({ message }) => message === 'a channel could not be read');
}

const listUnfinished = (stage: Stage) =>
  stage.rows(sql<{ what: string }>`
    select 'message ' || ts || ' is ' || state as what from messages
      where deleted_at is null and (state in ('pending', 'claimed') or digest is null)
    union all select 'run ' || id || ' is ' || stage from runs where ended_at is null
    union all select 'forgetting ' || id || ' is ' || stage from forgettings where ended_at is null
    union all select 'rehearsal ' || id || ' is ' || stage from rehearsals where stage = 'judging'
    union all select 'effect ' || key || ' is ' || state from outbox where ended_at is null`);
