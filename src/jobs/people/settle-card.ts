import {
  cardKey,
  digestKey,
  MERGE_MS,
  type NewEffect,
  PRIORITY,
} from '../../core/delivery/effects.ts';
import { renderCard } from '../../slack/blocks/people/card.ts';
import type { Tx } from '../../store/db/tables.ts';
import { addEffects, refreshPost } from '../../store/delivery/outbox.ts';
import { hasPost } from '../../store/delivery/posts.ts';
import { readCards } from '../../store/people/cards.ts';
import { keepCards, listCards } from '../../store/people/flags.ts';
import { type Context, surroundingsOf } from '../context.ts';

/** What settling a message works with. */
export type SettleContext = Pick<Context, 'clock' | 'workspace' | 'settings'>;

/** The card follows at once. A message flagged only now gets one in the thread that tells of it. */
export async function settleCard(
  tx: Tx,
  context: SettleContext,
  { channel, ts }: { channel: string; ts: string },
  { digest, nameOf }: { digest: number | null; nameOf: (user: string) => string | undefined },
): Promise<void> {
  const now = context.clock.now();
  const [effect] = await buildCards(tx, context, { channel, ts: [ts], run: digest, nameOf });
  if (effect?.effect.kind !== 'post') return;
  const keys = await listCards(tx, channel, ts);
  for (const key of keys) {
    const post = { key, priority: PRIORITY.card, rendered: effect.effect };
    await refreshPost(tx, post, now, MERGE_MS.card);
  }
  if (keys.length > 0) return;
  // Not told of yet: the digest that will tell of it brings the card.
  if (digest === null || !(await hasPost(tx, digestKey(digest)))) return;
  await addEffects(tx, [effect], now);
  await keepCards(tx, channel, [{ ts, key: effect.key }]);
}

/** The cards of these messages as posts in the thread of a run's digest. */
export async function buildCards(
  tx: Tx,
  context: SettleContext,
  {
    channel,
    ts,
    run,
    nameOf,
  }: {
    channel: string;
    ts: string[];
    run: number | null;
    nameOf: (user: string) => string | undefined;
  },
): Promise<NewEffect[]> {
  const cards = await readCards(tx, channel, ts);
  return cards.map((card) => {
    const key = cardKey(run ?? 0, card.ts);
    return {
      key,
      channel,
      priority: PRIORITY.card,
      effect: {
        kind: 'post',
        ...(run !== null && { parent: digestKey(run) }),
        metadata: {
          event_type: 'winnow_card',
          event_payload: { key, ...(run !== null && { run }), channel, ts: card.ts },
        },
        ...renderCard(card, context.settings.taxonomy, surroundingsOf(context, nameOf)),
      },
    };
  });
}
