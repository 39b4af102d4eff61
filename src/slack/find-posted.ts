import { z } from 'zod';
import { DAY_MS, MINUTE_MS } from '../core/durations.ts';
import { msToTs } from '../core/timestamps.ts';
import type { Answer, Slack } from './client.ts';
import { pageOf, paginateRange, timestampsOf } from './paginate.ts';

/**
 * Slack has no idempotency key for posts. So a post whose answer was lost is looked up by the outbox
 * key in its metadata before it is sent again.
 */

const pageSchema = pageOf({
  messages: z.array(
    z.looseObject({
      ts: z.string().catch(''),
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
 * @param now in ms since 1970
 * @param botId our own: another app may use the same keys
 * @returns its ts; undefined if there is no such post; `unclear` when Slack did not show everything
 */
export async function findPosted(
  slack: Slack,
  {
    channel,
    threadTs,
    keys,
    since,
    now,
    botId,
  }: {
    channel: string;
    threadTs: string | null;
    keys: string[];
    since: number;
    now: number;
    botId: string;
  },
): Promise<Answer<string | undefined>> {
  const method = threadTs === null ? 'conversations.history' : 'conversations.replies';
  const range = {
    oldest: msToTs(since - CLOCK_SKEW_MS),
    latest: msToTs(Math.max(since, now) + DAY_MS),
  };
  const where = { channel, ts: threadTs ?? undefined, limit: 200, include_all_metadata: true };
  const pages = paginateRange(
    range,
    async (args) => {
      const ask = () => slack.call(method, { ...where, ...args }, pageSchema);
      const answer = await ask();
      // Another try would read all pages again. The second call waits until the rate limit allows it.
      return answer.kind === 'limited' ? ask() : answer;
    },
    (answer) => {
      if (answer.kind !== 'ok') return undefined;
      const { messages } = answer.value;
      return {
        page: answer.value,
        timestamps: timestampsOf(messages).filter((ts) => ts !== threadTs),
      };
    },
  );
  let isWhole = false;
  for await (const { answer, whole } of pages) {
    if (answer.kind !== 'ok') return answer;
    const found = answer.value.messages.find(
      ({ bot_id, metadata }) =>
        bot_id === botId && keys.includes(metadata?.event_payload?.key ?? ''),
    );
    if (found) return { kind: 'ok', value: found.ts };
    isWhole = whole;
  }
  if (!isWhole) return { kind: 'unclear', reason: 'the pages are not complete' };
  return { kind: 'ok', value: undefined };
}
