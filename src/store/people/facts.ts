import { digestKey } from '../../core/delivery/effects.ts';
import type { MessageFacts } from '../../core/people/decide.ts';
import type { Tx } from '../db/tables.ts';
import { hasPost } from '../delivery/posts.ts';
import { findLastDigest } from '../runs/runs.ts';
import { readVerdicts } from '../runs/verdicts.ts';
import { readStandingActs } from './acts.ts';
import { readCardKeys } from './flags.ts';

/** What is stored about these messages of a channel. Messages that are not stored are left out. */
export async function readFacts(tx: Tx, channel: string, ts: string[]): Promise<MessageFacts[]> {
  if (ts.length === 0) return [];
  const messages = await tx
    .selectFrom('messages')
    .leftJoin('flags', (join) =>
      join.onRef('flags.channel', '=', 'messages.channel').onRef('flags.ts', '=', 'messages.ts'),
    )
    .leftJoin('honesty_questions as asked', (join) =>
      join.onRef('asked.channel', '=', 'messages.channel').onRef('asked.ts', '=', 'messages.ts'),
    )
    .select([
      'messages.ts',
      'messages.thread_ts as threadTs',
      'messages.text',
      'messages.bot',
      'messages.revision',
      'messages.state',
      'messages.tries',
      'messages.run',
      'messages.deleted_at',
      'messages.forgotten',
      'messages.verdict',
      'messages.digest',
      'flags.state as flag',
      'flags.by',
      'flags.changed_at as changedAt',
      'asked.run as askedIn',
    ])
    .where('messages.channel', '=', channel)
    .where('messages.ts', 'in', ts)
    .execute();
  const acts = await readStandingActs(tx, channel, ts);
  const verdicts = await readVerdicts(tx, channel, ts);
  const flagged = messages.flatMap((message) => (message.flag === null ? [] : message.ts));
  const cards = await readCardKeys(tx, channel, flagged);
  const digests = await readDigests(
    tx,
    channel,
    messages.flatMap(({ digest }) => digest ?? []),
  );
  return messages.map((message) => {
    const { ts: one, verdict, digest, flag, by, changedAt } = message;
    const known = verdicts.get(one) ?? [];
    return {
      channel,
      ts: one,
      threadTs: message.threadTs,
      text: message.text,
      bot: message.bot,
      revision: message.revision,
      state: message.state,
      tries: message.tries,
      run: message.run,
      deleted: message.deleted_at !== null,
      forgotten: message.forgotten !== null,
      verdict: known.find(({ id }) => id === verdict) ?? null,
      claude: known.findLast(({ person }) => person === null) ?? null,
      acts: acts.get(message.ts) ?? [],
      flag: flag !== null && changedAt !== null ? { state: flag, by, changedAt } : null,
      cards: cards.get(message.ts) ?? [],
      digest: digest === null ? null : (digests.get(digest) ?? null),
      askedIn: message.askedIn,
    };
  });
}

async function readDigests(
  tx: Tx,
  channel: string,
  runs: number[],
): Promise<Map<number, NonNullable<MessageFacts['digest']>>> {
  const digests = new Map<number, NonNullable<MessageFacts['digest']>>();
  if (runs.length === 0) return digests;
  const newest = (await findLastDigest(tx, channel))?.id ?? null;
  for (const run of new Set(runs)) {
    digests.set(run, { run, written: await hasPost(tx, digestKey(run)), newest });
  }
  return digests;
}
