import { interpretMessage, type SlackMessage } from '../../../core/intake/message.ts';
import { TS_PATTERN, tsToMs } from '../../../core/timestamps.ts';
import { collectPages, hasOlder, readHistory } from '../../../slack/history.ts';
import { findPostByTs } from '../../../store/delivery/posts.ts';
import type { Context } from '../../context.ts';
import { syncReactions } from '../../people/reactions.ts';
import { commitEach } from '../../slices.ts';
import type { Found } from '../connection.ts';
import { applyDeletion, storeMessage } from '../store-message.ts';
import type { Gone } from './read-range.ts';

/**
 * What follows from a page of history. What is missing from it need not be deleted: pages may be cut short, history may
 * lag, and a workspace may remove what is old. So a message counts as deleted only if its part of history was read
 * whole, Slack does not know it by its timestamp either, and history has older ones. What shows up again is revived.
 */

/** @returns those of the messages that were new */
export async function storeHistory(
  context: Context,
  channel: string,
  messages: SlackMessage[],
  readAt: number,
): Promise<Found[]> {
  const {
    db,
    workspace: { self },
  } = context;
  const added: Found[] = [];
  await commitEach(db, messages, async (tx, message) => {
    const intake = interpretMessage(channel, message, self);
    if (intake.kind === 'deleted') await applyDeletion(tx, context, intake);
    if (intake.kind !== 'message') return;
    const { ts } = message;
    // It may have posted by another app before its database was moved.
    if (intake.message.bot !== null && (await findPostByTs(tx, channel, ts))) return;
    if ((await storeMessage(tx, context, intake.message, { seenAt: readAt })) === 'new') {
      added.push({ channel, ts, postedAt: tsToMs(ts) });
    }
    await syncReactions(tx, context, channel, message, readAt);
  });
  return added;
}

/** Which of the messages that are missing from history have been deleted. */
export async function* findGone(
  context: Context,
  channel: string,
  { missing, present, readAt }: { missing: string[]; present: Set<string>; readAt: number },
): AsyncGenerator<Gone> {
  const { slack } = context;
  const [first] = [...present].filter((ts) => TS_PATTERN.test(ts)).toSorted();
  const isFollowing = (ts: string) => first !== undefined && first < ts;
  const [oldest = ''] = missing.toSorted();
  // Whether history begins after them: then retention has removed them, and nobody has.
  let kept: boolean | undefined;
  for (const ts of missing) {
    if (kept && !isFollowing(ts)) continue;
    yield;
    const found = await collectPages(readHistory(slack, channel, { oldest: ts, latest: ts }));
    if (!found.whole || found.present.length > 0) {
      await storeHistory(context, channel, found.messages, readAt);
      continue;
    }
    if (!isFollowing(ts) && kept === undefined) {
      yield;
      kept = !(await hasOlder(slack, channel, oldest));
    }
    if (isFollowing(ts) || !kept) yield ts;
  }
}
