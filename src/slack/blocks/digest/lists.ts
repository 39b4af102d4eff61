import type { RichTextBlock, RichTextElement, RichTextSection, SectionBlock } from '@slack/types';
import type { Rendered } from '../../../core/delivery/effects.ts';
import {
  type CategoryList,
  type DeadMessage,
  isNoise,
  type ListedCategory,
  type PublishedMessage,
} from '../../../core/digest/digest.ts';
import type { Taxonomy } from '../../../core/runs/taxonomy.ts';
import {
  count as countOf,
  escapeMrkdwn,
  foldLines,
  formatNumber,
  shorten,
  toPlainText,
} from '../../../core/text.ts';
import { permalink } from '../../../core/timestamps.ts';
import { formatTarget } from '../actions.ts';
import { button, plain } from '../controls.ts';
import { describeCopies, renderCopies } from '../copies.ts';
import type { RenderContext } from '../render-context.ts';
import { bold, bullets, emoji, link, richText, section, text } from '../rich-text.ts';

/** The lists of a summary; a long one takes several posts. */

/** In characters of JSON. Slack refuses posts at about 11,300 characters, however it counts them. */
export const POST_LENGTH = 9_000;

export function* renderList(
  list: CategoryList,
  { channel, taxonomy }: { channel: string; taxonomy: Taxonomy },
  renderContext: RenderContext,
): Generator<Rendered> {
  const { category, messages } = list;
  const title = [
    ...(category.emoji ? [emoji(category.emoji), text('  ')] : []),
    bold(category.name),
    text(`: ${describeCount(list)}`),
  ];
  if (!isNoise(category)) {
    yield* renderParts(
      messages,
      (published) =>
        renderLine(published, describeOther(published, category, taxonomy), channel, renderContext),
      underBullets,
      title,
    );
  } else {
    yield* renderParts(
      messages,
      (published) => renderNoise(published, channel, renderContext),
      inBlocks,
      title,
    );
  }
}

export function* renderDead(
  { channel, dead, deadTotal }: { channel: string; dead: DeadMessage[]; deadTotal: number },
  { workspaceUrl, nameOf }: RenderContext,
): Generator<Rendered> {
  const toItem = ({ ts, threadTs, text: raw, reason, copies }: DeadMessage) =>
    section(
      text(`${shorten(foldLines(toPlainText(raw, nameOf)), 100) || '(no text)'} `),
      link(permalink(workspaceUrl, channel, ts, threadTs), 'view'),
      ...renderCopies(copies, channel, workspaceUrl),
      text(` ${reason}`, { italic: true }),
    );
  yield* renderParts(dead, toItem, underBullets, [
    bold('Could not be classified'),
    text(`: ${countOf(deadTotal, 'message')}`),
  ]);
}

/** What is listed under its second category counts under its first one. */
function describeCount({ category, count, messages }: CategoryList): string {
  const others = messages.filter((message) => message.category !== category.key).length;
  if (others === 0) return countOf(count, 'message');
  return count === 0
    ? `${countOf(others, 'message')} counted elsewhere`
    : `${countOf(count, 'message')}, and ${formatNumber(others)} counted elsewhere`;
}

/** The other category of a message that has two, as this list says it; '' for the others. */
function describeOther(
  { category: counted, also }: PublishedMessage,
  { key }: ListedCategory,
  { categories }: Taxonomy,
): string {
  if (also === null) return '';
  const other = counted === key ? also : counted;
  const name = categories.find((one) => one.key === other)?.name ?? other;
  return counted === key ? `also ${name}` : `counted as ${name}`;
}

function renderLine(
  message: PublishedMessage,
  other: string,
  channel: string,
  { workspaceUrl, emoji: signs }: RenderContext,
): RichTextSection {
  return section(
    ...(message.flagged ? [emoji(signs.flag), text(' ')] : []),
    text(`${message.gist || '(no text)'} `),
    link(permalink(workspaceUrl, channel, message.ts, message.threadTs), 'view'),
    ...renderCopies(message.copies, channel, workspaceUrl),
    ...(other ? [text(` · ${other}`, { italic: true })] : []),
  );
}

/**
 * Shows the words of a noise message, so that people can judge whether it is noise and rescue it
 * with the button. A section with a button cannot hold rich text, so the words are plain text, in
 * which markup has no effect, and the link is a field. Such a section is long: a post reaches
 * POST_LENGTH before Slack's limit of 50 blocks.
 */
function renderNoise(
  message: PublishedMessage,
  channel: string,
  { workspaceUrl, nameOf }: RenderContext,
): SectionBlock {
  const { ts, threadTs, flagged, gist, copies } = message;
  const words = shorten(foldLines(toPlainText(message.text, nameOf)), 100) || gist || '(no text)';
  const address = escapeMrkdwn(permalink(workspaceUrl, channel, ts, threadTs));
  const often = copies.length > 0 ? ` · ${describeCopies(copies)}` : '';
  return {
    type: 'section',
    block_id: formatTarget(channel, ts),
    text: plain(flagged ? `Feedback after all: ${words}` : words),
    fields: [{ type: 'mrkdwn', text: `<${address}|view>${often}` }],
    ...(!flagged && { accessory: button('flag', { label: 'This is feedback' }) }),
  };
}

const underBullets = (heading: RichTextElement[], items: RichTextSection[]): RichTextBlock[] => [
  richText(section(...heading), bullets(items)),
];

const inBlocks = (heading: RichTextElement[], items: SectionBlock[]) => [
  richText(section(...heading)),
  ...items,
];

function* renderParts<T, Item>(
  entries: T[],
  toItem: (entry: T) => Item,
  toBlocks: (heading: RichTextElement[], items: Item[]) => object[],
  title: RichTextElement[],
): Generator<Rendered> {
  let items: Item[] = [];
  let length = 0;
  let part = 1;
  const render = (): Rendered => {
    const heading = part === 1 ? title : [...title, text(` · part ${part}`)];
    const words = heading.flatMap((element) => (element.type === 'text' ? element.text : []));
    return { text: escapeMrkdwn(words.join('').trim()), blocks: toBlocks(heading, items) };
  };
  for (const entry of entries) {
    const item = toItem(entry);
    const itemLength = JSON.stringify(item).length + 1;
    // Reserve 400 characters for the title and the frame around the list.
    if (items.length > 0 && length + itemLength > POST_LENGTH - 400) {
      yield render();
      items = [];
      length = 0;
      part++;
    }
    items.push(item);
    length += itemLength;
  }
  if (items.length > 0) yield render();
}
