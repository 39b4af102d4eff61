import type { Rendered } from '../../../core/delivery/effects.ts';
import type { Summary } from '../../../core/digest/digest.ts';
import { count, escapeMrkdwn } from '../../../core/text.ts';
import { plain } from '../controls.ts';
import type { RenderContext } from '../render-context.ts';
import { bold, moment, richText, section, text } from '../rich-text.ts';
import { ALL } from './summary-detail.ts';
import { renderNeeds, renderStillOpen } from './summary-quotes.ts';
import { describeNeeds } from './summary-words.ts';

/**
 * The one post of a channel whose messages are judged as they come: it appears with the first message
 * that needs a person, has the cards in its thread, and becomes the summary.
 * @param dueAt when the summary is due, in ms since 1970; null: nobody knows
 */
export function renderLiving(
  summary: Summary,
  dueAt: number | null,
  renderContext: RenderContext,
): Rendered {
  const { flaggedTotal, total } = summary;
  const needs = describeNeeds(summary, renderContext);
  const headline = flaggedTotal > 0 ? `${needs.slice(0, -1)} since the last summary.` : needs;
  const judged = `${count(total, 'message', 'messages', renderContext.locale)} so far.`;
  const follows =
    dueAt === null
      ? []
      : [text(' The summary follows here '), moment(dueAt, renderContext.timeZone), text('.')];
  return {
    text: escapeMrkdwn(`Feedback so far: ${headline}`),
    blocks: [
      { type: 'header', text: plain('Feedback so far') },
      richText(section(bold(headline))),
      ...renderStillOpen(summary, ALL, renderContext),
      ...renderNeeds(summary, ALL, renderContext),
      richText(section(text(judged), ...follows)),
    ],
  };
}
