/**
 * The `custom_id` of a request in a Message Batch: the only thing that Claude passes through, and
 * so the metadata that ties a result to its message: `{channel}-{ts with _ for .}-r{run}`.
 * It needs no look-up, even by a bot that has lost its database.
 * Claude's rule for it: `^[a-zA-Z0-9_-]{1,64}$`, unique in its batch.
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
