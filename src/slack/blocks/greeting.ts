import type { Rendered } from '../../core/delivery/effects.ts';
import type { Host } from '../../core/settings/hosted.ts';
import { count, formatAtMost } from '../../core/text.ts';
import { KEY, SETTINGS } from './actions.ts';
import { type LegendFacts, renderLegend } from './help/legend.ts';
import { MISSING_KEY } from './operator.ts';
import { bold, emoji, moment, richText, section, text } from './rich-text.ts';

/**
 * The greeting of the person who added the bot: when the next summary comes, the legend, and the offers
 * of their time zone and of older messages.
 */

/** The choices of how many days back to go. */
export const OFFERED_DAYS = [7, 30] as const;

/** The prefix of the buttons' action ids; the number of days, or `none`, follows. */
export const OFFER_ACTION = 'take_in_';

/** Older messages that may be collected. `more`: not all were counted. */
export interface Offer {
  choices: { days: number; messages: number; usd: number | null }[];
  more: boolean;
}

interface GreetingFacts extends LegendFacts {
  /** null: there are no older messages. */
  offer: Offer | null;
  /** ms since 1970; null: no summary is scheduled. */
  nextSummaryAt: number | null;
  /** The zone that the schedules follow. */
  timeZone: string;
  hosted: Host;
  /** The reader's zone, if it should be offered. */
  theirZone: string | null;
}

export function renderGreeting(channel: string, facts: GreetingFacts): Rendered {
  return {
    text: facts.offer
      ? 'Should older messages of this channel count as well?'
      : 'Thanks for adding Winnow. Feedback that is posted here counts from now on.',
    blocks: [
      mrkdwn(
        'Thanks for adding Winnow. Feedback that is posted here counts *from now on*. For help, type `/classify-feedback help` or mention Winnow.',
      ),
      ...(facts.hosted?.key === 'none' ? renderMissingKey() : []),
      ...renderSchedule(facts),
      renderLegend(facts),
      ...(facts.offer ? renderOffer(channel, facts.offer) : []),
    ],
  };
}

/** Who has added the bot may be the one who has installed it. */
const renderMissingKey = (): object[] => [
  richText(section(emoji('warning'), text(` ${MISSING_KEY}`))),
  { type: 'actions', elements: [button('Set the key', KEY.open, 'open')] },
];

function renderSchedule({ nextSummaryAt, timeZone, theirZone }: GreetingFacts): object[] {
  if (nextSummaryAt === null) return [];
  const next = [bold('Next summary: '), moment(nextSummaryAt, timeZone)];
  if (theirZone === null) return [richText(section(...next))];
  const zones = `. Schedules follow ${timeZone}; your time zone in Slack is ${theirZone}.`;
  return [
    richText(section(...next, text(zones))),
    {
      type: 'actions',
      elements: [
        button(`Use ${theirZone}`, SETTINGS.zone, theirZone),
        button('Settings', SETTINGS.open, 'open'),
      ],
    },
  ];
}

function renderOffer(channel: string, { choices, more }: Offer): object[] {
  const sums = choices.map(({ days, messages, usd }) => {
    const price = usd === null ? 'price of the model unknown' : formatAtMost(usd);
    return `• last ${days} days: ${count(messages, 'message')}${more ? ' or more' : ''}, ${price}`;
  });
  return [
    mrkdwn(
      [
        'Should older messages count as well? They would be classified in the next run:',
        ...sums,
      ].join('\n'),
    ),
    {
      type: 'actions',
      elements: [
        ...choices.map(({ days }) =>
          button(`Last ${days} days`, `${OFFER_ACTION}${days}`, channel),
        ),
        button('Only from now on', `${OFFER_ACTION}none`, channel),
      ],
    },
  ];
}

/**
 * What is said when somebody has chosen a time zone.
 * @param nextSummaryAt ms since 1970; null: none is scheduled
 */
export function renderZoneChosen(timeZone: string, nextSummaryAt: number | null): Rendered {
  const done = `Saved: schedules follow ${timeZone} now.`;
  const next =
    nextSummaryAt === null ? [] : [text(' Next summary: '), moment(nextSummaryAt, timeZone)];
  return { text: done, blocks: [richText(section(text(done), ...next))] };
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
