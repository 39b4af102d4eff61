import type { Rendered } from '../../../core/delivery/effects.ts';
import type { Summary } from '../../../core/digest/digest.ts';
import { count, escapeMrkdwn } from '../../../core/text.ts';
import { plain } from '../controls.ts';
import type { RenderContext } from '../render-context.ts';
import { moment, richText, section, text } from '../rich-text.ts';
import { renderAttention } from './summary-attention.ts';
import { ALL } from './summary-detail.ts';
import { describeStanding } from './summary-words.ts';

/**
 * The one post of a channel whose messages are judged as they come: it appears with the first message
 * that needs attention, has the cards in its thread, and becomes the summary.
 * @param dueAt when the summary is due, in ms since 1970; null: nobody knows
 */
export function renderLiving(
  summary: Summary,
  dueAt: number | null,
  renderContext: RenderContext,
): Rendered {
  const judged = `${count(summary.total, 'message', 'messages', renderContext.locale)} so far.`;
  const follows =
    dueAt === null
      ? []
      : [text(' The summary follows here '), moment(dueAt, renderContext.timeZone), text('.')];
  return {
    text: escapeMrkdwn(`Feedback so far: ${describeStanding(summary, renderContext)}`),
    blocks: [
      { type: 'header', text: plain('Feedback so far') },
      renderAttention(summary, ALL, renderContext),
      richText(section(text(judged), ...follows)),
    ],
  };
}
