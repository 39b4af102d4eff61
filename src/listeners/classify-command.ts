import { z } from 'zod';
import { cleanText } from '../core/text.ts';
import { type Deps, isWatched } from '../jobs/deps.ts';
import { findChannel, listMemberChannels } from '../store/intake/channels.ts';
import type { Answer, Subcommand } from './commands/asked.ts';
import { answerCancel } from './commands/cancel.ts';
import { answerExport } from './commands/export.ts';
import { renderHelp, renderUnknown } from './commands/help.ts';
import { answerRun } from './commands/run.ts';
import { answerSearch } from './commands/search.ts';
import { answerSettings } from './commands/settings.ts';
import { answerStatus } from './commands/status.ts';
import { answerSummary } from './commands/summary.ts';
import { COMMAND } from './commands/wording.ts';

/**
 * `/classify-feedback`: everything it says is for the asker alone, and it is said from what the
 * database knows, without an outside call, so the answer is there well within Slack's 3 seconds.
 */

const commandSchema = z.looseObject({
  channel_id: z.string(),
  user_id: z.string(),
  trigger_id: z.string(),
  text: z.string().transform(cleanText).catch(''),
});

/** Every word that may follow the command. README, help and the manifest's hint say the same. */
export const SUBCOMMANDS: Record<string, Subcommand> = {
  run: {
    group: 'sum up',
    help: 'classify what is pending now, then post the summary',
    also: ['start', 'go', 'classify'],
    answer: answerRun,
  },
  cancel: {
    group: 'sum up',
    help: 'stop the run that is going; what Claude has done is kept',
    also: ['stop', 'abort', 'kill'],
    answer: answerCancel,
  },
  status: {
    group: 'look',
    help: 'what is pending, going on and still open, what did not work, and what it has cost',
    also: ['state', 'info', 'cost', 'pending'],
    answer: answerStatus,
  },
  summary: {
    group: 'look',
    usage: '[today | 7d | 30d]',
    help: 'the numbers of a time, for you alone',
    example: '7d',
    also: ['digest', 'report', 'overview', 'today'],
    answer: answerSummary,
  },
  search: {
    group: 'look',
    usage: 'WORDS',
    help: 'messages of this channel that have these words, the newest first',
    example: 'export safari',
    also: ['find', 'grep', 'query', 'look'],
    answer: answerSearch,
  },
  export: {
    group: 'look',
    usage: '[csv | json] [since]',
    help: 'every message with what was made of it, as a file for you alone',
    example: 'csv 30d',
    also: ['download', 'csv', 'json', 'dump'],
    answer: answerExport,
  },
  settings: {
    group: 'set up',
    help: 'schedules, categories and what needs a person, to look at and to change',
    also: ['config', 'configure', 'setup', 'preferences', 'options', 'schedule', 'categories'],
    answer: answerSettings,
  },
  help: {
    group: 'set up',
    help: 'this list',
    also: ['usage', 'commands', '?', '-h', '--help'],
    answer: async () => renderHelp(SUBCOMMANDS),
  },
};

/** @returns what to say to the asker; a run that it promises is committed */
export async function onCommand(deps: Deps, command: unknown): Promise<Answer> {
  const parsed = commandSchema.parse(command);
  const { channel_id: channel, user_id: user, trigger_id: trigger, text } = parsed;
  const [typed = '', rest = ''] = text.trim().split(/\s+(.*)/s);
  const word = typed.toLowerCase() || 'run';
  const subcommand = Object.hasOwn(SUBCOMMANDS, word) ? SUBCOMMANDS[word] : undefined;
  if (!subcommand) return renderUnknown(word, SUBCOMMANDS);
  if (word === 'help') return renderHelp(SUBCOMMANDS);
  if (rest && !subcommand.usage) {
    return `\`${COMMAND} ${word}\` takes nothing more.\n${renderHelp(SUBCOMMANDS)}`;
  }
  const row = await findChannel(deps.db, channel);
  if (row?.state !== 'member' || !isWatched(deps, channel)) return renderElsewhere(deps, channel);
  return subcommand.answer(deps, { channel, user, rest, trigger });
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
