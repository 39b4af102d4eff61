import { adviseOnRefusal } from '../../core/delivery/refusal-advice.ts';
import { isSlackError } from '../../core/delivery/slack-errors.ts';
import { interpretMessage } from '../../core/intake/message.ts';
import { collectPages, readHistory } from '../../slack/history.ts';
import { SlackReadError } from '../../slack/read.ts';
import { findOwnChannel, type ListedChannel, listOwnChannels } from '../../slack/read-channels.ts';
import { type Landmark, listLandmarks } from '../../store/intake/channel-ids.ts';
import {
  discoverChannel,
  leaveChannel,
  listChannels,
  listMemberChannels,
} from '../../store/intake/channels.ts';
import { type Context, isWatched } from '../context.ts';
import { changeChannelId } from './channel-ids.ts';

/**
 * Finds the channels that the bot is in, and those that it has left, although no event said so. When
 * Slack refuses the list, the channels that are known stay as they are.
 * @throws SlackReadError when Slack cannot be asked now
 */
export async function discoverChannels(context: Context): Promise<void> {
  const { db, slack, log, workspace, connection, hosted } = context;
  for (const { id } of await listMemberChannels(db)) {
    if (isWatched(context, id)) continue;
    log.info({ channel: id }, 'a channel is no longer in FEEDBACK_CHANNELS');
    await leaveChannel(db, id);
  }
  const listed = await listOwnChannels(slack, workspace).catch((error: unknown) => {
    if (!(error instanceof SlackReadError) || error.code === undefined) throw error;
    if (connection.recordListRefusal(error)) {
      const advice = adviseOnRefusal(error.code, hosted ? 'hosted' : 'own');
      log.warn(
        { reason: error.code, advice },
        'Slack refuses the list of channels; those that are known are read',
      );
    }
    return null;
  });
  if (!listed) return;
  connection.recordListRefusal(null);
  const unclear = await recognizeChannels(context, listed);
  const found = listed.filter(({ id }) => isWatched(context, id) && !unclear.has(id));
  for (const { id, name } of found) await discoverChannel(db, id, name);
  const present = new Set(found.map(({ id }) => id));
  for (const { id } of await listMemberChannels(db)) {
    if (present.has(id) || (await isStillIn(context, id))) continue;
    log.info({ channel: id }, 'no longer a member of a channel');
    await leaveChannel(db, id);
  }
}

/** A channel that is missing from the list is asked about: only Slack's word on it proves anything. */
async function isStillIn({ slack }: Context, channel: string): Promise<boolean> {
  try {
    return (await findOwnChannel(slack, channel)) !== undefined;
  } catch (error) {
    if (!(error instanceof SlackReadError)) throw error;
    return !isSlackError(error.code, 'away');
  }
}

/**
 * A known channel is gone and an unknown one is there: they may be the same one with another id. A
 * message that is there at the very timestamp, by the same author, proves it. Where nothing was stored,
 * there is nothing to mix up, and the name is enough.
 * @returns the ids of channels that could not be read: they may still turn out to be known ones
 */
async function recognizeChannels(context: Context, listed: ListedChannel[]): Promise<Set<string>> {
  const { db, log, channelIds } = context;
  const present = new Set(listed.map(({ id }) => id));
  const known = await listChannels(db);
  const gone = known.filter(({ id }) => !present.has(id));
  const read = new Set(known.flatMap(({ id, swept_ts }) => (swept_ts === null ? [] : id)));
  const unclear = new Set<string>();
  for (const { id, name } of listed.filter((one) => !read.has(one.id))) {
    const candidates = gone.filter(
      (one) => isWatched(context, id) || (isWatched(context, one.id) && one.name === name),
    );
    for (const { id: former, name: formerName } of candidates) {
      const pair = `${former} ${id}`;
      if (channelIds.different.has(pair)) continue;
      try {
        const same = await isSameChannel(context, former, id);
        if (same ?? (name !== null && name === formerName)) {
          await changeChannelId(context, { former, id });
          break;
        }
        channelIds.different.add(pair);
      } catch (error) {
        if (!(error instanceof SlackReadError)) throw error;
        log.warn({ channel: id, reason: error.message }, 'a new channel could not be read');
        unclear.add(id);
      }
    }
  }
  return unclear;
}

/** @returns undefined when nothing is known of the former one */
async function isSameChannel(
  context: Context,
  former: string,
  id: string,
): Promise<boolean | undefined> {
  const {
    db,
    slack,
    workspace: { self },
  } = context;
  const { feedback, posts } = await listLandmarks(db, former);
  if (feedback.length + posts.length === 0) return undefined;
  const at = async (ts: string) => {
    const { messages } = await collectPages(readHistory(slack, id, { oldest: ts, latest: ts }));
    return messages.find((message) => message.ts === ts);
  };
  for (const landmark of feedback) {
    const message = await at(landmark.ts);
    const intake = message && interpretMessage(id, message, self);
    if (intake?.kind === 'message' && isBySameAuthor(landmark, intake.message)) return true;
  }
  for (const ts of posts) if ((await at(ts))?.bot_id === self.botId) return true;
  return false;
}

/** An integration may have no name: then it has to be the same text. */
function isBySameAuthor(one: Landmark, other: Landmark): boolean {
  if (one.author !== other.author || one.authorName !== other.authorName) return false;
  return one.author !== null || one.authorName !== null || one.text === other.text;
}
