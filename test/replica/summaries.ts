import { expect } from 'vitest';
import type { SimMessage } from '../../sim/slack/types.ts';
import { keysOf } from '../process/bot.ts';
import { type CloudStage, type Tenant, until } from './stage.ts';

/** What the bot of many workspaces has summed up. */

export const isList = ({ metadata }: SimMessage) => metadata?.event_type === 'winnow_category';

/** Another channel of the same workspace. */
export function addChannel(tenant: Tenant, name: string): Tenant {
  const { slack, user } = tenant;
  const channel = slack.addChannel({ name, members: [user, slack.botUserId] });
  return {
    ...tenant,
    channel,
    post: (text) => slack.post({ channel, user, text }),
    type: (text = '') => slack.command({ command: '/classify-feedback', text, user, channel }),
    posts: () => slack.messages(channel).filter(({ bot_id: bot }) => bot === slack.botId),
  };
}

/** Posts, types the command, and waits for the end of the summary. */
export async function sumUp({ cloud }: CloudStage, tenant: Tenant, text: string) {
  const lists = tenant.posts().filter(isList).length;
  tenant.post(text);
  await cloud.idle();
  await tenant.type();
  await until(() => tenant.posts().filter(isList).length).toBe(lists + 1);
}

export function expectNothingTwice(channels: Tenant[]) {
  for (const { slack } of channels) {
    const keys = channels
      .filter((one) => one.slack === slack)
      .flatMap((channel) => keysOf(channel.posts()));
    expect(keys).toEqual([...new Set(keys)]);
  }
}
