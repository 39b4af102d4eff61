import { z } from 'zod';
import type { SlackMessage } from '../core/intake/message.ts';
import type { Slack } from './client.ts';
import { collectPages, readHistory, readThread } from './history.ts';
import { read } from './read.ts';

/** Where files are in the workspace. */

const shareSchema = z.record(
  z.string(),
  z.array(z.looseObject({ ts: z.string(), thread_ts: z.string().optional() })),
);
const fileSchema = z.looseObject({
  file: z.looseObject({
    shares: z
      .looseObject({ public: shareSchema.optional(), private: shareSchema.optional() })
      .optional(),
  }),
});

export interface Share {
  channel: string;
  ts: string;
  threadTs: string | undefined;
}

/** Lists the messages that a file is in. @throws SlackReadError */
export async function listShares(slack: Slack, file: string): Promise<Share[]> {
  const { file: found } = await read(slack, 'files.info', { file }, fileSchema);
  const { public: open = {}, private: closed = {} } = found.shares ?? {};
  return [...Object.entries(open), ...Object.entries(closed)].flatMap(([channel, posts]) =>
    posts.map(({ ts, thread_ts }) => ({ channel, ts, threadTs: thread_ts })),
  );
}

/** Reads one message or reply; nothing if it is gone. @throws SlackReadError */
export async function readShared(
  slack: Slack,
  { channel, ts, threadTs }: Share,
): Promise<SlackMessage[]> {
  const range = { oldest: ts, latest: ts };
  const pages =
    threadTs === undefined
      ? readHistory(slack, channel, range)
      : readThread(slack, channel, threadTs, range);
  const { messages } = await collectPages(pages);
  return messages.filter((message) => message.ts === ts);
}
