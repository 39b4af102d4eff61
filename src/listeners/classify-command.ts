import { z } from 'zod';
import { cleanText, count, escapeMrkdwn, formatUsd } from '../core/text.ts';
import { type Deps, isWatched } from '../jobs/deps.ts';
import { estimateRun, requestRun } from '../jobs/request-run.ts';
import { listSchedules, nextTime } from '../jobs/schedule.ts';
import { listBatches } from '../store/batches.ts';
import { findChannel, listMemberChannels } from '../store/channels.ts';
import { measurePending } from '../store/messages.ts';
import { countDeadEffects, countOpenEffects } from '../store/outbox.ts';
import { cancelRun, findLastRun, findOpenRun, type Run } from '../store/runs.ts';

/**
 * `/classify-feedback`: everything it says is for the asker alone, and it is said from what the
 * database knows, without an outside call, so the answer is there well within Slack's 3 seconds.
 */

export const COMMAND = '/classify-feedback';

const commandSchema = z.looseObject({
  channel_id: z.string(),
  user_id: z.string(),
  text: z.string().transform(cleanText).catch(''),
});

type Subcommand = (deps: Deps, channel: string, user: string) => Promise<string>;

const SUBCOMMANDS: Record<string, { help: string; answer: Subcommand }> = {
  run: { help: 'classify what is pending now, then post the summary', answer: answerRun },
  status: {
    help: 'what is pending, what is going on, and what did not work',
    answer: answerStatus,
  },
  cancel: {
    help: 'stop the run that is going; what Claude has done is kept',
    answer: answerCancel,
  },
  help: { help: 'this list', answer: async () => renderHelp() },
};

/** @returns what to say to the asker; a run that it promises is committed */
export async function onCommand(deps: Deps, command: unknown): Promise<string> {
  const { channel_id: channel, user_id: user, text } = commandSchema.parse(command);
  const word = text.trim().toLowerCase() || 'run';
  const subcommand = Object.hasOwn(SUBCOMMANDS, word) ? SUBCOMMANDS[word] : undefined;
  if (!subcommand) {
    return `I do not know \`${escapeMrkdwn(word.slice(0, 40).replace(/`/g, "'"))}\`.\n${renderHelp()}`;
  }
  if (word === 'help') return renderHelp();
  const row = await findChannel(deps.db, channel);
  if (row?.state !== 'member' || !isWatched(deps, channel)) return renderElsewhere(deps, channel);
  return subcommand.answer(deps, channel, user);
}

async function answerRun(deps: Deps, channel: string, user: string): Promise<string> {
  const requested = await deps.db
    .transaction()
    .execute((tx) =>
      requestRun(tx, deps, { channel, cause: 'command', requestedBy: user, withDigest: true }),
    );
  switch (requested.kind) {
    case 'nothing':
      return `Nothing is pending: every message of this channel has been classified and summed up. ${nextSchedule(deps)}`;
    case 'going': {
      const { messages } = requested.pending;
      const rest =
        messages > 0 ? ` ${count(messages, 'newer message')} will be in the next one.` : '';
      return `A run is going already, begun ${when(requested.run.created_at)}.${rest} Its summary will appear in this channel. \`${COMMAND} status\` tells how far it is.`;
    }
    case 'opened': {
      const { messages } = requested.pending;
      if (messages === 0) {
        return 'Nothing is pending, but there are results that no summary has told of yet. It will appear in this channel in a moment.';
      }
      return `Classifying ${count(messages, 'pending message')} for ${price(deps, requested.usd)}. The summary will appear here in <#${channel}>: mostly within minutes, at times an hour or more, and in any case within a day.`;
    }
    default:
      return requested satisfies never;
  }
}

async function answerCancel(deps: Deps, channel: string, user: string): Promise<string> {
  return deps.db.transaction().execute(async (tx) => {
    const run = await findOpenRun(tx, channel);
    if (!run) return 'No run is going in this channel: there is nothing to cancel.';
    if (run.canceled_by !== null) return 'The run is being canceled already.';
    await cancelRun(tx, run, user, deps.clock.now());
    return 'Canceling the run. What Claude has done by now is kept, paid for and summed up; the rest goes back to pending.';
  });
}

const STAGES: Record<Run['stage'], string> = {
  claiming: 'collecting its messages',
  judging: 'waiting for Claude',
  done: 'done',
};

/** So far what is on its way is counted: the answer must not wait for the rest. */
const COUNTED = 1000;

const DEAD_SINCE_MS = 7 * 24 * 3_600_000;

async function answerStatus(deps: Deps, channel: string): Promise<string> {
  const { db, clock } = deps;
  const pending = await measurePending(db, channel);
  const run = await findOpenRun(db, channel);
  const last = await findLastRun(db, channel);
  const undelivered = await countOpenEffects(db, channel, COUNTED);
  const dead = await countDeadEffects(db, channel, clock.now() - DEAD_SINCE_MS);

  const lines = [
    pending.messages === 0
      ? '*Pending*: nothing'
      : `*Pending*: ${count(pending.messages, 'message')}, for ${price(deps, await estimateRun(db, deps, channel, pending))}`,
  ];
  if (run) {
    const batches = await listBatches(db, run.id);
    const done = batches.filter(({ stage }) => stage === 'collected').length;
    const progress = batches.length > 1 ? `, ${done} of ${batches.length} batches done` : '';
    const stage = run.canceled_by === null ? STAGES[run.stage] : 'being canceled';
    lines.push(`*Run*: begun ${when(run.created_at)}, ${stage}${progress}`);
    if (run.trouble) lines.push(`*It has to wait*: ${escapeMrkdwn(run.trouble)}`);
  } else {
    lines.push(`*Run*: none${last?.ended_at ? `; the last one ended ${when(last.ended_at)}` : ''}`);
  }
  if (undelivered > 0) {
    const many = undelivered > COUNTED;
    const number = count(Math.min(undelivered, COUNTED), 'post or reaction', 'posts and reactions');
    lines.push(`*On their way to Slack*: ${many ? 'more than ' : ''}${number}`);
  }
  for (const { trouble, effects } of dead) {
    lines.push(
      `*Not possible*: ${count(effects, 'post or reaction', 'posts and reactions')} in 7 days (${escapeMrkdwn(trouble ?? 'unknown')})`,
    );
  }
  lines.push(nextSchedule(deps));
  return lines.join('\n');
}

function nextSchedule(deps: Deps): string {
  const now = deps.clock.now();
  const times = listSchedules(deps).flatMap(({ key, pattern }) => {
    const next = nextTime(pattern, deps.timeZone, now);
    return next === null ? [] : [`${key === 'summary' ? 'summary' : 'quiet run'} ${when(next)}`];
  });
  return times.length === 0 ? '' : `*Next on schedule*: ${times.join(', ')}`;
}

async function renderElsewhere(deps: Deps, channel: string): Promise<string> {
  const watched = (await listMemberChannels(deps.db)).filter(({ id }) => isWatched(deps, id));
  if (deps.feedbackChannels.length > 0 && !isWatched(deps, channel)) {
    return `I do not collect feedback here. ${listChannels(watched)} Whoever runs me chooses the channels in FEEDBACK_CHANNELS.`;
  }
  return `I am not a member of this channel, so I collect no feedback here. Add me with \`/invite\`. ${listChannels(watched)}`;
}

const listChannels = (channels: { id: string }[]) =>
  channels.length === 0
    ? 'There is no channel yet that I collect from.'
    : `I collect in ${channels.map(({ id }) => `<#${id}>`).join(', ')}: type the command there.`;

function renderHelp(): string {
  const lines = Object.entries(SUBCOMMANDS).map(
    ([word, { help }]) => `• \`${COMMAND} ${word}\`: ${help}`,
  );
  return [`\`${COMMAND}\` alone is the same as \`${COMMAND} run\`.`, ...lines].join('\n');
}

const price = ({ model }: Deps, usd: number | null) =>
  usd === null ? `a price that I do not know for ${model}` : `at most about ${formatUsd(usd)}`;

/** A moment in the reader's own time zone, as Slack shows it; with a fallback in UTC. */
function when(ms: number): string {
  const iso = `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return `<!date^${Math.floor(ms / 1000)}^{date_short_pretty} {time}|${iso}>`;
}
