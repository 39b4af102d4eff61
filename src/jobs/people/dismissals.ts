import { lastStateAct } from '../../core/people/acts.ts';
import { type Dismissal, noiseOf } from '../../core/people/dismissal.ts';
import type { Tx } from '../../store/db/tables.ts';
import { type Act, askAct, listActiveActs } from '../../store/people/acts.ts';
import type { Context } from '../context.ts';

/**
 * Asks for a dismissal that says why. It takes the place of the one that stands, so that undoing it leaves the
 * message as it was before both. What is no feedback is noise from then on.
 * @returns the id of the act
 */
export async function askDismissal(
  tx: Tx,
  { clock, settings: { taxonomy } }: Context,
  target: Pick<Act, 'channel' | 'ts' | 'user'>,
  { reason, duplicateOf }: Dismissal,
): Promise<number> {
  const standing = lastStateAct(await listActiveActs(tx, target.channel, target.ts), taxonomy);
  const act = {
    ...target,
    kind: 'dismiss' as const,
    source: 'button' as const,
    category: reason === 'no_feedback' ? noiseOf(taxonomy) : null,
    reason,
    duplicate_of: duplicateOf,
    undoes: standing?.kind === 'dismiss' ? standing.id : null,
  };
  return askAct(tx, act, clock.now());
}
