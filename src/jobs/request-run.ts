import { estimateUsd } from '../claude/pricing.ts';
import { EXAMPLES_SHOWN, measureExamples, measurePrefix } from '../claude/prompt.ts';
import type { Db, Tx } from '../store/database.ts';
import { countUntold } from '../store/digest-facts.ts';
import { countExamples } from '../store/examples.ts';
import { measurePending, type PendingSize } from '../store/messages.ts';
import { findOpenRun, openRun, type Run, updateRun } from '../store/runs.ts';
import type { Deps } from './deps.ts';

export type RequestedRun =
  | { kind: 'opened'; run: Run; pending: PendingSize; usd: number | null }
  /** One is going already; it will have a digest now if this request asked for one. */
  | { kind: 'going'; run: Run; pending: PendingSize }
  /** Nothing pending, and nothing that a digest had not told of. */
  | { kind: 'nothing' };

/** Opens a run of a channel for a person or a schedule, if there is anything to do for it. */
export async function requestRun(
  tx: Tx,
  deps: Deps,
  request: Pick<Run, 'channel' | 'cause'> & { requestedBy: string | null; withDigest: boolean },
): Promise<RequestedRun> {
  const { taxonomyVersion, model, clock } = deps;
  const { channel, withDigest } = request;
  const pending = await measurePending(tx, channel);
  const going = await findOpenRun(tx, channel);
  if (going) {
    if (withDigest) await updateRun(tx, going.id, { with_digest: 1 });
    return { kind: 'going', run: going, pending };
  }
  const untold = withDigest ? await countUntold(tx, channel) : 0;
  if (pending.messages === 0 && untold === 0) return { kind: 'nothing' };
  const run = await openRun(tx, { ...request, taxonomyVersion, model }, clock.now());
  if (!run) throw new Error(`a run of ${channel} was opened by somebody else in our transaction`);
  return { kind: 'opened', run, pending, usd: await estimateRun(tx, deps, channel, pending) };
}

/** At most about what a run of so many messages of a channel will cost, in US dollars. */
export async function estimateRun(
  db: Db | Tx,
  { taxonomy, model }: Deps,
  channel: string,
  { messages, characters }: PendingSize,
): Promise<number | null> {
  const examples = await countExamples(db, channel, EXAMPLES_SHOWN);
  return estimateUsd(model, {
    messages,
    characters: characters + messages * measureExamples(examples),
    prefixCharacters: measurePrefix(taxonomy, model),
  });
}
