import type { ModalView, RichTextElement } from '@slack/types';
import type { Rendered } from '../../../core/delivery/effects.ts';
import type { Taxonomy } from '../../../core/runs/taxonomy.ts';
import type { Comparison, Effect, Flip } from '../../../core/settings/rehearsal.ts';
import {
  count,
  foldLines,
  formatAtMost,
  formatUsdUp,
  shorten,
  toPlainText,
} from '../../../core/text.ts';
import { permalink } from '../../../core/timestamps.ts';
import { REHEARSAL } from '../actions.ts';
import { plain } from '../controls.ts';
import { namePerson, type RenderContext } from '../render-context.ts';
import { bold, bullets, link, richText, section, text } from '../rich-text.ts';

/** What people see of a rehearsal: the offer with its price, and what came of it. */

const TITLE = 'Try the settings';
const LIST = new Intl.ListFormat('en');

export interface ShownOffer {
  id: number;
  messages: number;
  /** How many of them people have corrected or confirmed. */
  corrected: number;
  /** How many have to be judged under the categories in force as well. */
  unknown: number;
  /** About the most that it costs, in US dollars; null when the price of the model is not known. */
  usd: number | null;
  /** Other people who are trying settings now. */
  others: string[];
}

export function renderRehearsalOffer(
  { id, messages, corrected, unknown, usd, others, model }: ShownOffer & { model: string },
  renderContext: RenderContext,
): ModalView {
  const price = usd === null ? `a price that is not known for ${model}` : formatAtMost(usd);
  const taught =
    corrected === 0 ? '' : `, ${corrected} of them with a category that people set or confirmed`;
  const calls =
    unknown === 0
      ? 'Their current categories are known already.'
      : `To compare, ${count(unknown, 'of them is', 'of them are')} also classified by the current settings.`;
  const names = others.map((user) => namePerson(user, renderContext));
  return {
    type: 'modal',
    callback_id: REHEARSAL.begin,
    private_metadata: String(id),
    title: plain(TITLE),
    submit: plain('Try'),
    close: plain('Back'),
    blocks: [
      richText(
        section(
          text(
            `Classify ${count(messages, 'recent message')}${taught}, as if your changes were saved, for ${price}? ${calls}`,
          ),
        ),
      ),
      richText(
        section(
          text(
            'Nothing in a channel changes, and nothing is saved. In about a minute only you are told what would be different. Then you adopt the changes or discard them.',
          ),
        ),
      ),
      ...(names.length > 0
        ? [
            richText(
              section(
                text(
                  `${LIST.format(names)} ${names.length === 1 ? 'is' : 'are'} trying other settings at the moment. If they adopt theirs first, yours cannot be adopted.`,
                ),
              ),
            ),
          ]
        : []),
    ],
  };
}

/** Tells the person that it is done. */
export function renderRehearsalDone(id: number): Rendered {
  const words = 'Your changed settings have been tried on recent messages. Nothing is saved yet.';
  return {
    text: words,
    blocks: [
      richText(section(text(words))),
      {
        type: 'actions',
        block_id: `about-rehearsal-${id}`,
        elements: [
          {
            type: 'button',
            action_id: REHEARSAL.show,
            text: plain('Show the result'),
            value: String(id),
          },
        ],
      },
    ],
  };
}

/** A modal has at most 100 blocks; a list that is longer is not read. */
const FLIPS_SHOWN = 25;
const FLAGS_SHOWN = 10;
const WORDS_LENGTH = 140;

export interface ShownResult {
  id: number;
  comparison: Comparison;
  messages: { channel: string; ts: string; threadTs: string | null; text: string }[];
  taxonomies: { before: Taxonomy; after: Taxonomy };
  usd: number | null;
  outdated: boolean;
  /** Why the last action failed. */
  notice?: string;
}

export function renderRehearsalResult(
  { id, comparison, messages, taxonomies, usd, outdated, notice }: ShownResult,
  renderContext: RenderContext,
): ModalView {
  const { compared, flips, flags } = comparison;
  const find = ({ channel, ts }: { channel: string; ts: string }) =>
    messages.find((message) => message.channel === channel && message.ts === ts);
  const quoteOf = (place: { channel: string; ts: string }): RichTextElement[] => {
    const found = find(place);
    if (!found) return [];
    const words = shorten(foldLines(toPlainText(found.text, renderContext.nameOf)), WORDS_LENGTH);
    const { channel, ts, threadTs } = found;
    return [
      text(`${words || '(no text)'} `),
      link(permalink(renderContext.workspaceUrl, channel, ts, threadTs), 'view'),
    ];
  };
  const listFlags = (title: string, places: Comparison['flags']['opened']) =>
    places.length === 0
      ? []
      : [
          richText(
            section(bold(title)),
            bullets(places.slice(0, FLAGS_SHOWN).map((place) => section(...quoteOf(place)))),
          ),
          ...more(places.length - FLAGS_SHOWN),
        ];
  return {
    type: 'modal',
    callback_id: REHEARSAL.adopt,
    private_metadata: String(id),
    title: plain(TITLE),
    ...(outdated ? {} : { submit: plain('Adopt') }),
    close: plain('Close'),
    blocks: [
      ...(notice ? [richText(section(bold(notice)))] : []),
      ...(outdated
        ? [
            richText(
              section(
                bold(
                  'Somebody has saved other settings since you tried these, so they can no longer be adopted. Open the settings and try again.',
                ),
              ),
            ),
          ]
        : []),
      richText(section(text(sayCounts(comparison, usd)))),
      ...sayCorrections(comparison),
      ...(compared === 0
        ? []
        : [
            richText(
              section(
                text(
                  `Needing attention: ${flags.after} of ${compared} instead of ${flags.before}. The sample has more corrected and rare messages than a usual day.`,
                ),
              ),
            ),
          ]),
      ...(flips.length === 0 ? [] : [richText(section(bold('Another category')))]),
      ...flips
        .slice(0, FLIPS_SHOWN)
        .map((flip) =>
          richText(
            section(
              bold(sayFlip(flip, taxonomies)),
              text(`${sayPeople(flip, taxonomies)}: `),
              ...quoteOf(flip),
            ),
          ),
        ),
      ...more(flips.length - FLIPS_SHOWN),
      ...listFlags('Would need attention', flags.opened),
      ...listFlags('Would no longer need attention', flags.closed),
      {
        type: 'actions',
        block_id: `about-rehearsal-${id}`,
        elements: [
          {
            type: 'button',
            action_id: REHEARSAL.discard,
            text: plain('Discard'),
            value: String(id),
          },
        ],
      },
    ],
  };
}

const more = (left: number) => (left > 0 ? [richText(section(text(`And ${left} more.`)))] : []);

function sayCounts({ compared, unanswered, flips }: Comparison, usd: number | null): string {
  const price = usd === null ? '' : ` It cost ${formatUsdUp(usd)}.`;
  if (compared === 0) {
    const why = unanswered === 0 ? 'the messages are gone' : 'Claude could not classify them';
    return `There is nothing to compare: ${why}.${price}`;
  }
  const without =
    unanswered === 0 ? '' : ` ${count(unanswered, 'message')} could not be classified.`;
  return `${sayFlips(compared, flips.length)}${without}${price}`;
}

function sayFlips(compared: number, flips: number): string {
  if (flips > 0) {
    return `${flips} of ${count(compared, 'message')} ${flips === 1 ? 'gets' : 'get'} another category.`;
  }
  return compared === 1
    ? 'The message keeps its category.'
    : `All ${compared} messages keep their category.`;
}

function sayCorrections({ corrections: { compared, rightBefore, rightAfter } }: Comparison) {
  if (compared === 0) return [];
  const change =
    rightAfter === rightBefore
      ? 'neither better nor worse'
      : rightAfter > rightBefore
        ? 'better'
        : 'worse';
  return [
    richText(
      section(
        text(
          `Of ${count(compared, 'message')} whose category people set or confirmed, your changes get ${rightAfter} right, and the current settings ${rightBefore}: ${change}.`,
        ),
      ),
    ),
  ];
}

const nameCategory = (key: string, { before, after }: ShownResult['taxonomies']): string =>
  [...after.categories, ...before.categories].find((category) => category.key === key)?.name ?? key;

const sayFlip = ({ from, to }: Flip, taxonomies: ShownResult['taxonomies']) =>
  `${nameCategory(from, { before: taxonomies.after, after: taxonomies.before })} → ${nameCategory(to, taxonomies)}`;

const SIGNS: Record<Effect, string> = { better: 'better', worse: 'worse', open: '', unsaid: '' };

function sayPeople({ people, effect }: Flip, taxonomies: ShownResult['taxonomies']) {
  if (people === null) return '';
  const sign = SIGNS[effect] && `, ${SIGNS[effect]}`;
  return ` (people say ${nameCategory(people, taxonomies)}${sign})`;
}

/** What is said where nothing can be shown or done. */
export const REHEARSAL_ANSWERS = {
  unchanged: 'You have changed no category and no rule, so there is nothing to try.',
  nothing: 'There are no classified messages in your channels to try them on.',
  begun: 'I am trying them. In about a minute only you are told the result.',
  over: 'This is over: it was adopted or discarded, or you have tried other settings since.',
  judging: 'I am still trying them. You are told when it is done.',
  discarded: 'Discarded. Nothing was changed.',
  changed:
    'Somebody has changed the settings since you opened them. Open the settings again and try your changes on the new ones.',
} as const;
