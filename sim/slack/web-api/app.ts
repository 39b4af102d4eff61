import { ApiError, type JsonObject } from '../types.ts';
import { describeIntegration } from '../workspace.ts';
import { requireTeam } from './access.ts';
import { readFlag, readText } from './arguments.ts';
import type { MethodContext } from './context.ts';

export function authTest({ world, url, isOrgWide }: MethodContext): JsonObject {
  return {
    url: `${url}/`,
    team: world.teamName,
    user: world.users.get(world.botUserId)?.name ?? 'bot',
    team_id: world.teamId,
    user_id: world.botUserId,
    bot_id: world.botId,
    ...(world.enterpriseId && { enterprise_id: world.enterpriseId }),
    is_enterprise_install: isOrgWide,
  };
}

export function openConnection({ url, issueTicket }: MethodContext): JsonObject {
  return { url: `${url.replace(/^http/, 'ws')}/link/?ticket=${issueTicket()}&app_id=sim` };
}

export function botsInfo(context: MethodContext): JsonObject {
  const { world, args } = context;
  requireTeam(context, args);
  const bot = world.integrations.get(readText(args, 'bot') ?? world.botId);
  if (!bot) throw new ApiError('bot_not_found');
  const { team_id: _team, ...described } = describeIntegration(bot, world);
  return { bot: { ...described, ...(bot.user === undefined ? {} : { user_id: bot.user }) } };
}

export function teamInfo({ world }: MethodContext): JsonObject {
  return {
    team: {
      id: world.teamId,
      name: world.teamName,
      domain: world.teamDomain,
      email_domain: '',
      icon: {},
    },
  };
}

export function emojiList({ args, world }: MethodContext): JsonObject {
  const categories = [{ name: 'Smileys & People', emoji_names: world.emoji.standard() }];
  return {
    emoji: world.emoji.custom(),
    cache_ts: world.nextTs(),
    ...(readFlag(args, 'include_categories') && { categories, categories_version: '5' }),
  };
}
