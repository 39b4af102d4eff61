import { z } from 'zod';
import { MINUTE_MS } from '../core/durations.ts';
import { msToTs } from '../core/timestamps.ts';
import type { Answer, Slack } from './client.ts';
import { pageOf, paginate } from './paginate.ts';

/**
 * Slack has no idempotency key for posts. So a post whose answer was lost is looked up by the outbox
 * key in its metadata before it is sent again.
 */

const pageSchema = pageOf({
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
});

/** Slack's clock and ours may differ. */
const CLOCK_SKEW_MS = MINUTE_MS;

/**
 * Finds a post of ours in a channel or a thread.
 * @param keys the outbox key, and those that it had before the channel's id changed
 * @param since when the first attempt started, in ms since 1970
 * @param botId our own: another app may use the same keys
 * @returns its ts; undefined if there is no such post
 */
export async function findPosted(
  slack: Slack,
  {
    channel,
    threadTs,
    keys,
    since,
    botId,
  }: { channel: string; threadTs: string | null; keys: string[]; since: number; botId: string },
): Promise<Answer<string | undefined>> {
  const method = threadTs === null ? 'conversations.history' : 'conversations.replies';
  const oldest = msToTs(since - CLOCK_SKEW_MS);
  const args = {
    channel,
    ts: threadTs ?? undefined,
    oldest,
    limit: 200,
    include_all_metadata: true,
  };
  const pages = paginate(
    (cursor) => slack.call(method, { ...args, cursor }, pageSchema),
    (answer) => (answer.kind === 'ok' ? answer.value : undefined),
  );
  for await (const page of pages) {
    if (page.kind !== 'ok') return page;
    const found = page.value.messages.find(
      ({ bot_id, metadata }) =>
        bot_id === botId && keys.includes(metadata?.event_payload?.key ?? ''),
    );
    if (found) return { kind: 'ok', value: found.ts };
  }
  return { kind: 'ok', value: undefined };
}
