import { deriveActState } from '../../core/people/acts.ts';
import type { Context } from '../../jobs/context.ts';
import { readRenderContext } from '../../jobs/render-context.ts';
import { renderTriage, type TriageState } from '../../slack/blocks/people/triage.ts';
import { readMessage } from '../../store/intake/messages.ts';
import { listActiveActs } from '../../store/people/acts.ts';
import { readCards } from '../../store/people/cards.ts';

/** The modal of one message: its facts, and the buttons to act on it. */

/** Reads what the modal shows of a message; undefined if the message was never collected. */
export async function readState(
  { db, settings: { taxonomy } }: Context,
  channel: string,
  ts: string,
): Promise<TriageState | undefined> {
  const message = await readMessage(db, channel, ts);
  if (!message) return undefined;
  if (message.deleted && message.forgotten) return { kind: 'refused', why: 'forgotten' };
  if (message.deleted) return { kind: 'refused', why: 'deleted' };
  if (message.state === 'dead') {
    return { kind: 'dead', message, reason: message.trouble ?? 'no reason known' };
  }
  const [card] = await readCards(db, channel, [ts]);
  if (card?.category) return { kind: 'judged', card };
  const { flaggedBy, correction } = deriveActState(await listActiveActs(db, channel, ts), taxonomy);
  return { kind: 'waiting', message, flaggedBy, correction };
}

/**
 * Renders the modal again after a press in it; undefined if the message was never collected.
 * @param notice why the act was refused
 */
export async function drawTriage(
  context: Context,
  { channel, ts }: { channel: string; ts: string },
  notice?: string,
): Promise<object | undefined> {
  const state = await readState(context, channel, ts);
  return state && renderState(context, state, notice);
}

export async function renderState(context: Context, state: TriageState, notice?: string) {
  const renderContext = await readRenderContext(context, context.db);
  return renderTriage(state, context.settings.taxonomy, renderContext, notice);
}
