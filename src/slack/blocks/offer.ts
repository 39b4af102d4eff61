import type { Rendered } from '../../core/delivery/effects.ts';
import { count, formatAtMost } from '../../core/text.ts';

/** The offer to collect messages from before the bot joined. */

/** The choices of how many days back to go. */
export const OFFERED_DAYS = [7, 30] as const;

/** The prefix of the buttons' action ids; the number of days, or `none`, follows. */
export const OFFER_ACTION = 'take_in_';

export function renderOffer(
  channel: string,
  choices: { days: number; messages: number; usd: number | null }[],
  more: boolean,
): Rendered {
  const sums = choices.map(({ days, messages, usd }) => {
    const price = usd === null ? 'price of the model unknown' : formatAtMost(usd);
    return `• last ${days} days: ${count(messages, 'message')}${more ? ' or more' : ''}, ${price}`;
  });
  const words = [
    'Thanks for adding me. I collect the feedback that is posted here *from now on*. Shall I take in older messages as well? They would be classified in the next run:',
    ...sums,
  ].join('\n');
  return {
    text: 'Shall I take in older messages of this channel as well?',
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: words } },
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
