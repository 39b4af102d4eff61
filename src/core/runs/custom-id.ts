/**
 * The `custom_id` of a request in a Message Batch. It is the only thing that Claude passes through, so
 * it ties a result to its message: `{channel}-{ts with _ for .}-r{run}`. Reading it takes no look-up,
 * so it works even for a bot that has lost its database.
 * Claude requires `^[a-zA-Z0-9_-]{1,64}$`, unique within the batch.
 */

export interface RequestIdentity {
  channel: string;
  ts: string;
  run: number;
}

const PATTERN = /^([A-Z0-9]+)-(\d+)_(\d+)-r(\d+)$/;

export function formatCustomId({ channel, ts, run }: RequestIdentity): string {
  return `${channel}-${ts.replace('.', '_')}-r${run}`;
}

/** The identity in a custom_id, or undefined when it is not one of ours. */
export function parseCustomId(customId: string): RequestIdentity | undefined {
  const match = PATTERN.exec(customId);
  if (!match) return undefined;
  const [, channel = '', seconds, fraction, run] = match;
  return { channel, ts: `${seconds}.${fraction}`, run: Number(run) };
}
