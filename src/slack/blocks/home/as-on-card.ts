import type { RichTextBlock, RichTextElement } from '@slack/types';
import type { CardFacts } from '../../../core/people/card.ts';
import type { Taxonomy } from '../../../core/runs/taxonomy.ts';
import { renderCard, stateBlock } from '../people/card.ts';
import type { RenderContext } from '../render-context.ts';

/**
 * What the card of a message shows of its state, taken from the card itself, so that the Home tab never
 * says it in other words or with another sign.
 */
interface StateOnCard {
  /** Its emoji; empty if it has none. */
  sign: RichTextElement[];
  /** The state in words, with its time unless it is open, and why it is flagged. */
  state: RichTextElement[];
}

export function readStateOnCard(
  card: CardFacts,
  taxonomy: Taxonomy,
  renderContext: RenderContext,
): StateOnCard {
  const blocks = renderCard(card, taxonomy, renderContext).blocks as RichTextBlock[];
  const [first] = firstLine(blocks[0]);
  const state = blocks.find(({ block_id }) => block_id === stateBlock(card.state));
  return { sign: first?.type === 'emoji' ? [first] : [], state: firstLine(state) };
}

function firstLine(block: RichTextBlock | undefined): RichTextElement[] {
  const line = block?.elements[0];
  return line?.type === 'rich_text_section' ? line.elements : [];
}

/** Elements as plain text, for places that show no others. */
export const toWords = (elements: RichTextElement[]): string =>
  elements
    .map((element) => {
      if (element.type === 'text') return element.text;
      return element.type === 'date' ? (element.fallback ?? '') : '';
    })
    .join('');
