import { z } from 'zod';
import { adviseOnRefusal, isRefusedForNow } from '../core/delivery/refusal-advice.ts';
import type { Slack } from '../slack/client.ts';
import { read, SlackReadError, type Workspace } from '../slack/read.ts';
import { listOwnChannels } from '../slack/read-channels.ts';
import { type Finding, fault, ok, warning } from './finding.ts';

/** The channels: whether each is found, the bot is in it, and may post there. */

const infoSchema = z.looseObject({
  channel: z.looseObject({
    name: z.string().optional(),
    is_member: z.boolean().optional(),
    is_archived: z.boolean().optional(),
    is_read_only: z.boolean().optional(),
    is_thread_only: z.boolean().optional(),
    is_non_threadable: z.boolean().optional(),
  }),
});

const ALLOW =
  "Ask an admin of the workspace, or a manager of the channel, to allow it in the channel's settings under Posting permissions.";

/** @param configured FEEDBACK_CHANNELS; empty: all that the bot is in */
export async function checkChannels(
  slack: Slack,
  workspace: Workspace,
  configured: readonly string[],
): Promise<Finding[]> {
  try {
    const ids =
      configured.length > 0
        ? configured
        : (await listOwnChannels(slack, workspace)).map(({ id }) => id);
    if (ids.length === 0) {
      return [
        warning(
          'Winnow is in no channel.',
          'Type /invite @Winnow in the channel whose feedback it is to collect.',
        ),
      ];
    }
    const findings: Finding[] = [];
    // A bot in hundreds of channels would use up Slack's limit: those that are in order are counted.
    for (const id of ids.slice(0, MOST)) findings.push(await checkChannel(slack, id));
    if (ids.length > MOST)
      findings.push(ok(`${ids.length - MOST} more channels were not checked.`));
    return findings;
  } catch (error) {
    if (!(error instanceof SlackReadError)) throw error;
    return [
      fault(
        `Slack does not say which channels there are (${error.message}).`,
        'Run npm run doctor again; if it stays, install the app again from manifest.yml.',
      ),
    ];
  }
}

/** Slack allows fifty such questions a minute. */
const MOST = 20;

async function checkChannel(slack: Slack, id: string): Promise<Finding> {
  try {
    const { channel } = await read(slack, 'conversations.info', { channel: id }, infoSchema);
    return describeChannel(channel.name ? `#${channel.name} (${id})` : id, channel);
  } catch (error) {
    if (!(error instanceof SlackReadError) || !error.code || isRefusedForNow(error.code))
      throw error;
    if (error.code !== 'channel_not_found') {
      return fault(`Slack says nothing about ${id} (${error.code}).`, adviseOnRefusal(error.code));
    }
    return fault(
      `The channel ${id} is not to be found.`,
      'Copy its id from the end of its details, and if it is private, type /invite @Winnow in it.',
    );
  }
}

function describeChannel(name: string, channel: z.infer<typeof infoSchema>['channel']): Finding {
  if (channel.is_archived) {
    return fault(`${name} is archived.`, 'Unarchive it, or take it out of FEEDBACK_CHANNELS.');
  }
  if (!channel.is_member) {
    return fault(`Winnow is not in ${name}.`, 'Type /invite @Winnow in it.');
  }
  if (channel.is_read_only) return fault(`Winnow may not post in ${name}: it is read-only.`, ALLOW);
  if (channel.is_thread_only) {
    return fault(`Winnow may only reply in threads of ${name}, and a summary is a post.`, ALLOW);
  }
  if (channel.is_non_threadable) {
    return fault(`Winnow may not reply in threads of ${name}.`, ALLOW);
  }
  return ok(`Winnow is in ${name}.`);
}
