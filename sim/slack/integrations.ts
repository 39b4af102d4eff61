// How Slack signs the posts of apps: today's have a bot user and a profile, older ones a name.
import type { SimMessage } from './types.ts';
import { describeIntegration, type Workspace } from './workspace.ts';

type Signature = Partial<
  Pick<SimMessage, 'user' | 'bot_id' | 'app_id' | 'bot_profile' | 'subtype' | 'username'>
>;

/**
 * What a post by `botId` says of its author. Nothing is known about a bot that was never added.
 * @param username a name for this post alone, which hides the bot user
 */
export function signPost(world: Workspace, botId: string, username?: string): Signature {
  const integration = world.integrations.get(botId);
  if (!integration) {
    return { bot_id: botId, ...(username === undefined ? {} : { username }) };
  }
  const { appId, name, user } = integration;
  const by = { bot_id: botId, app_id: appId };
  return user === undefined || username !== undefined
    ? { subtype: 'bot_message', username: username ?? name, ...by }
    : { user, ...by, bot_profile: describeIntegration(integration, world) };
}
