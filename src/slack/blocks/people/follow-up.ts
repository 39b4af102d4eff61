import type { Rendered } from '../../../core/delivery/effects.ts';
import type { CardFacts } from '../../../core/people/card.ts';
import { GIST_LENGTH } from '../../../core/runs/verdict.ts';
import { escapeMrkdwn, formatDuration, shorten } from '../../../core/text.ts';
import { NAME_LENGTH, namePerson, type RenderContext } from '../render-context.ts';
import { bold, richText, section, text } from '../rich-text.ts';

/** The posts in the thread of the original message. They name people without mentioning them. */

/**
 * Who reads that a message is resolved: the person who wrote it, who follows its thread; a member of the
 * workspace who said it through a form, and is mentioned because they do not; or nobody who said it.
 */
export type Thanked = { kind: 'author' } | { kind: 'member'; user: string } | { kind: 'nobody' };

/**
 * Thanks the person who said it, once, when it is resolved.
 * @param by the name of the person who resolved it; null if unknown
 */
export function renderThanks(by: string | null, thanked: Thanked = { kind: 'author' }): Rendered {
  const name = shorten(by ?? '', NAME_LENGTH) || 'a teammate';
  const resolved = `This has been resolved by ${name}.`;
  const words = thanked.kind === 'nobody' ? resolved : `${resolved} Thank you for telling us.`;
  if (thanked.kind !== 'member') {
    return { text: escapeMrkdwn(words), blocks: [richText(section(text(words)))] };
  }
  const { user } = thanked;
  return {
    text: `<@${user}> ${escapeMrkdwn(words)}`,
    blocks: [richText(section({ type: 'user', user_id: user }, text(` ${words}`)))],
  };
}

/** @param forMs how long it has been open, in ms */
export function renderReminder(
  { gist, by }: Pick<CardFacts, 'gist' | 'by'>,
  forMs: number,
  renderContext: RenderContext,
): Rendered {
  const opening = `Still open for ${formatDuration(forMs)}: `;
  const words = endSentence(shorten(gist, GIST_LENGTH) || '(no text)');
  const claim =
    by === null ? 'Nobody has claimed it yet.' : `Claimed by ${namePerson(by, renderContext)}.`;
  return {
    text: escapeMrkdwn(`${opening}${words} ${claim}`),
    blocks: [richText(section(text(opening), bold(words), text(` ${claim}`)))],
  };
}

const endSentence = (words: string) => (/[.!?…。！？]$/u.test(words) ? words : `${words}.`);
