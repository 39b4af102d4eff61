import type { ActionsBlock, RichTextBlock, RichTextElement } from '@slack/types';
import type { Rendered } from '../../../core/delivery/effects.ts';
import {
  type FlagState,
  isOpen,
  type PeopleEmoji,
  type StateActKind,
} from '../../../core/people/acts.ts';
import type { CardFacts } from '../../../core/people/card.ts';
import { describeFlagRule, findFlagRule, type Taxonomy } from '../../../core/runs/taxonomy.ts';
import { GIST_LENGTH } from '../../../core/runs/verdict.ts';
import { escapeMrkdwn, foldLines, shorten, toPlainText } from '../../../core/text.ts';
import { permalink } from '../../../core/timestamps.ts';
import { type Control, type MenuItem, renderCardControls, renderControls } from '../controls.ts';
import { renderCopies } from '../copies.ts';
import { nameAuthor, namePerson, type RenderContext } from '../render-context.ts';
import { bold, emoji, link, moment, namedRichText, quote, section, text } from '../rich-text.ts';
import { describeAlso, renderAlso } from './also.ts';
import { describeDismissal, renderReasons } from './dismissal.ts';

/**
 * The card of a message that needs attention, or did. The ids of its blocks say what they mean
 * (`state-claimed`, `category-person`, `taken-back`): the words alone could also be those of the quoted
 * message.
 */

const SIGNS: Record<FlagState, keyof PeopleEmoji | null> = {
  open: 'flag',
  claimed: 'claim',
  resolved: 'resolve',
  dismissed: 'dismiss',
  withdrawn: null,
};

/** The buttons of a card in each state, and its menu. */
const OFFERED: Record<FlagState, { buttons: Control[]; menu: MenuItem[] }> = {
  open: { buttons: ['claim', 'resolve'], menu: ['dismiss', 'category', 'why'] },
  claimed: { buttons: ['resolve'], menu: ['dismiss', 'undo', 'category', 'why'] },
  resolved: { buttons: [], menu: ['undo', 'category', 'why'] },
  dismissed: { buttons: [], menu: ['undo', 'category', 'why'] },
  withdrawn: { buttons: [], menu: ['category', 'why'] },
};

/** The controls for a message in each state where there is room for all of them. */
export const CONTROLS: Record<FlagState, Control[]> = {
  open: ['claim', 'resolve', 'dismiss', 'why'],
  claimed: ['resolve', 'dismiss', 'undo', 'why'],
  resolved: ['undo', 'why'],
  dismissed: ['undo', 'why'],
  withdrawn: ['why'],
};

/** As in "Ben took back …". */
const TAKEN_BACK: Record<StateActKind, string> = {
  claim: '“claimed”',
  resolve: '“resolved”',
  dismiss: '“not an issue”',
  correct: 'the category',
  confirm: 'the confirmation',
  flag: 'the flag',
};

export const stateBlock = (state: FlagState) => `state-${state}`;
/** Whose category it is: Claude's, or a person's who has corrected or confirmed it. */
export const CATEGORY_BLOCK = {
  claude: 'category-claude',
  person: 'category-person',
  confirmed: 'category-confirmed',
};
export const TAKEN_BACK_BLOCK = 'taken-back';

/** They left, or were deactivated: Slack does not always say which. */
const GONE = 'no longer in the channel';

/** The state of a message that nothing flags any more. */
const WITHDRAWN = 'No longer flagged';
const DELETED = 'The message was deleted';

export function renderCard(
  card: CardFacts,
  taxonomy: Taxonomy,
  renderContext: RenderContext,
): Rendered {
  const name = nameCategory(card, taxonomy);
  const { buttons, menu } = OFFERED[card.state];
  const state =
    card.state === 'open' ? 'Needs attention' : describeState(card, renderContext, WITHDRAWN);
  return {
    text: escapeMrkdwn(
      card.deleted ? `${state} (${name})` : `${state}: ${gistOf(card, renderContext)} (${name})`,
    ),
    blocks: [
      ...renderFacts(card, taxonomy, renderContext, WITHDRAWN),
      ...(card.deleted ? [] : [renderCardControls(card, buttons, menu, renderReasons(card))]),
    ],
  };
}

/** The card in the modal of the shortcut, which also shows messages that nothing flags. */
export function renderCardInModal(
  card: CardFacts,
  taxonomy: Taxonomy,
  renderContext: RenderContext,
): (RichTextBlock | ActionsBlock)[] {
  const facts = renderFacts(card, taxonomy, renderContext, 'Not flagged');
  if (card.deleted) return facts;
  const controls = CONTROLS[card.state];
  const offered: Control[] = card.state === 'withdrawn' ? ['flag', ...controls] : controls;
  const primary = isOpen(card.state) ? (offered[0] ?? null) : null;
  const reasons = renderReasons(card);
  return [
    ...facts,
    renderControls(card, offered, primary, card.category, taxonomy, reasons),
    ...renderAlso(card, taxonomy),
  ];
}

/** @param withdrawn the words for a message that nothing flags */
function renderFacts(
  card: CardFacts,
  taxonomy: Taxonomy,
  renderContext: RenderContext,
  withdrawn: string,
): RichTextBlock[] {
  return [
    renderMessage(card, renderContext),
    renderCategory(card, taxonomy, renderContext),
    namedRichText(
      stateBlock(card.state),
      section(
        bold(describeState(card, renderContext, withdrawn)),
        ...renderOriginal(card, renderContext),
        ...renderTime(card, renderContext),
        ...renderWhy(card, taxonomy, renderContext),
      ),
      ...(card.deleted && card.state !== 'withdrawn' ? [section(text(DELETED))] : []),
    ),
    ...(card.takenBack ? [renderTakenBack(card.takenBack, renderContext)] : []),
  ];
}

function renderMessage(card: CardFacts, renderContext: RenderContext): RichTextBlock {
  const { nameOf, emoji: signs } = renderContext;
  const sign = SIGNS[card.state];
  const titled = (title: string) =>
    section(...(sign ? [emoji(signs[sign]), text('  ')] : []), bold(title));
  const gist = gistOf(card, renderContext);
  // Do not show text that its author has deleted.
  if (card.deleted) return namedRichText('message', titled(gist));
  const body = shorten(foldLines(toPlainText(card.text, nameOf)), 600) || '(no text)';
  // What says the same is not said twice.
  if (sayTheSame(body, gist)) return namedRichText('message', titled(gist));
  const title = card.gist ? gist : `${nameAuthor(card, renderContext)} wrote`;
  return namedRichText('message', titled(title), quote(body));
}

/** Whether two texts differ only in their case and their marks. */
export const sayTheSame = (one: string, other: string) => essenceOf(one) === essenceOf(other);

const essenceOf = (words: string) => words.toLowerCase().replace(/[\p{P}\p{Z}]+/gu, '');

/** Who wrote it, what it is and where it is. */
function renderCategory(
  card: CardFacts,
  taxonomy: Taxonomy,
  renderContext: RenderContext,
): RichTextBlock {
  const { channel, ts, threadTs, person, deleted } = card;
  const category = taxonomy.categories.find(({ key }) => key === card.category);
  const address = permalink(renderContext.workspaceUrl, channel, ts, threadTs);
  const whose = person === null ? 'claude' : card.confirmed ? 'confirmed' : 'person';
  const did = card.confirmed ? 'confirmed' : 'set';
  return namedRichText(
    CATEGORY_BLOCK[whose],
    section(
      text(`${nameAuthor(card, renderContext)} · `),
      ...(category?.emoji ? [emoji(category.emoji), text(' ')] : []),
      text(nameCategory(card, taxonomy)),
      ...(person === null
        ? []
        : [text(` · category ${did} by ${namePerson(person, renderContext)}`)]),
      ...(deleted ? [] : [text(' · '), link(address, 'Open the message')]),
      ...renderCopies(deleted ? [] : card.copies, channel, renderContext.workspaceUrl),
    ),
  );
}

/** Why it is flagged; nothing when it is not. */
function renderWhy(
  card: CardFacts,
  taxonomy: Taxonomy,
  renderContext: RenderContext,
): RichTextElement[] {
  if (card.state === 'withdrawn') return [];
  const why = describeFlag(card, taxonomy, renderContext) ?? describeLostFlag(card);
  return [text(` · ${why}`, { italic: true })];
}

function renderTakenBack(
  { kind, by, at, departed }: NonNullable<CardFacts['takenBack']>,
  renderContext: RenderContext,
): RichTextBlock {
  const who = namePerson(by, renderContext, 'A teammate');
  const words = departed
    ? `The claim of ${namePerson(by, renderContext)} ended: ${GONE}`
    : `${who} took back ${TAKEN_BACK[kind]}`;
  return namedRichText(
    TAKEN_BACK_BLOCK,
    section(text(`${words} · `, { italic: true }), moment(at, renderContext.timeZone)),
  );
}

/** Says why a message is flagged; undefined if neither a person nor a rule flags it. */
export function describeFlag(
  judgement: Pick<CardFacts, 'category' | 'urgency' | 'sentiment' | 'flaggedBy'>,
  taxonomy: Taxonomy,
  renderContext: RenderContext,
): string | undefined {
  const { flaggedBy } = judgement;
  if (flaggedBy !== null) return `Flagged by ${namePerson(flaggedBy, renderContext)}`;
  const rule = findFlagRule(taxonomy, judgement);
  return rule && `Flagged: ${describeFlagRule(taxonomy, rule)}`;
}

/** What flagged a message that no rule flags now: correcting the category does not close a flag. */
function describeLostFlag({ person }: CardFacts): string {
  return person === null ? 'Flagged: by an earlier rule' : 'Flagged: under its earlier category';
}

function describeState(card: CardFacts, renderContext: RenderContext, withdrawn: string): string {
  const who = namePerson(card.by, renderContext);
  switch (card.state) {
    case 'open':
      return 'Open';
    case 'claimed':
      return `Claimed by ${who}`;
    case 'resolved':
      return `Resolved by ${who}`;
    case 'dismissed':
      return describeDismissal(who, card.why?.reason ?? null);
    case 'withdrawn':
      return card.deleted ? DELETED : withdrawn;
    default:
      return card.state satisfies never;
  }
}

/** Leads to the message that a duplicate repeats. */
function renderOriginal(
  { channel, state, why }: CardFacts,
  renderContext: RenderContext,
): RichTextElement[] {
  const original = state === 'dismissed' ? why?.original : null;
  if (!original) return [];
  const address = permalink(renderContext.workspaceUrl, channel, original.ts, original.threadTs);
  return [text(' of '), link(address, shorten(original.gist, ORIGINAL_LENGTH) || 'this message')];
}

const ORIGINAL_LENGTH = 60;

function renderTime(card: CardFacts, { timeZone }: RenderContext): RichTextElement[] {
  return card.state === 'open' || card.state === 'withdrawn'
    ? []
    : [text(' · '), moment(card.changedAt, timeZone)];
}

/** The gist, or the text of a message that nobody has judged. */
export function gistOf(card: CardFacts, { nameOf }: RenderContext): string {
  if (card.deleted) return 'A deleted message';
  const words = card.gist || toPlainText(card.text, nameOf);
  return shorten(words, GIST_LENGTH) || '(no text)';
}

/** `Bug`, or `Bug, also Feature request`. */
export function nameCategory({ category, also }: CardFacts, taxonomy: Taxonomy): string {
  const named = taxonomy.categories.find(({ key }) => key === category)?.name;
  return `${named ?? (category || 'Not classified')}${describeAlso(also, taxonomy)}`;
}
