// The table of methods: the scopes that each needs, and its implementation.
import type { JsonObject } from '../types.ts';
import { authTest, botsInfo, emojiList, openConnection, teamInfo } from './app.ts';
import { deleteChat, getPermalink, postEphemeral, postMessage, updateMessage } from './chat.ts';
import type { MethodContext } from './context.ts';
import {
  infoConversation,
  joinConversation,
  listConversations,
  listMembers,
  openConversation,
} from './conversations.ts';
import { completeUpload, getUploadUrl, infoFile } from './files.ts';
import { history, replies } from './history.ts';
import { addReactionCall, getReactions, listReactions, removeReactionCall } from './reactions.ts';
import { infoUser, listUserConversations, listUsers } from './users.ts';
import { openView, publishView, pushView, updateView } from './views.ts';

export interface Method {
  /** Any one of these suffices; a method whose scope depends on the channel checks that itself. */
  scopes: string[];
  token?: 'app';
  run(context: MethodContext): JsonObject;
}

const READS = ['channels:read', 'groups:read', 'im:read', 'mpim:read'];
const HISTORIES = ['channels:history', 'groups:history', 'im:history', 'mpim:history'];

export const METHODS: Record<string, Method> = {
  'apps.connections.open': { scopes: [], token: 'app', run: openConnection },
  'auth.test': { scopes: [], run: authTest },
  'bots.info': { scopes: ['users:read'], run: botsInfo },
  'chat.delete': { scopes: ['chat:write'], run: deleteChat },
  'chat.getPermalink': { scopes: [], run: getPermalink },
  'chat.postEphemeral': { scopes: ['chat:write'], run: postEphemeral },
  'chat.postMessage': { scopes: ['chat:write'], run: postMessage },
  'chat.update': { scopes: ['chat:write'], run: updateMessage },
  'conversations.history': { scopes: HISTORIES, run: history },
  'conversations.info': { scopes: READS, run: infoConversation },
  'conversations.join': { scopes: ['channels:join'], run: joinConversation },
  'conversations.list': { scopes: READS, run: listConversations },
  'conversations.members': { scopes: READS, run: listMembers },
  'conversations.open': { scopes: ['im:write', 'mpim:write'], run: openConversation },
  'conversations.replies': { scopes: HISTORIES, run: replies },
  'emoji.list': { scopes: ['emoji:read'], run: emojiList },
  'files.completeUploadExternal': { scopes: ['files:write'], run: completeUpload },
  'files.getUploadURLExternal': { scopes: ['files:write'], run: getUploadUrl },
  'files.info': { scopes: ['files:read'], run: infoFile },
  'reactions.add': { scopes: ['reactions:write'], run: addReactionCall },
  'reactions.get': { scopes: ['reactions:read'], run: getReactions },
  'reactions.list': { scopes: ['reactions:read'], run: listReactions },
  'reactions.remove': { scopes: ['reactions:write'], run: removeReactionCall },
  'team.info': { scopes: ['team:read'], run: teamInfo },
  'users.conversations': { scopes: READS, run: listUserConversations },
  'users.info': { scopes: ['users:read'], run: infoUser },
  'users.list': { scopes: ['users:read'], run: listUsers },
  'views.open': { scopes: [], run: openView },
  'views.publish': { scopes: [], run: publishView },
  'views.push': { scopes: [], run: pushView },
  'views.update': { scopes: [], run: updateView },
};
