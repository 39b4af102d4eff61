import type { Rendered } from '../../core/delivery/effects.ts';
import { count, formatAtMost } from '../../core/text.ts';
import { type LegendFacts, renderLegend } from './help/legend.ts';

/** The greeting of the person who added the bot: the legend, and the offer to collect older messages. */

/** The choices of how many days back to go. */
export const OFFERED_DAYS = [7, 30] as const;

/** The prefix of the buttons' action ids; the number of days, or `none`, follows. */
export const OFFER_ACTION = 'take_in_';

export function renderOffer(
  channel: string,
  choices: { days: number; messages: number; usd: number | null }[],
  more: boolean,
  legend: LegendFacts,
): Rendered {
  const sums = choices.map(({ days, messages, usd }) => {
    const price = usd === null ? 'price of the model unknown' : formatAtMost(usd);
    return `• last ${days} days: ${count(messages, 'message')}${more ? ' or more' : ''}, ${price}`;
  });
  const greeting =
    'Thanks for adding Winnow. Feedback that is posted here counts *from now on*. For help, type `/classify-feedback help` or mention Winnow.';
  const offer = [
    'Should older messages count as well? They would be classified in the next run:',
    ...sums,
  ].join('\n');
  return {
    text: 'Should older messages of this channel count as well?',
    blocks: [
      mrkdwn(greeting),
      renderLegend(legend),
      mrkdwn(offer),
      {
        type: 'actions',
        elements: [
          ...choices.map(({ days }) =>
            button(`Last ${days} days`, `${OFFER_ACTION}${days}`, channel),
          ),
          button('Only from now on', `${OFFER_ACTION}none`, channel),
        ],
      },
    ],
  };
}

const mrkdwn = (words: string) => ({ type: 'section', text: { type: 'mrkdwn', text: words } });

const button = (label: string, action_id: string, value: string) => ({
  type: 'button',
  action_id,
  value,
  text: { type: 'plain_text', text: label },
});

export function renderOfferAnswer(days: number | 'none'): string {
  return days === 'none'
    ? 'Fine: only messages from now on count.'
    : `Taking in the messages of the last ${days} days. They are classified in the next run; type \`/classify-feedback\` to start one now.`;
}
