import { z } from 'zod';
import type { SlackMessage } from '../core/intake/message.ts';
import type { Answer, Slack } from './client.ts';
import { collectPages, readHistory, readThread } from './history.ts';
import { read } from './read.ts';

/** Where files are in the workspace. */

const shareSchema = z.looseObject({ ts: z.string(), thread_ts: z.string().optional() });
/** By channel: the messages that the file is in. */
const sharesSchema = z.record(z.string(), z.array(z.unknown())).optional().catch(undefined);
const infoSchema = z.looseObject({
  file: z.looseObject({
    ims: z.array(z.string()).optional().catch(undefined),
    shares: z
      .looseObject({ public: sharesSchema, private: sharesSchema })
      .optional()
      .catch(undefined),
  }),
});

const placesOf = ({ file }: z.infer<typeof infoSchema>) =>
  Object.entries({ ...file.shares?.public, ...file.shares?.private });

export interface Share {
  channel: string;
  ts: string;
  threadTs: string | undefined;
}

/** Lists the messages that a file is in. @throws SlackReadError */
export async function listShares(slack: Slack, file: string): Promise<Share[]> {
  const info = await read(slack, 'files.info', { file }, infoSchema);
  return placesOf(info).flatMap(([channel, posts]) =>
    posts.flatMap((post) => {
      const { success, data } = shareSchema.safeParse(post);
      return success ? { channel, ts: data.ts, threadTs: data.thread_ts } : [];
    }),
  );
}

/** Whether people can see a file in a conversation. */
export async function isShared(
  slack: Slack,
  { id, channel }: { id: string; channel: string },
): Promise<Answer<boolean>> {
  const answer = await slack.call('files.info', { file: id }, infoSchema);
  if (answer.kind !== 'ok') return answer;
  const places = [...(answer.value.file.ims ?? []), ...placesOf(answer.value).map(([one]) => one)];
  return { kind: 'ok', value: places.includes(channel) };
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
