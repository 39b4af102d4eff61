import { decideReactions } from '../../core/delivery/effects.ts';
import type { IncomingMessage } from '../../core/intake/message.ts';
import { isOpen } from '../../core/people/acts.ts';
import type { Tx } from '../../store/db/tables.ts';
import { addEffects } from '../../store/delivery/outbox.ts';
import { markStale } from '../../store/digest/stale.ts';
import {
  findMessageRow,
  findOriginal,
  isUntouched,
  leavePlace,
  type MessageRow,
  markCopy,
  readCopies,
  replaceOriginal,
} from '../../store/intake/copies.ts';
import { readNames } from '../../store/intake/users.ts';
import { deleteExamples } from '../../store/people/examples.ts';
import { readFacts } from '../../store/people/facts.ts';
import { eraseMessage } from '../../store/privacy/erase.ts';
import { applyDecision } from '../people/apply-decision.ts';
import { type DecisionContext, refreshCard } from '../people/refresh-card.ts';

/**
 * What an integration posts several times is one piece of feedback: the first post stands for all, and
 * when it is edited or deleted the next one takes its place.
 */

/**
 * Makes a post a copy of what the integration posted before, if nothing has followed from it yet. A post
 * that was found late can also turn out to be the original.
 */
export async function joinCopies(
  tx: Tx,
  context: DecisionContext,
  message: IncomingMessage,
): Promise<void> {
  if (message.bot === null) return;
  const row = await findMessageRow(tx, message);
  if (!row || row.essence === null || !(await isUntouched(tx, row))) return;
  const original = await findOriginal(tx, row);
  if (!original) return;
  const isFirst = original.ts > row.ts && original.forgotten === null;
  if (isFirst && (await isUntouched(tx, original))) {
    await markCopy(tx, original, row.ts);
    return;
  }
  await markCopy(tx, row, original.ts);
  // It says what the bot was made to forget.
  if (original.forgotten !== null) {
    const copy = { ...row, state: 'copy' as const };
    await eraseMessage(tx, copy, original.forgotten, context.clock.now());
  }
  await showCopies(tx, context, original);
}

/**
 * A post that says something else, or nothing any more, is no copy and has none.
 * @returns whether a copy has taken its place
 */
export async function leaveCopies(
  tx: Tx,
  context: DecisionContext,
  before: MessageRow,
  how: 'edited' | 'deleted',
): Promise<boolean> {
  const { channel, ts } = before;
  if (before.bot === null) return false;
  if (before.copy_of !== null) {
    await showCopies(tx, context, { channel, ts: before.copy_of });
    return false;
  }
  const [heir] = (await readCopies(tx, channel, [ts])).get(ts) ?? [];
  if (heir === undefined) return false;
  const [was] = await readFacts(tx, channel, [ts]);
  await deleteExamples(tx, channel, [ts]);
  await replaceOriginal(tx, before, heir);
  await leavePlace(tx, before, how === 'deleted' ? heir : null);
  const now = context.clock.now();
  const flagged = was?.flag != null && isOpen(was.flag.state);
  const signs = [
    ['flag-', flagged ? context.settings.emoji.flag : null],
    ['', was?.verdict?.emoji ?? null],
  ] as const;
  for (const [kind, sign] of signs) {
    const cause = `${kind}heir-${channel}-${heir}`;
    const gone = { channel, ts, cause: `${cause}-of-${ts}`, before: sign, after: null, flagged };
    const here = { channel, ts: heir, cause, before: null, after: sign, flagged };
    const effects = how === 'edited' ? decideReactions(gone) : [];
    await addEffects(tx, [...effects, ...decideReactions(here)], now);
  }
  await applyDecision(tx, context, { channel, ts: heir }, `place-${channel}-${heir}`);
  await showCopies(tx, context, { channel, ts: heir });
  return true;
}

/** What shows a message also shows how often it was posted. */
export async function showCopies(
  tx: Tx,
  context: DecisionContext,
  { channel, ts }: { channel: string; ts: string },
): Promise<void> {
  const [facts] = await readFacts(tx, channel, [ts]);
  if (!facts) return;
  if (facts.cards.length > 0) {
    const card = { kind: 'refresh' as const, keys: facts.cards };
    await refreshCard(tx, context, { channel, ts }, card, await readNames(tx));
  }
  if (facts.digest) await markStale(tx, facts.digest.run, context.clock.now());
}
