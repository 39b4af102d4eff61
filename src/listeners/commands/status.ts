import { startOfMonth } from '../../core/calendar.ts';
import type { ReceiptFacts } from '../../core/receipt.ts';
import { escapeMrkdwn, formatUsd, shorten } from '../../core/text.ts';
import type { Deps } from '../../jobs/deps.ts';
import { describeRun } from '../../jobs/describe-run.ts';
import { findPerson, type Person } from '../../jobs/names.ts';
import { estimateRun } from '../../jobs/request-run.ts';
import { NAME_LENGTH } from '../../slack/blocks/surroundings.ts';
import { readSpent } from '../../store/costs.ts';
import { countOpenFlags } from '../../store/home-facts.ts';
import { measurePending } from '../../store/messages.ts';
import { countDeadEffects, countOpenEffects } from '../../store/outbox.ts';
import { findLastRun, findOpenRun, type Run } from '../../store/runs.ts';
import { measureUntold } from '../../store/told.ts';
import { readNames } from '../../store/users.ts';
import type { Asked } from './asked.ts';
import { findMend, nextStepOf } from './next-steps.ts';
import { count, format, lastSettingsChange, nextSchedule, price, when } from './wording.ts';

/** `/classify-feedback status`: a line for each thing that somebody may want to know. */

/** So far it is counted: the answer must not wait for the rest. */
const COUNTED = 1000;

const DEAD_SINCE_MS = 7 * 24 * 3_600_000;

export async function answerStatus(deps: Deps, { channel, user }: Asked): Promise<string> {
  const reader = await findPerson(deps, user);
  // On one connection: it is waited for once, and not for every line behind whoever writes much.
  return deps.db.connection().execute((db) => describeAll({ ...deps, db }, channel, reader));
}

async function describeAll(deps: Deps, channel: string, reader: Person): Promise<string> {
  const run = await findOpenRun(deps.db, channel);
  const lines = [
    await describePending(deps, channel, reader),
    ...(run ? await describeOpen(deps, run, reader) : [await describeLast(deps, channel, reader)]),
    await describeUntold(deps, channel, reader),
    await describeFlags(deps, channel, reader),
    ...(await describeEffects(deps, channel, reader)),
    await describeCost(deps, channel),
    nextSchedule(deps, reader),
    await lastSettingsChange(deps, reader),
  ];
  return lines.filter(Boolean).join('\n');
}

async function describePending(deps: Deps, channel: string, reader: Person): Promise<string> {
  const pending = await measurePending(deps.db, channel);
  if (pending.messages === 0) return '*Pending*: nothing';
  const usd = await estimateRun(deps.db, deps, channel, pending);
  return `*Pending*: ${count(pending.messages, 'message', reader)}, for ${price(deps, usd)}`;
}

async function describeOpen(deps: Deps, run: Run, reader: Person): Promise<string[]> {
  const facts = await describeRun(deps.db, deps, run);
  const nameOf = await readNames(deps.db);
  const { requestedBy, stage, expected, overdue, trouble } = facts;
  const asked = requestedBy === null ? 'on schedule' : `by ${nameIn(requestedBy, nameOf)}`;
  const isGoing = stage.kind === 'queued' || stage.kind === 'judging';
  const end =
    expected && !overdue && isGoing ? `, done at about ${when(expected.mostly, reader)}` : '';
  const step = describeStage(facts, nameOf, reader);
  return [
    `*Run*: begun ${when(run.created_at, reader)} ${asked}; ${step}${end}`,
    trouble === null ? '' : `*It has to wait*: ${escapeMrkdwn(trouble)}`,
  ];
}

function describeStage({ stage, messages }: ReceiptFacts, nameOf: NameOf, reader: Person): string {
  switch (stage.kind) {
    case 'catching up':
      return 'reading what was posted while I was away';
    case 'queued':
      return `collecting its ${messages > 0 ? count(messages, 'message', reader) : 'messages'}`;
    case 'judging':
      return `at Claude, ${format(stage.judged, reader)} of ${format(messages, reader)} judged`;
    case 'writing':
      return 'writing the summary';
    case 'canceling':
      return `being canceled by ${nameIn(stage.by, nameOf)}`;
    default:
      return stage satisfies never;
  }
}

async function describeLast({ db }: Deps, channel: string, reader: Person): Promise<string> {
  const last = await findLastRun(db, channel);
  if (!last?.ended_at) return '*Run*: none';
  return `*Run*: none; the last one ended ${when(last.ended_at, reader)}`;
}

async function describeUntold({ db }: Deps, channel: string, reader: Person): Promise<string> {
  const { judged, dead, flagged } = await measureUntold(db, channel, COUNTED);
  if (judged + dead === 0) return '';
  const more = judged + dead > COUNTED ? 'more than ' : '';
  const needs = flagged > 0 ? `, ${format(flagged, reader)} of them ${need(flagged)} a person` : '';
  const failed = dead > 0 ? `; ${format(dead, reader)} could not be classified` : '';
  return `*Classified since the last summary*: ${more}${count(judged, 'message', reader)}${needs}${failed}`;
}

const need = (n: number) => (n === 1 ? 'needs' : 'need');

async function describeFlags({ db }: Deps, channel: string, reader: Person): Promise<string> {
  const { total, claimed, oldestAt } = await countOpenFlags(db, [channel]);
  if (total === 0) return '';
  const taken = claimed > 0 ? `, ${format(claimed, reader)} of them claimed` : '';
  const since = oldestAt === null ? '' : `, the oldest since ${when(oldestAt, reader)}`;
  return `*Needs a person*: ${count(total, 'message', reader)}${taken}${since}`;
}

async function describeEffects(deps: Deps, channel: string, reader: Person): Promise<string[]> {
  const { db, clock } = deps;
  const { effects, troubles } = await countOpenEffects(db, channel, COUNTED);
  const dead = await countDeadEffects(db, channel, clock.now() - DEAD_SINCE_MS);
  const posts = (n: number) => count(n, 'post or reaction', reader, 'posts and reactions');
  const more = effects > COUNTED ? 'more than ' : '';
  const mends = troubles.flatMap((trouble) => findMend(trouble) ?? []);
  return [
    effects > 0 ? `*On their way to Slack*: ${more}${posts(Math.min(effects, COUNTED))}` : '',
    ...[...new Set(mends)].map((mend) => `*They have to wait*: ${mend}`),
    ...dead.map(
      (group) =>
        `*Not possible*: ${posts(group.effects)} in 7 days (${escapeMrkdwn(group.trouble ?? 'unknown')}). ${nextStepOf(group.trouble)}`,
    ),
  ];
}

async function describeCost({ db, clock, timeZone }: Deps, channel: string): Promise<string> {
  const usd = await readSpent(db, [channel], startOfMonth(clock.now(), timeZone));
  return usd === null
    ? '*Cost this month*: not known, because the price of a model is not'
    : `*Cost this month*: ${formatUsd(usd)}`;
}

type NameOf = (user: string) => string | undefined;

const nameIn = (user: string, nameOf: NameOf) =>
  escapeMrkdwn(shorten(nameOf(user) ?? 'a teammate', NAME_LENGTH));
