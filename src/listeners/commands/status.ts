import { startOfMonth } from '../../core/calendar.ts';
import type { ReceiptFacts } from '../../core/digest/receipt.ts';
import { DAY_MS } from '../../core/durations.ts';
import { leftOf } from '../../core/runs/budget.ts';
import { escapeMrkdwn, formatUsd, shorten } from '../../core/text.ts';
import type { Context } from '../../jobs/context.ts';
import { findPerson, type Person } from '../../jobs/intake/names.ts';
import { describeRun } from '../../jobs/runs/describe.ts';
import { estimatePending, readBudget } from '../../jobs/runs/price.ts';
import { describeLeft, describeRehearsalCost } from '../../slack/blocks/budget.ts';
import { describeHold } from '../../slack/blocks/holds.ts';
import {
  adviseOnApp,
  beginWithOperator,
  MISSING_KEY,
  nameOperator,
} from '../../slack/blocks/operator.ts';
import { NAME_LENGTH } from '../../slack/blocks/render-context.ts';
import { describeMend, endSentence } from '../../slack/blocks/trouble.ts';
import { countDeadEffects, countOpenEffects } from '../../store/delivery/counts.ts';
import { listHolds } from '../../store/delivery/holds.ts';
import { measureUnpublished } from '../../store/digest/published.ts';
import { countOpenFlags } from '../../store/home/facts.ts';
import { readNames } from '../../store/intake/users.ts';
import { readSpent, readSpentOnRehearsals } from '../../store/runs/costs.ts';
import { findLastRun, findOpenRun, type Run } from '../../store/runs/runs.ts';
import type { Asked, Subcommand } from './asked.ts';
import { adviseOn, findMend } from './next-steps.ts';
import { count, format, lastSettingsChange, nextSchedule, price, when } from './wording.ts';

/** `/classify-feedback status`: the state of the channel, a line for each topic. */

/** Counting stops here, so that the answer is not late. */
const MAX_COUNTED = 1000;

const DEAD_SINCE_MS = 7 * DAY_MS;

export const statusCommand: Subcommand = {
  group: 'look',
  help: 'what is pending, running and open, what failed, and what it has cost',
  also: ['state', 'info', 'cost', 'pending'],
  answer: answerStatus,
};

async function answerStatus(context: Context, { channel, user }: Asked): Promise<string> {
  const reader = await findPerson(context, user);
  // All lines share one connection: each would otherwise wait for one, behind busy writers.
  return context.db.connection().execute((db) => describeAll({ ...context, db }, channel, reader));
}

async function describeAll(context: Context, channel: string, reader: Person): Promise<string> {
  const run = await findOpenRun(context.db, channel);
  const lines = [
    describeStorage(context),
    context.hosted?.key === 'none' ? MISSING_KEY : '',
    await describePending(context, channel, reader),
    ...(run
      ? await describeOpen(context, run, reader)
      : [await describeLast(context, channel, reader)]),
    await describeUnpublished(context, channel, reader),
    await describeFlags(context, channel, reader),
    ...(await describeEffects(context, channel, reader)),
    await describeCost(context, channel),
    nextSchedule(context, reader),
    await lastSettingsChange(context, reader),
    ...describeConnection(context),
  ];
  return lines.filter(Boolean).join('\n');
}

const describeStorage = ({ storage, hosted }: Context): string =>
  storage.trouble === 'full'
    ? `*My disk is full*: I store and post nothing until ${nameOperator(hosted)} makes room on it. No feedback is lost: I read it then.`
    : '';

function describeConnection({ connection: { others, listRefusal }, hosted }: Context): string[] {
  const refused =
    listRefusal &&
    `*Channels*: Slack does not tell me which ones I am in (${escapeMrkdwn(listRefusal)}). ${adviseOnApp(listRefusal, hosted)}`;
  return [
    others > 0
      ? `*Another process has my app token*: Slack gives each event, command and press to only one of us, so each misses some. ${beginWithOperator(hosted)} should stop the other one, or give it an app of its own.`
      : '',
    refused ?? '',
  ];
}

async function describePending(context: Context, channel: string, reader: Person): Promise<string> {
  const { messages, usd } = await estimatePending(context, channel);
  if (messages === 0) return '*Pending*: nothing';
  return `*Pending*: ${count(messages, 'message', reader)}, for ${price(context, usd)}`;
}

async function describeOpen(context: Context, run: Run, reader: Person): Promise<string[]> {
  const facts = await describeRun(context.db, context, run);
  const nameOf = await readNames(context.db);
  const { requestedBy, stage, expected, overdue, trouble, cause } = facts;
  const byItself = run.cause === 'live' ? 'as messages come' : 'on schedule';
  const asked = requestedBy === null ? byItself : `by ${nameIn(requestedBy, nameOf)}`;
  const isGoing = stage.kind === 'queued' || stage.kind === 'judging';
  const end =
    expected && !overdue && isGoing ? `, done at about ${when(expected.mostly, reader)}` : '';
  const step = describeStage(facts, nameOf, reader);
  return [
    `*Run*: begun ${when(run.created_at, reader)} ${asked}; ${step}${end}`,
    trouble === null
      ? ''
      : `*It has to wait*: ${describeWait(context, escapeMrkdwn(trouble), cause)}`,
  ];
}

const describeWait = ({ hosted }: Context, reason: string, cause: ReceiptFacts['cause']) =>
  cause === null ? reason : `${endSentence(reason)} ${describeMend(cause, hosted)}`;

function describeStage({ stage, messages }: ReceiptFacts, nameOf: NameOf, reader: Person): string {
  switch (stage.kind) {
    case 'catching up':
      return 'reading what was posted while I was away';
    case 'queued':
      return `collecting its ${messages > 0 ? count(messages, 'message', reader) : 'messages'}`;
    case 'judging':
      return `classifying, ${format(stage.judged, reader)} of ${format(messages, reader)}`;
    case 'writing':
      return 'writing the summary';
    case 'canceling':
      return `being canceled by ${nameIn(stage.by, nameOf)}`;
    default:
      return stage satisfies never;
  }
}

async function describeLast({ db }: Context, channel: string, reader: Person): Promise<string> {
  const last = await findLastRun(db, channel);
  if (!last?.ended_at) return '*Run*: none';
  return `*Run*: none; the last one ended ${when(last.ended_at, reader)}`;
}

async function describeUnpublished(
  { db }: Context,
  channel: string,
  reader: Person,
): Promise<string> {
  const { judged, dead, flagged } = await measureUnpublished(db, channel, MAX_COUNTED);
  if (judged + dead === 0) return '';
  const more = judged + dead > MAX_COUNTED ? 'more than ' : '';
  const needs =
    flagged > 0 ? `, ${format(flagged, reader)} of them ${need(flagged)} attention` : '';
  const failed = dead > 0 ? `; ${format(dead, reader)} could not be classified` : '';
  return `*Classified since the last summary*: ${more}${count(judged, 'message', reader)}${needs}${failed}`;
}

const need = (n: number) => (n === 1 ? 'needs' : 'need');

async function describeFlags({ db }: Context, channel: string, reader: Person): Promise<string> {
  const { total, claimed, oldestAt } = await countOpenFlags(db, [channel]);
  if (total === 0) return '';
  const taken = claimed > 0 ? `, ${format(claimed, reader)} of them claimed` : '';
  const since = oldestAt === null ? '' : `, the oldest since ${when(oldestAt, reader)}`;
  return `*Needs attention*: ${count(total, 'message', reader)}${taken}${since}`;
}

async function describeEffects(
  context: Context,
  channel: string,
  reader: Person,
): Promise<string[]> {
  const { db, clock, hosted } = context;
  const { effects, troubles } = await countOpenEffects(db, channel, MAX_COUNTED);
  const holds = await listHolds(db, [channel]);
  const dead = await countDeadEffects(db, channel, clock.now() - DEAD_SINCE_MS);
  const posts = (n: number) => count(n, 'post or reaction', reader, 'posts and reactions');
  const more = effects > MAX_COUNTED ? 'more than ' : '';
  const mends = troubles.flatMap((trouble) => findMend(trouble, hosted) ?? []);
  return [
    effects > 0 ? `*On their way to Slack*: ${more}${posts(Math.min(effects, MAX_COUNTED))}` : '',
    ...[...new Set(mends)].map((mend) => `*Waiting*: ${mend}`),
    ...holds.map((hold) => `*Waiting*: ${describeHold(hold)}`),
    ...dead.map(
      (group) =>
        `*Not possible*: ${posts(group.effects)} in 7 days (${escapeMrkdwn(group.trouble ?? 'unknown')}). ${adviseOn(group.trouble, hosted)}`,
    ),
  ];
}

async function describeCost(context: Context, channel: string): Promise<string> {
  const { db, clock, settings } = context;
  const since = startOfMonth(clock.now(), settings.timeZone);
  const usd = await readSpent(db, [channel], since);
  const cost = usd === null ? 'not known, because the price of a model is not' : formatUsd(usd);
  const rehearsed = describeRehearsalCost(await readSpentOnRehearsals(db, since));
  const spent = `*Cost this month*: ${cost}${rehearsed}`;
  const budget = await readBudget(db, context);
  return budget === null
    ? spent
    : spent + describeLeft({ usd: budget.usd, leftUsd: leftOf(budget) });
}

type NameOf = (user: string) => string | undefined;

const nameIn = (user: string, nameOf: NameOf) =>
  escapeMrkdwn(shorten(nameOf(user) ?? 'a teammate', NAME_LENGTH));
