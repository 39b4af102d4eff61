import { z } from 'zod';
import { mentions, readQuestion } from '../help.ts';
import { cleanText } from '../text.ts';
import { TS_PATTERN, tsToMs } from '../timestamps.ts';
import { findReporter, type Reporter } from './reporter.ts';
import { findEmail, gatherWords, wordedSchema } from './words.ts';

/**
 * Decides what a Slack message or message event means; the caller commits it. Events and history go
 * through the same function, so the result is the same when an event is missed.
 */

const text = z.string().transform(cleanText).catch('');
const ts = z.string().regex(TS_PATTERN);

/** A message in an event or in conversations.history. Only `ts` is required. */
export const slackMessageSchema = wordedSchema.extend({
  ts,
  subtype: z.string().optional(),
  user: z.string().optional().catch(undefined),
  username: text.optional(),
  bot_id: z.string().nullish().catch(undefined),
  bot_profile: z.looseObject({ name: text.optional() }).optional().catch(undefined),
  thread_ts: ts.optional(),
  edited: z.looseObject({ ts: z.string() }).optional().catch(undefined),
  reactions: z
    .array(
      z.looseObject({ name: z.string().max(200), users: z.array(z.string()), count: z.number() }),
    )
    .optional()
    .catch(undefined),
  reply_count: z.number().optional().catch(undefined),
  latest_reply: ts.optional().catch(undefined),
});
export type SlackMessage = z.infer<typeof slackMessageSchema>;

/** The bot's own ids in the workspace, from auth.test. */
export interface Self {
  userId: string;
  botId: string;
}

/** A message or a reply as it is stored. `text` is Slack's: escaped, with its tokens. */
export interface IncomingMessage extends Reporter {
  channel: string;
  ts: string;
  /** The thread that a reply belongs to, also when the reply was also sent to the channel. */
  threadTs: string | null;
  /** The integration that posted it; null for people. */
  bot: string | null;
  text: string;
  /** Slack's timestamp of the last edit; null when never edited. */
  editedTs: string | null;
}

type IgnoredBecause =
  | 'own post'
  | 'not feedback'
  | 'from Slack itself'
  | 'a question to the bot'
  | 'not understood';

export type Intake =
  | { kind: 'message'; message: IncomingMessage }
  | { kind: 'reply'; reply: IncomingMessage & { threadTs: string } }
  | { kind: 'deleted'; channel: string; ts: string }
  | { kind: 'ignored'; because: IgnoredBecause };

/** Subtypes of messages that somebody wrote. All others are Slack's own notices, or unknown. */
const FEEDBACK_SUBTYPES = new Set([
  undefined,
  'file_share',
  'thread_broadcast',
  'bot_message',
  'me_message',
]);

const SLACKBOT = 'USLACKBOT';

/** Decides what a `message` event means. Never throws, whatever the event is. */
export function interpretMessageEvent(event: unknown, self: Self): Intake {
  const subtype = (event as { subtype?: unknown } | null)?.subtype;
  if (subtype === 'message_deleted') {
    const parsed = deletedEventSchema.safeParse(event);
    if (!parsed.success) return { kind: 'ignored', because: 'not understood' };
    const { channel, deleted_ts, previous_message } = parsed.data;
    if (isOwn(previous_message ?? {}, self)) return { kind: 'ignored', because: 'own post' };
    return { kind: 'deleted', channel, ts: deleted_ts };
  }
  if (subtype === 'message_changed') {
    const parsed = changedEventSchema.safeParse(event);
    if (!parsed.success) return { kind: 'ignored', because: 'not understood' };
    return interpretMessage(parsed.data.channel, parsed.data.message, self);
  }
  const parsed = postedEventSchema.safeParse(event);
  if (!parsed.success) return { kind: 'ignored', because: 'not understood' };
  return interpretMessage(parsed.data.channel, parsed.data, self);
}

/**
 * When a message was changed or deleted, by Slack's clock, in ms since 1970. Undefined for the event
 * of a new message, which may arrive after its deletion.
 */
export function readChangeTime(event: unknown): number | undefined {
  const parsed = z
    .looseObject({ subtype: z.enum(['message_changed', 'message_deleted']), event_ts: ts })
    .safeParse(event);
  return parsed.success ? tsToMs(parsed.data.event_ts) : undefined;
}

const deletedEventSchema = z.looseObject({
  channel: z.string(),
  deleted_ts: ts,
  previous_message: z
    .looseObject({ user: z.string().optional(), bot_id: z.string().nullish() })
    .optional()
    .catch(undefined),
});
const changedEventSchema = z.looseObject({ channel: z.string(), message: slackMessageSchema });
const postedEventSchema = slackMessageSchema.extend({ channel: z.string() });

/** Decides what a message from an event or from history means. */
export function interpretMessage(channel: string, message: SlackMessage, self: Self): Intake {
  // A deleted message with replies becomes a tombstone, both in history and in events.
  if (message.subtype === 'tombstone') return { kind: 'deleted', channel, ts: message.ts };
  if (isOwn(message, self)) return { kind: 'ignored', because: 'own post' };
  const email = findEmail(message);
  const bySlack = message.user === SLACKBOT;
  // What Slackbot brings from outside is feedback; what it says itself is not.
  if (bySlack && !email) return { kind: 'ignored', because: 'from Slack itself' };
  if (!FEEDBACK_SUBTYPES.has(message.subtype)) return { kind: 'ignored', because: 'not feedback' };

  const text = gatherWords(message);
  const bot = message.bot_id ?? (bySlack ? SLACKBOT : null);
  if (isQuestion(text, message, self)) return { kind: 'ignored', because: 'a question to the bot' };
  const incoming: IncomingMessage = {
    channel,
    ts: message.ts,
    threadTs: message.thread_ts && message.thread_ts !== message.ts ? message.thread_ts : null,
    ...findReporter({
      text,
      user: bySlack ? null : (message.user ?? null),
      bot,
      username: message.username || null,
      botName: message.bot_profile?.name || null,
      sender: email?.from?.[0] ?? null,
    }),
    bot,
    text,
    editedTs: message.edited?.ts ?? null,
  };
  const { threadTs } = incoming;
  if (threadTs !== null && message.subtype !== 'thread_broadcast') {
    return { kind: 'reply', reply: { ...incoming, threadTs } };
  }
  return { kind: 'message', message: incoming };
}

/** What was edited stays what it was, feedback, and what integrations post is answered by nobody. */
const isQuestion = (text: string, { edited, bot_id }: SlackMessage, { userId }: Self): boolean =>
  !edited && bot_id == null && mentions(text, userId) && readQuestion(text, userId) !== null;

function isOwn(
  message: { user?: string | undefined; bot_id?: string | null | undefined },
  self: Self,
) {
  return message.user === self.userId || (message.bot_id ?? '') === self.botId;
}
