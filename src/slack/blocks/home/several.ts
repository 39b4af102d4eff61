import type { ActionsBlock, Checkboxes, InputBlock, ModalView, Option } from '@slack/types';
import { type ChosenMessage, formatChoice } from '../../../core/home/several.ts';
import type { Refusal } from '../../../core/people/acts.ts';
import type { CardFacts } from '../../../core/people/card.ts';
import type { Taxonomy } from '../../../core/runs/taxonomy.ts';
import { count, formatNumber, shorten } from '../../../core/text.ts';
import { formatTarget } from '../actions.ts';
import { button, plain } from '../controls.ts';
import { gistOf, nameCategory } from '../people/card.ts';
import { COMMON_REASONS, reasonSelect } from '../people/dismissal.ts';
import type { RenderContext } from '../render-context.ts';
import { bold, bullets, richText, section, text } from '../rich-text.ts';
import { readStateOnCard, toWords } from './as-on-card.ts';

/**
 * The modals that dismiss several messages: choose them, see how many they are and confirm, see what
 * has come of it.
 */

export const SEVERAL = {
  open: 'home_several',
  /** Chooses all that are shown, or none. */
  all: 'home_several_all',
  none: 'home_several_none',
  /** Goes back to the choice. */
  back: 'home_several_back',
  /** Why: the select, and its block. */
  reason: 'home_several_reason',
  /** The checkboxes. */
  chosen: 'home_several_chosen',
  /** The callback ids: the choice is made; it is confirmed. */
  choose: 'home_several_choose',
  dismiss: 'home_several_dismiss',
} as const;

/** Slack's limits, November 2026: options of a group of checkboxes; characters of an option. */
const GROUP = 10;
const OPTION_LENGTH = 75;

const NAMED = 10;

const LIKE_THE_BUTTON = `“${button('dismiss').text.text}”`;

const modal = (blocks: ModalView['blocks'], more: Partial<ModalView> = {}): ModalView => ({
  type: 'modal',
  title: plain('Dismiss several'),
  close: plain('Cancel'),
  ...more,
  blocks,
});

/**
 * @param chosen the messages that are checked
 * @param stamp differs each time: Slack's apps keep what a reader checked while an id stays the same
 */
export function renderSeveral(
  { seen, total, cards }: { seen: number; total: number; cards: CardFacts[] },
  { chosen, stamp }: { chosen: ChosenMessage[]; stamp: string },
  taxonomy: Taxonomy,
  renderContext: RenderContext,
): ModalView {
  if (cards.length === 0) return renderDone('Your filters show nothing that can be dismissed.');
  const checked = new Set(chosen.map(({ channel, ts }) => formatTarget(channel, ts)));
  const options = cards.map((card) => toOption(card, taxonomy, renderContext));
  const groups = Array.from({ length: Math.ceil(options.length / GROUP) }, (_, n) =>
    renderGroup(options.slice(n * GROUP, (n + 1) * GROUP), { n, stamp, checked }),
  );
  const some =
    total > cards.length
      ? ` These are the ${cards.length} most pressing of ${formatNumber(total)}. Open this again for the others.`
      : '';
  return modal(
    [
      richText(
        section(
          text(
            `Choose the messages that need no attention, from those that your filters show.${some}`,
          ),
        ),
      ),
      renderChooser(cards.length),
      ...groups,
    ],
    {
      callback_id: SEVERAL.choose,
      private_metadata: JSON.stringify({ seen }),
      submit: plain('Next'),
    },
  );
}

const renderChooser = (total: number): ActionsBlock => ({
  type: 'actions',
  elements: [
    { type: 'button', action_id: SEVERAL.all, text: plain(`Select all ${total}`) },
    { type: 'button', action_id: SEVERAL.none, text: plain('Select none') },
  ],
});

function renderGroup(
  options: Option[],
  { n, stamp, checked }: { n: number; stamp: string; checked: Set<string> },
): InputBlock {
  const initial = options.filter(({ value }) => checked.has(value ?? ''));
  const element: Checkboxes = {
    type: 'checkboxes',
    action_id: SEVERAL.chosen,
    options,
    ...(initial.length > 0 && { initial_options: initial }),
  };
  const first = n * GROUP + 1;
  const last = n * GROUP + options.length;
  return {
    type: 'input',
    block_id: `several-${stamp}-${n}`,
    label: plain(first === last ? `Message ${first}` : `Messages ${first}–${last}`),
    optional: true,
    element,
  };
}

function toOption(card: CardFacts, taxonomy: Taxonomy, renderContext: RenderContext): Option {
  const { state } = readStateOnCard(card, taxonomy, renderContext);
  return {
    text: plain(shorten(gistOf(card, renderContext), OPTION_LENGTH)),
    description: plain(
      shorten(`${nameCategory(card, taxonomy)} · ${toWords(state)}`, OPTION_LENGTH),
    ),
    value: formatTarget(card.channel, card.ts),
  };
}

/** Says how many will be dismissed. @param cards the chosen messages */
export function renderConfirmation(
  seen: number,
  cards: CardFacts[],
  renderContext: RenderContext,
): ModalView {
  const messages = cards.map(({ channel, ts }) => ({ channel, ts }));
  return modal(
    [
      richText(
        section(bold(`${count(cards.length, 'message')} will be dismissed`)),
        ...nameSome(cards, (card) => [text(gistOf(card, renderContext))]),
        section(
          text(
            `Each is marked in your name, as with ${LIKE_THE_BUTTON} on its card. You can undo it there.`,
          ),
        ),
      ),
      {
        type: 'input',
        block_id: SEVERAL.reason,
        label: plain('Why'),
        optional: true,
        element: {
          ...reasonSelect(SEVERAL.reason, null, COMMON_REASONS),
          placeholder: plain('Choose a reason'),
        },
      },
      {
        type: 'actions',
        elements: [
          { type: 'button', action_id: SEVERAL.back, text: plain('Change the selection') },
        ],
      },
    ],
    {
      callback_id: SEVERAL.dismiss,
      private_metadata: formatChoice({ seen, messages }),
      submit: plain(`Dismiss ${formatNumber(cards.length)}`),
    },
  );
}

/** Shown until it is known what has come of it. */
export const renderDismissing = (messages: number): ModalView =>
  renderDone(`Dismissing ${count(messages, 'message')}…`);

export function renderOutcome(
  {
    dismissed,
    waiting,
    refusals,
    left,
  }: { dismissed: number; waiting: number; refusals: Refusal[]; left: CardFacts[] },
  words: Record<Refusal, string>,
  taxonomy: Taxonomy,
  renderContext: RenderContext,
): ModalView {
  const are = left.length === 1 ? 'was' : 'were';
  return modal(
    [
      richText(
        section(
          bold(
            dismissed === 0 ? 'Nothing was dismissed' : `${count(dismissed, 'message')} dismissed`,
          ),
        ),
        ...(waiting === 0
          ? []
          : [section(text(`${formatNumber(waiting)} more as soon as Slack says that you may.`))]),
        ...refusals.map((refusal) => section(text(words[refusal]))),
        ...(left.length === 0
          ? []
          : [
              section(
                text(
                  refusals.length > 0
                    ? `${formatNumber(left.length)} ${are} left as before:`
                    : `${formatNumber(left.length)} ${are} left alone, because something changed meanwhile:`,
                ),
              ),
              ...nameSome(left, (card) => {
                const { sign, state } = readStateOnCard(card, taxonomy, renderContext);
                return [
                  ...sign,
                  text(`${sign.length > 0 ? ' ' : ''}${gistOf(card, renderContext)} · `),
                  ...state,
                ];
              }),
            ]),
      ),
    ],
    { close: plain('Close') },
  );
}

/** A modal that only says something. */
export const renderDone = (words: string): ModalView =>
  modal([richText(section(text(words)))], { close: plain('Close') });

/** The first of them; an acknowledgement that carries more would be too long. */
function nameSome(
  cards: CardFacts[],
  name: (card: CardFacts) => Parameters<typeof section>,
): Parameters<typeof richText> {
  const more = cards.length - NAMED;
  return [
    bullets(cards.slice(0, NAMED).map((card) => section(...name(card)))),
    ...(more > 0 ? [section(text(`and ${formatNumber(more)} more`))] : []),
  ];
}
