import type { SlackMessage } from '../../../core/intake/message.ts';

type Parent = Pick<SlackMessage, 'ts' | 'reply_count' | 'latest_reply'>;

/**
 * How threads were when they were last read. Some always differ from what is stored, because the bot's
 * own replies are not; this keeps each sweep from reading them again. It lives in memory: after a start
 * they are read anyway.
 */
export class ThreadsRead {
  /** By channel and parent: how many replies it had, and the newest. */
  readonly #channels = new Map<string, Map<string, string>>();

  /** By channel and parent: how it is in history, until it has been read. */
  readonly #expected = new Map<string, string>();

  /** History shows a message whose thread is going to be read. */
  expect(channel: string, parent: Parent): void {
    this.#expected.set(`${channel} ${parent.ts}`, describe(parent));
  }

  /** The thread has been read, at least as it was expected to be. */
  record(channel: string, ts: string): void {
    const expected = this.#expected.get(`${channel} ${ts}`);
    if (expected === undefined) return;
    this.#expected.delete(`${channel} ${ts}`);
    const threads = this.#channels.get(channel) ?? new Map<string, string>();
    this.#channels.set(channel, threads.set(ts, expected));
  }

  isAsRead(channel: string, parent: Parent): boolean {
    return this.#channels.get(channel)?.get(parent.ts) === describe(parent);
  }

  /** Keeps only these: sweeps do not come to the others any more. */
  forgetOthers(channel: string, parents: Set<string>): void {
    const threads = this.#channels.get(channel);
    for (const ts of threads?.keys() ?? []) if (!parents.has(ts)) threads?.delete(ts);
  }
}

const describe = ({ reply_count = 0, latest_reply = '' }: Parent) =>
  `${reply_count} ${latest_reply}`;
