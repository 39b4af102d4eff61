import type { RichTextElement, RichTextSection } from '@slack/types';
import type { PeopleEmoji } from '../../../core/people/acts.ts';
import type { Taxonomy } from '../../../core/runs/taxonomy.ts';
import { bold, bullets, emoji, richText, section, text } from '../rich-text.ts';

/** The legend: what people's reactions do, and what the bot's reactions mean. */

export interface LegendFacts {
  emoji: PeopleEmoji;
  taxonomy: Taxonomy;
}

export function renderLegend({ emoji: signs, taxonomy }: LegendFacts) {
  const { claim, resolve, dismiss, flag, confirm } = signs;
  const marked = taxonomy.categories.flatMap((category) =>
    category.emoji ? [{ name: category.name, sign: category.emoji }] : [],
  );
  const unmarked = taxonomy.categories.filter((category) => !category.emoji);
  return richText(
    section(bold('Your reactions'), text(', on a message or on its card in the summary’s thread')),
    bullets([
      line(claim, 'claim it: you take care of it'),
      line(resolve, 'resolve it: it is done'),
      line(dismiss, 'dismiss it: nobody has to act'),
      line(flag, 'flag it: it needs attention'),
      section(text('The emoji of a category: correct its category')),
      line(confirm, 'on a card: its category is right'),
    ]),
    section(text('To undo it, remove your reaction.')),
    section(bold('Winnow’s reactions'), text(', on every message that it has classified')),
    bullets([
      ...marked.map(({ name, sign }) => line(sign, name)),
      line(flag, 'Needs attention'),
      ...(unmarked.length > 0
        ? [section(text(`No reaction: ${unmarked.map(({ name }) => name).join(', ')}`))]
        : []),
    ]),
  );
}

const line = (sign: string, words: string): RichTextSection =>
  section(emoji(sign), text(` ${words}`) satisfies RichTextElement);
