import { z } from 'zod';
import { msToTs } from '../core/timestamps.ts';
import type { Answer, Slack } from './client.ts';

/**
 * Slack has no key that makes a post happen once, so a post whose answer was lost is looked for by
 * the outbox key in its metadata before it is sent again.
 */

const pageSchema = z.looseObject({
  messages: z.array(
    z.looseObject({
      ts: z.string(),
      bot_id: z.string().nullish().catch(undefined),
      metadata: z
        .looseObject({ event_payload: z.looseObject({ key: z.string().optional() }).optional() })
        .optional()
        .catch(undefined),
    }),
  ),
  response_metadata: z.looseObject({ next_cursor: z.string().optional() }).optional(),
});

/** Slack's clock and ours need not agree to the second. */
const CLOCK_SKEW_MS = 60_000;

/**
 * Looks for a post of ours in a channel, or in a thread.
 * @param since when the first try was begun, in ms
 * @param botId ours: another app may use the same keys
 * @returns its ts, or undefined when it is not there
 */
export async function findPosted(
  slack: Slack,
  {
    channel,
    threadTs,
    key,
    since,
    botId,
  }: { channel: string; threadTs: string | null; key: string; since: number; botId: string },
): Promise<Answer<string | undefined>> {
  const method = threadTs === null ? 'conversations.history' : 'conversations.replies';
  const oldest = msToTs(since - CLOCK_SKEW_MS);
  let cursor: string | undefined;
  do {
    const page = await slack.call(
      method,
      {
        channel,
        ts: threadTs ?? undefined,
        oldest,
        limit: 200,
        cursor,
        include_all_metadata: true,
      },
      pageSchema,
    );
    if (page.kind !== 'ok') return page;
    const found = page.value.messages.find(
      ({ bot_id, metadata }) => bot_id === botId && metadata?.event_payload?.key === key,
    );
    if (found) return { kind: 'ok', value: found.ts };
    cursor = page.value.response_metadata?.next_cursor || undefined;
  } while (cursor);
  return { kind: 'ok', value: undefined };
}
