import { z } from 'zod';
import { mentions, readQuestion } from '../../core/help.ts';
import { slackMessageSchema } from '../../core/intake/message.ts';
import { gatherWords } from '../../core/intake/words.ts';
import { type Context, isDirect } from '../../jobs/context.ts';
import { type Asked, answerQuestion } from '../../jobs/help.ts';
import { inTime, learnRole } from '../../jobs/people/permissions.ts';
import { COMMAND_LINES } from '../commands/classify-feedback.ts';
import type { Register } from '../tools.ts';

/**
 * Somebody mentions the bot, or writes to it directly. A mention that says something else than a
 * question is left to the `message` event of the same message; in a direct message everything is a
 * question. The answer is committed, then the event is acknowledged.
 */

export const registerMention: Register = (app, { context, emit }) => {
  app.event('app_mention', async ({ event }) => {
    if (await onQuestion(context, event)) emit('question');
  });
};

const postedSchema = slackMessageSchema.extend({ channel: z.string() });

/** Slack has to be answered within three seconds. */
const TIMEOUT_MS = 1_500;

/**
 * Answers people of the workspace, guests too: they may read what the bot posts.
 * @returns whether there is an answer to deliver
 * @throws when Slack does not say who asks: without an acknowledgement it sends the event again
 */
export async function onQuestion(context: Context, event: unknown): Promise<boolean> {
  const asked = readAsked(context, event);
  if (!asked) return false;
  const role = await inTime(context, TIMEOUT_MS, learnRole(context, asked.user), 'late' as const);
  if (role === 'late') throw new Error('Slack does not say in time who asks');
  if (role !== 'member' && role !== 'guest') return false;
  await answerQuestion(context, asked, COMMAND_LINES);
  return true;
}

/** The subtypes of what a person writes; an edit, a deletion and a notice have others. */
const WRITTEN = new Set([undefined, 'file_share', 'thread_broadcast', 'me_message']);

/** @returns undefined when no person asks anything */
function readAsked({ workspace: { self } }: Context, event: unknown): Asked | undefined {
  const parsed = postedSchema.safeParse(event);
  if (!parsed.success) return undefined;
  const { channel, ts, thread_ts: thread, user, bot_id: bot, subtype, edited } = parsed.data;
  if (!user || user === self.userId || bot || edited || !WRITTEN.has(subtype)) return undefined;
  const words = gatherWords(parsed.data);
  const direct = isDirect(channel);
  if (!direct && !mentions(words, self.userId)) return undefined;
  const question = readQuestion(words, self.userId) ?? (direct ? { kind: 'help' as const } : null);
  if (!question) return undefined;
  return { channel, ts, threadTs: thread && thread !== ts ? thread : null, user, question };
}
