import { z } from 'zod';
import type { Slack } from './client.ts';
import { pageOf } from './paginate.ts';
import { CutShortError, read, readPages, type Workspace } from './read.ts';

/** Reads which channels the bot, or a person, is in. */

const channelsSchema = pageOf({
  channels: z.array(z.looseObject({ id: z.string(), name: z.string().optional() })),
});

export interface ListedChannel {
  id: string;
  name: string | null;
}

/**
 * Lists the channels that the bot is a member of: a channel that is missing may be one all the same.
 * @throws SlackReadError
 */
export function listOwnChannels(slack: Slack, workspace: Workspace): Promise<ListedChannel[]> {
  return listChannels(slack, workspace, {});
}

/** Lists the channels of a person that the bot can see, or as many as Slack shows. @throws SlackReadError */
export async function listChannelsOf(
  slack: Slack,
  workspace: Workspace,
  user: string,
): Promise<string[]> {
  return (await listChannels(slack, workspace, { user })).map(({ id }) => id);
}

async function listChannels(
  slack: Slack,
  { id, orgInstall }: Workspace,
  whose: { user?: string },
): Promise<ListedChannel[]> {
  const channels: ListedChannel[] = [];
  const args = {
    ...whose,
    ...(orgInstall && { team_id: id }),
    types: 'public_channel,private_channel',
    exclude_archived: true,
    limit: 200,
  };
  try {
    for await (const page of readPages(slack, 'users.conversations', args, channelsSchema)) {
      channels.push(...page.channels.map(({ id, name }) => ({ id, name: name ?? null })));
    }
  } catch (error) {
    if (!(error instanceof CutShortError)) throw error;
  }
  return channels;
}

const infoSchema = z.looseObject({
  channel: z.looseObject({
    name: z.string().nullish().catch(null),
    is_member: z.boolean().optional().catch(undefined),
    is_archived: z.boolean().optional().catch(undefined),
  }),
});

/** A channel that the bot is in; undefined if it is not, or if it is archived. @throws SlackReadError */
export async function findOwnChannel(
  slack: Slack,
  channel: string,
): Promise<ListedChannel | undefined> {
  const { channel: found } = await read(slack, 'conversations.info', { channel }, infoSchema);
  const isIn = found.is_member && !found.is_archived;
  return isIn ? { id: channel, name: found.name ?? null } : undefined;
}
