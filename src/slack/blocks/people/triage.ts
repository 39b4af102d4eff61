import type { ModalView, RichTextBlock, RichTextSection } from '@slack/types';
import type { CardFacts } from '../../../core/people/card.ts';
import { DENIALS } from '../../../core/people/permission.ts';
import type { Taxonomy } from '../../../core/runs/taxonomy.ts';
import { foldLines, shorten, toPlainText } from '../../../core/text.ts';
import { permalink } from '../../../core/timestamps.ts';
import { plain, renderControls } from '../controls.ts';
import { nameAuthor, namePerson, type RenderContext } from '../render-context.ts';
import { bold, link, quote, richText, section, text } from '../rich-text.ts';
import { renderCardInModal } from './card.ts';

/** The modal of the message shortcut *Triage this message*. */

export type TriageState =
  /** A card in the state `withdrawn` is of a message that nothing flags. */
  | { kind: 'judged'; card: CardFacts }
  | { kind: 'added'; message: TriagedMessage }
  /** Not judged yet. Flags and corrections by people count as soon as it is. */
  | {
      kind: 'waiting';
      message: TriagedMessage;
      flaggedBy: string | null;
      correction: { category: string; user: string } | null;
    }
  /** @param reason why it could not be classified */
  | { kind: 'dead'; message: TriagedMessage; reason: string }
  | { kind: 'refused'; why: Refusal };

type TriagedMessage = Pick<
  CardFacts,
  'channel' | 'ts' | 'threadTs' | 'author' | 'authorName' | 'text'
>;

type Refusal = keyof typeof REFUSALS;

const REFUSALS = {
  own_post: 'This is not feedback: Winnow or Slack posted it, or it is a question to Winnow.',
  not_member: 'I am not in this channel. Invite me to it, then try again.',
  not_watched: 'I do not collect feedback in this channel.',
  guest: 'Guests can read along, but not triage. Ask a member of this workspace to do it.',
  foreign:
    'People of other organizations can read along, but not triage. Ask a member of this workspace to do it.',
  unknown: DENIALS.unknown,
  outsider: 'Only people in the channel can triage its messages. Join it, then try again.',
  deleted: 'This message has been deleted.',
  forgotten: 'Winnow was told to forget this message, and does not take it in again.',
  later:
    'Slack cannot tell me right now who you are. Nothing was done: please try again in a minute.',
};

/** @param notice why the last act was refused */
export function renderTriage(
  state: TriageState,
  taxonomy: Taxonomy,
  renderContext: RenderContext,
  notice?: string,
): ModalView {
  return {
    type: 'modal',
    title: plain('Triage this message'),
    close: plain('Close'),
    blocks: [
      ...(notice ? [richText(section(bold(notice)))] : []),
      ...renderState(state, taxonomy, renderContext),
    ],
  };
}

function renderState(
  state: TriageState,
  taxonomy: Taxonomy,
  renderContext: RenderContext,
): ModalView['blocks'] {
  switch (state.kind) {
    case 'judged':
      return renderCardInModal(state.card, taxonomy, renderContext);
    case 'added':
    case 'waiting':
    case 'dead': {
      const chosen = state.kind === 'waiting' ? (state.correction?.category ?? null) : null;
      return [
        renderMessage(state.message, renderContext),
        richText(section(text(describeWait(state))), ...renderSaid(state, taxonomy, renderContext)),
        renderControls(state.message, ['flag'], null, chosen, taxonomy),
      ];
    }
    case 'refused':
      return [richText(section(text(describeRefusal(state.why, renderContext))))];
    default:
      return state satisfies never;
  }
}

/** In a hosted bot, every channel that it is in is watched. */
const describeRefusal = (why: Refusal, { hosted }: RenderContext) =>
  why === 'not_watched' && !hosted
    ? `${REFUSALS[why]} Your Winnow admin can change that with FEEDBACK_CHANNELS.`
    : REFUSALS[why];

function renderMessage(message: TriagedMessage, renderContext: RenderContext): RichTextBlock {
  const { channel, ts, threadTs } = message;
  return richText(
    quote(shorten(foldLines(toPlainText(message.text, renderContext.nameOf)), 600) || '(no text)'),
    section(
      text(`${nameAuthor(message, renderContext)} · `),
      link(permalink(renderContext.workspaceUrl, channel, ts, threadTs), 'Open the message'),
    ),
  );
}

/** What people have said about a message that Claude has not judged. */
function renderSaid(
  state: Exclude<TriageState, { kind: 'judged' | 'refused' }>,
  taxonomy: Taxonomy,
  renderContext: RenderContext,
): RichTextSection[] {
  if (state.kind !== 'waiting') return [];
  const { flaggedBy, correction } = state;
  const category = taxonomy.categories.find(({ key }) => key === correction?.category);
  return [
    ...(flaggedBy ? [section(text(`Flagged by ${namePerson(flaggedBy, renderContext)}.`))] : []),
    ...(correction
      ? [
          section(
            text(`${category?.name ?? correction.category}, `),
            text(`category set by ${namePerson(correction.user, renderContext)}.`),
          ),
        ]
      : []),
  ];
}

function describeWait(state: Exclude<TriageState, { kind: 'judged' | 'refused' }>): string {
  switch (state.kind) {
    case 'added':
      return 'Added: it will be classified in the next run. You can classify it yourself now.';
    case 'waiting':
      return 'It will be classified in the next run. You can classify it yourself now.';
    case 'dead':
      return `It could not be classified: ${state.reason}. You can classify it yourself.`;
    default:
      return state satisfies never;
  }
}
