import { z } from 'zod';
import type { OwnPost } from '../core/delivery/adoption.ts';
import { TS_PATTERN } from '../core/timestamps.ts';
import type { Slack } from './client.ts';
import { pageOf } from './paginate.ts';
import { readPages } from './read.ts';

/** Reads the bot's own posts, by their metadata. */

const postSchema = z.looseObject({
  ts: z.string().regex(TS_PATTERN),
  bot_id: z.string(),
  metadata: z.looseObject({
    event_type: z.string().startsWith('winnow_'),
    event_payload: z.looseObject({
      key: z.string(),
      run: z.number().optional(),
      category: z.string().optional(),
      ts: z.string().optional(),
    }),
  }),
  text: z.string().catch(''),
  blocks: z.array(z.looseObject({})).catch([]),
});

const pageSchema = pageOf({ messages: z.array(z.unknown()) });

const PAGE_SIZE = 200;

/** In a channel: nobody reads back a year to find a post. */
const MOST_MESSAGES = 1000;

/**
 * Yields the newest of the bot's posts in a channel, newest first, for each page of history.
 * @param botId our own: another app may use the same metadata
 * @throws SlackReadError
 */
export async function* readOwnPosts(
  slack: Slack,
  channel: string,
  botId: string,
): AsyncGenerator<OwnPost[]> {
  let messages = 0;
  for await (const page of read(slack, 'conversations.history', { channel }, botId)) {
    yield page.posts.sort((one, other) => (one.ts < other.ts ? 1 : -1));
    messages += page.messages;
    if (messages >= MOST_MESSAGES) return;
  }
}

/** Yields the bot's posts in a thread, page by page. @throws SlackReadError also when Slack does not show all of it */
export async function* readOwnReplies(
  slack: Slack,
  channel: string,
  threadTs: string,
  botId: string,
): AsyncGenerator<OwnPost[]> {
  for await (const page of read(slack, 'conversations.replies', { channel, ts: threadTs }, botId)) {
    // The parent comes first on every page.
    yield page.posts.filter(({ ts }) => ts !== threadTs);
  }
}

async function* read(
  slack: Slack,
  method: string,
  where: object,
  botId: string,
): AsyncGenerator<{ posts: OwnPost[]; messages: number }> {
  const args = { ...where, limit: PAGE_SIZE, include_all_metadata: true };
  for await (const { messages } of readPages(slack, method, args, pageSchema)) {
    const posts = messages.flatMap((message) => {
      const { data } = postSchema.safeParse(message);
      return data?.bot_id === botId ? [data] : [];
    });
    yield { posts, messages: messages.length };
  }
}
