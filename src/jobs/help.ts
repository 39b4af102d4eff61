import { answerKey, PRIORITY } from '../core/delivery/effects.ts';
import type { Question } from '../core/help.ts';
import {
  type CommandLine,
  type Place,
  renderHelp,
  renderHowToType,
} from '../slack/blocks/help/help.ts';
import { addEffects } from '../store/delivery/outbox.ts';
import { listMemberChannels } from '../store/intake/channels.ts';
import { type Context, isDirect, isWatched } from './context.ts';
import { listSchedules, nextTime } from './runs/schedule.ts';

/** A question to the bot, in a channel or in a direct message. */
export interface Asked {
  channel: string;
  ts: string;
  /** The thread that it was asked in; null outside of one. */
  threadTs: string | null;
  user: string;
  question: Question;
}

/**
 * Commits the answer to a question. In a channel it goes into the thread of the question, so that it
 * does not get in the way of others; in a direct message it is the next message. The same event again,
 * or the same question again in the thread, adds nothing.
 * @param commands every sub-command, as help lists it, by its word
 */
export async function answerQuestion(
  context: Context,
  { channel, ts, threadTs, user, question }: Asked,
  commands: Record<string, CommandLine>,
): Promise<void> {
  const { db, clock, settings, hosted } = context;
  const place = await readPlace(context, channel);
  const command = question.kind === 'command' ? commands[question.word] : undefined;
  const rendered = command
    ? renderHowToType(command, place)
    : renderHelp({ ...settings, hosted, commands: Object.values(commands), place });
  const thread = threadTs ?? ts;
  const topic = question.kind === 'command' ? question.word : 'help';
  const key = answerKey({ channel, thread, user, topic });
  const effect = {
    kind: 'answer' as const,
    user,
    threadTs: isDirect(channel) ? threadTs : thread,
    metadata: { event_type: 'winnow_help' as const, event_payload: { key } },
    ...rendered,
  };
  await db
    .transaction()
    .execute((tx) =>
      addEffects(tx, [{ key, channel, priority: PRIORITY.person, effect }], clock.now()),
    );
}

async function readPlace(context: Context, channel: string): Promise<Place> {
  const { db, clock, settings } = context;
  if (isWatched(context, channel)) {
    const times = listSchedules(context).flatMap(({ pattern, withDigest }) =>
      withDigest ? (nextTime(pattern, settings.timeZone, clock.now()) ?? []) : [],
    );
    return { kind: 'feedback', nextSummaryAt: times[0] ?? null };
  }
  const channels = await listMemberChannels(db);
  const watched = channels.flatMap(({ id }) => (isWatched(context, id) ? id : []));
  return { kind: isDirect(channel) ? 'direct' : 'elsewhere', watched };
}
