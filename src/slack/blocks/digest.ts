import type { RichTextElement, RichTextSection } from '@slack/types';
import type { CategoryList, DeadMessage, Digest, ToldMessage } from '../../core/digest.ts';
import {
  cardKey,
  deadKey,
  digestKey,
  listKey,
  type NewEffect,
  type PostMetadata,
  PRIORITY,
  type Rendered,
} from '../../core/effects.ts';
import { describeFlagRule, findFlagRule } from '../../core/taxonomy.ts';
import {
  count,
  escapeMrkdwn,
  formatDuration,
  formatUsd,
  shorten,
  toPlainText,
} from '../../core/text.ts';
import { permalink } from '../../core/timestamps.ts';
import { bold, bullets, emoji, link, quote, richText, section, text } from './rich-text.ts';

/**
 * The summary thread: the parent with the numbers, a card for each message that needs a person, a
 * list for each category, noise and what could not be classified. Everything that is said of a
 * message links to it.
 */

export interface DigestSurroundings {
  workspaceUrl: string;
  nameOf: (user: string) => string | undefined;
  timeZone: string;
}

const FLAG = 'triangular_flag_on_post';

/** Slack refuses posts at about 11,300 characters; this much of JSON is well below, however it counts. */
const POST_LENGTH = 9_000;

/** The posts of a digest as effects, one by one: of a very large one there are thousands. */
export function* renderDigest(digest: Digest, around: DigestSurroundings): Generator<NewEffect> {
  const { run } = digest;
  const inThread = (
    key: string,
    event_type: PostMetadata['event_type'],
    priority: number,
    rendered: Rendered,
    ids: Omit<PostMetadata['event_payload'], 'key' | 'run'> = {},
  ): NewEffect => ({
    key,
    channel: digest.channel,
    priority,
    effect: {
      kind: 'post',
      parent: digestKey(run),
      metadata: { event_type, event_payload: { key, run, ...ids } },
      ...rendered,
    },
  });

  const key = digestKey(run);
  yield {
    key,
    channel: digest.channel,
    priority: PRIORITY.digest,
    effect: {
      kind: 'post',
      metadata: { event_type: 'winnow_digest', event_payload: { key, run } },
      ...renderParent(digest, around),
    },
  };
  for (const message of digest.flagged) {
    const card = renderCard(message, digest, around);
    const ids = { channel: digest.channel, ts: message.ts };
    yield inThread(cardKey(run, message.ts), 'winnow_card', PRIORITY.card, card, ids);
  }
  for (const list of digest.lists) {
    const { key: category, emoji: reaction } = list.category;
    const type = reaction ? 'winnow_category' : 'winnow_noise';
    let part = 0;
    for (const rendered of renderList(list, digest, around)) {
      yield inThread(listKey(run, category, ++part), type, PRIORITY.reply, rendered, { category });
    }
  }
  let part = 0;
  for (const rendered of renderDead(digest, around)) {
    yield inThread(deadKey(run, ++part), 'winnow_dead', PRIORITY.reply, rendered);
  }
}

function renderParent(digest: Digest, { nameOf, timeZone }: DigestSurroundings): Rendered {
  const day = new Intl.DateTimeFormat('en-GB', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    timeZone,
  }).format(digest.writtenAt);
  const messages = count(digest.total, 'message');
  const numbers = digest.lists.map(
    ({ category, count: n }) => `${category.name.toLowerCase()} ${n.toLocaleString('en')}`,
  );
  const needs =
    digest.flaggedTotal === 0
      ? 'Nothing needs a person.'
      : `${digest.flaggedTotal.toLocaleString('en')} ${digest.flaggedTotal === 1 ? 'needs' : 'need'} a person.`;

  const lines: RichTextElement[][] = digest.lists.map(({ category, count: n }) => [
    ...(category.emoji ? [emoji(category.emoji), text('  ')] : []),
    bold(n.toLocaleString('en')),
    text(` ${category.name}`),
  ]);
  lines.push(
    digest.flaggedTotal === 0
      ? [text(needs)]
      : [emoji(FLAG), text('  '), bold(needs), text(' The cards are in the thread.')],
  );
  if (digest.deadTotal > 0) {
    lines.push([
      text(
        `${count(digest.deadTotal, 'message')} could not be classified: see the thread for why.`,
      ),
    ]);
  }
  if (digest.againTotal > 0) {
    lines.push([
      text(
        `${count(digest.againTotal, 'message')} will be in the next run: edited meanwhile, or without a good answer.`,
      ),
    ]);
  }

  const asker = digest.requestedBy && (nameOf(digest.requestedBy) ?? 'a teammate');
  const foot = [
    messages,
    digest.costUsd === null ? `cost unknown for ${digest.model}` : formatUsd(digest.costUsd),
    formatDuration(digest.writtenAt - digest.startedAt),
    digest.model,
    `taxonomy ${digest.taxonomyVersion}`,
    asker ? `asked for by ${asker}` : 'on schedule',
  ];
  return {
    text: escapeMrkdwn(
      `Feedback summary, ${day}: ${messages}${numbers.length ? ` (${numbers.join(', ')})` : ''}. ${needs}`,
    ),
    blocks: [
      {
        type: 'header',
        text: { type: 'plain_text', text: `Feedback summary · ${day} · ${messages}`, emoji: false },
      },
      richText(section(...joinLines(lines))),
      {
        type: 'context',
        elements: [{ type: 'plain_text', text: foot.join(' · '), emoji: false }],
      },
    ],
  };
}

function renderCard(
  message: ToldMessage,
  { channel, taxonomy }: Digest,
  { workspaceUrl, nameOf }: DigestSurroundings,
): Rendered {
  const category = taxonomy.categories.find(({ key }) => key === message.category);
  const rule = findFlagRule(taxonomy, message);
  const author = authorOf(message, nameOf);
  const body = shorten(toPlainText(message.text, nameOf), 600) || '(no text)';
  return {
    text: escapeMrkdwn(`Needs a person: ${message.gist} (${category?.name ?? message.category})`),
    blocks: [
      richText(
        section(emoji(FLAG), text('  '), bold(message.gist)),
        quote(body),
        section(
          text(`${author} · `),
          ...(category?.emoji ? [emoji(category.emoji), text(' ')] : []),
          text(`${category?.name ?? message.category} · `),
          link(permalink(workspaceUrl, channel, message.ts, message.threadTs), 'Open the message'),
        ),
        section(
          text(`Flagged: ${rule ? describeFlagRule(taxonomy, rule) : 'by an earlier rule'}`, {
            italic: true,
          }),
        ),
      ),
    ],
  };
}

function* renderList(
  { category, count: n, messages }: CategoryList,
  { channel }: Digest,
  { workspaceUrl, nameOf }: DigestSurroundings,
): Generator<Rendered> {
  const noise = !category.emoji;
  const toItem = (message: ToldMessage) =>
    section(
      ...(message.flagged ? [emoji(FLAG), text(' ')] : []),
      // Of noise the words themselves are shown: whether it is noise is for people to say.
      text(
        `${(noise && shorten(toPlainText(message.text, nameOf), 100)) || message.gist || '(no text)'} `,
      ),
      link(permalink(workspaceUrl, channel, message.ts, message.threadTs), 'view'),
    );
  yield* renderParts(messages, toItem, [
    ...(category.emoji ? [emoji(category.emoji), text('  ')] : []),
    bold(category.name),
    text(` · ${n.toLocaleString('en')}`),
  ]);
}

function* renderDead(
  { channel, dead, deadTotal }: Digest,
  { workspaceUrl, nameOf }: DigestSurroundings,
): Generator<Rendered> {
  const toItem = ({ ts, threadTs, text: raw, reason }: DeadMessage) =>
    section(
      text(`${shorten(toPlainText(raw, nameOf), 100) || '(no text)'} `),
      link(permalink(workspaceUrl, channel, ts, threadTs), 'view'),
      text(` ${reason}`, { italic: true }),
    );
  yield* renderParts(dead, toItem, [
    bold('Could not be classified'),
    text(` · ${deadTotal.toLocaleString('en')}`),
  ]);
}

/** A titled list as as many posts as its length asks for. */
function* renderParts<T>(
  entries: T[],
  toItem: (entry: T) => RichTextSection,
  title: RichTextElement[],
): Generator<Rendered> {
  let items: RichTextSection[] = [];
  let length = 0;
  let part = 1;
  const render = (): Rendered => {
    const heading = part === 1 ? title : [...title, text(` · part ${part}`)];
    const words = heading.flatMap((element) => (element.type === 'text' ? element.text : []));
    return {
      text: escapeMrkdwn(words.join('').trim()),
      blocks: [richText(section(...heading), bullets(items))],
    };
  };
  for (const entry of entries) {
    const item = toItem(entry);
    const itemLength = JSON.stringify(item).length + 1;
    // 400 characters are left for the title and the frame around the list.
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

const joinLines = (lines: RichTextElement[][]): RichTextElement[] =>
  lines.flatMap((line, index) => (index === 0 ? line : [text('\n'), ...line]));

/** People are named, never mentioned: a summary must not ring anybody. */
function authorOf(
  { author, authorName }: ToldMessage,
  nameOf: (user: string) => string | undefined,
): string {
  return (author && nameOf(author)) || authorName || 'A teammate';
}
