import {
  cardKey,
  digestKey,
  MERGE_MS,
  type NewEffect,
  PRIORITY,
} from '../../core/delivery/effects.ts';
import type { Changes } from '../../core/people/decide.ts';
import { renderCard } from '../../slack/blocks/people/card.ts';
import type { Tx } from '../../store/db/tables.ts';
import { addEffects, refreshPost } from '../../store/delivery/outbox.ts';
import { readCards } from '../../store/people/cards.ts';
import { recordCards } from '../../store/people/flags.ts';
import { type Context, toRenderContext } from '../context.ts';

/** What applying a decision needs. */
export type DecisionContext = Pick<Context, 'clock' | 'workspace' | 'settings' | 'hosted'>;

/** Renders the card of a message as it stands now: updates its posts, or adds the first one. */
export async function refreshCard(
  tx: Tx,
  context: DecisionContext,
  { channel, ts }: { channel: string; ts: string },
  card: NonNullable<Changes['card']>,
  nameOf: (user: string) => string | undefined,
): Promise<void> {
  const now = context.clock.now();
  const run = card.kind === 'add' ? card.run : null;
  const [effect] = await buildCards(tx, context, { channel, ts: [ts], run, nameOf });
  if (effect?.effect.kind !== 'post') return;
  switch (card.kind) {
    case 'refresh':
      for (const key of card.keys) {
        const post = { key, priority: PRIORITY.card, rendered: effect.effect };
        await refreshPost(tx, post, now, MERGE_MS.card);
      }
      return;
    case 'add':
      await addEffects(tx, [effect], now);
      await recordCards(tx, channel, [{ ts, key: effect.key }]);
      return;
    default:
      card satisfies never;
  }
}

/** The cards of these messages, in their order, as posts in the thread of a run's digest. */
export async function buildCards(
  tx: Tx,
  context: DecisionContext,
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
  const cards = new Map((await readCards(tx, channel, ts)).map((card) => [card.ts, card]));
  const inOrder = ts.flatMap((one) => cards.get(one) ?? []);
  return inOrder.map((card) => {
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
        ...renderCard(card, context.settings.taxonomy, toRenderContext(context, nameOf)),
      },
    };
  });
}
