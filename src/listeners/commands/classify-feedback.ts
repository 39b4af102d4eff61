import { z } from 'zod';
import { COMMAND_WORDS, type CommandWord, HELP_WORDS } from '../../core/help.ts';
import { DENIALS } from '../../core/people/permission.ts';
import { cleanText, escapeMrkdwn } from '../../core/text.ts';
import { type Context, isDirect, isWatched } from '../../jobs/context.ts';
import { checkMembership, type Membership } from '../../jobs/intake/membership.ts';
import { checkInTime, findRoleProblem } from '../../jobs/people/permissions.ts';
import { adviseOnApp } from '../../slack/blocks/operator.ts';
import { listMemberChannels } from '../../store/intake/channels.ts';
import { type Register, toMessage } from '../tools.ts';
import type { Answer, Subcommand } from './asked.ts';
import { cancelCommand } from './cancel.ts';
import { exportCommand } from './export.ts';
import { forgetCommand } from './forget.ts';
import { formatTyped, listSubcommands, renderHelp, renderUnknown } from './help.ts';
import { runCommand } from './run.ts';
import { searchCommand } from './search.ts';
import { settingsCommand } from './settings.ts';
import { statusCommand } from './status.ts';
import { summaryCommand } from './summary.ts';
import { COMMAND } from './wording.ts';

/**
 * `/classify-feedback`: only the asker sees the answer. It comes from the database, so it is ready well
 * within Slack's 3 seconds. Slack is asked only about people who have never acted before.
 */

export const registerClassifyFeedback: Register = (app, tools) => {
  const { context, emit, apologize, answer, show } = tools;
  app.command(COMMAND, async ({ command, ack, respond }) => {
    const onFound = () => emit('channel');
    const said = await onCommand(context, command, onFound).catch(apologize('cmd'));
    if (typeof said === 'object' && 'modal' in said) {
      await ack();
      await show('views.open', { trigger_id: command.trigger_id, view: said.modal }, respond);
      return;
    }
    const message = { response_type: 'ephemeral' as const, ...toMessage(said) };
    if (Buffer.byteLength(JSON.stringify(message)) <= ACK_BYTES) await ack(message);
    else {
      await ack();
      await answer(respond, said);
    }
    emit('command');
  });
};

/**
 * Slack closes a Socket Mode connection on a message of more than 20 KB (seen in August 2026), so a
 * longer answer goes to the command's response_url.
 */
const ACK_BYTES = 16_000;

const commandSchema = z.looseObject({
  channel_id: z.string(),
  user_id: z.string(),
  trigger_id: z.string(),
  text: z.string().transform(cleanText).catch(''),
});

/** Every sub-command. README, help and the manifest's hint list the same ones. */
export const SUBCOMMANDS: Record<CommandWord, Subcommand> = {
  run: runCommand,
  cancel: cancelCommand,
  status: statusCommand,
  summary: summaryCommand,
  search: searchCommand,
  export: exportCommand,
  forget: forgetCommand,
  settings: settingsCommand,
  help: {
    group: 'set up',
    help: 'this list',
    also: HELP_WORDS,
    answer: async ({ settings }) => renderHelp(SUBCOMMANDS, settings),
  },
};

/** Every sub-command as help lists it. */
export const COMMAND_LINES = Object.fromEntries(
  Object.entries(SUBCOMMANDS).map(([word, subcommand]) => [
    word,
    { typed: formatTyped(word, subcommand), help: subcommand.help },
  ]),
);

/**
 * @param onFound is called when the bot turns out to be in a channel that it did not know to be in
 * @returns what to say to the asker; a run that it announces is committed
 */
export async function onCommand(
  context: Context,
  command: unknown,
  onFound: () => void = () => {},
): Promise<Answer> {
  const parsed = commandSchema.parse(command);
  const { channel_id: channel, user_id: user, trigger_id: trigger, text } = parsed;
  const [typed = '', rest = ''] = text.trim().split(/\s+(.*)/s);
  const word = typed.toLowerCase() || 'run';
  const known = COMMAND_WORDS.find((one) => one === word);
  const subcommand = known && SUBCOMMANDS[known];
  if (!subcommand) return renderUnknown(word, SUBCOMMANDS);
  if (word === 'help') return renderHelp(SUBCOMMANDS, context.settings);
  if (rest && !subcommand.usage) {
    return `\`${COMMAND} ${word}\` takes nothing more.\n${listSubcommands(SUBCOMMANDS)}`;
  }
  if (!isWatched(context, channel)) return renderUnwatched(context, channel);
  const membership = await checkMembership(context, channel);
  if (membership.kind !== 'member') return renderElsewhere(context, membership);
  if (membership.found) onFound();
  const denied = subcommand.changes
    ? await checkInTime(context, user, () => findRoleProblem(context, user))
    : undefined;
  if (denied) return DENIALS[denied];
  return subcommand.answer(context, { channel, user, rest, trigger });
}

async function renderUnwatched(context: Context, channel: string): Promise<string> {
  const answer = `I do not collect feedback here. ${await listWatched(context)}`;
  // In a hosted bot, every channel that it is in is watched.
  if (isDirect(channel) || context.hosted) return answer;
  return `${answer} Your Winnow admin chooses the channels in FEEDBACK_CHANNELS.`;
}

async function renderElsewhere(
  context: Context,
  membership: Exclude<Membership, { kind: 'member' }>,
): Promise<string> {
  switch (membership.kind) {
    case 'outside':
      return `I am not a member of this channel, so I collect no feedback here. Add me with \`/invite\`. ${await listWatched(context)}`;
    case 'refused':
      return `Slack does not tell me whether I am in this channel (${escapeMrkdwn(membership.error)}), so nothing was done. ${adviseOnApp(membership.error, context.hosted)}`;
    case 'later':
      return 'Slack cannot tell me right now whether I am in this channel. Nothing was done: please try again in a minute.';
    default:
      return membership satisfies never;
  }
}

async function listWatched(context: Context): Promise<string> {
  const channels = (await listMemberChannels(context.db)).filter(({ id }) =>
    isWatched(context, id),
  );
  return channels.length === 0
    ? 'I do not collect from any channel yet.'
    : `I collect in ${channels.map(({ id }) => `<#${id}>`).join(', ')}: type the command there.`;
}
