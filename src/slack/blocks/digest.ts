import type { RichTextElement, RichTextSection } from '@slack/types';
import type { CategoryList, Digest, ToldMessage } from '../../core/digest.ts';
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

/** The posts of a digest as effects. */
export function renderDigest(digest: Digest, around: DigestSurroundings): NewEffect[] {
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

  const lists = digest.lists.flatMap((list) =>
    renderList(list, digest, around).map((rendered, part) =>
      inThread(
        listKey(run, list.category.key, part + 1),
        list.category.emoji ? 'winnow_category' : 'winnow_noise',
        PRIORITY.reply,
        rendered,
        { category: list.category.key },
      ),
    ),
  );
  const dead = renderDead(digest, around).map((rendered, part) =>
    inThread(deadKey(run, part + 1), 'winnow_dead', PRIORITY.reply, rendered),
  );
  const cards = digest.flagged.map((message) =>
    inThread(
      cardKey(run, message.ts),
      'winnow_card',
      PRIORITY.card,
      renderCard(message, digest, around),
      { channel: digest.channel, ts: message.ts },
    ),
  );
  const key = digestKey(run);
  const parent: NewEffect = {
    key,
    channel: digest.channel,
    priority: PRIORITY.digest,
    effect: {
      kind: 'post',
      metadata: { event_type: 'winnow_digest', event_payload: { key, run } },
      ...renderParent(digest, around),
    },
  };
  return [parent, ...cards, ...lists, ...dead];
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

function renderList(
  { category, count: n, messages }: CategoryList,
  { channel }: Digest,
  { workspaceUrl, nameOf }: DigestSurroundings,
): Rendered[] {
  const noise = !category.emoji;
  const items = messages.map((message) =>
    section(
      ...(message.flagged ? [emoji(FLAG), text(' ')] : []),
      // Of noise the words themselves are shown: whether it is noise is for people to say.
      text(
        `${(noise && shorten(toPlainText(message.text, nameOf), 100)) || message.gist || '(no text)'} `,
      ),
      link(permalink(workspaceUrl, channel, message.ts, message.threadTs), 'view'),
    ),
  );
  return renderParts(items, (part, parts) => [
    ...(category.emoji ? [emoji(category.emoji), text('  ')] : []),
    bold(category.name),
    text(` · ${n.toLocaleString('en')}${parts > 1 ? ` · part ${part} of ${parts}` : ''}`),
  ]);
}

function renderDead(
  { channel, dead, deadTotal }: Digest,
  { workspaceUrl, nameOf }: DigestSurroundings,
): Rendered[] {
  const items = dead.map(({ ts, threadTs, text: raw, reason }) =>
    section(
      text(`${shorten(toPlainText(raw, nameOf), 100) || '(no text)'} `),
      link(permalink(workspaceUrl, channel, ts, threadTs), 'view'),
      text(` ${reason}`, { italic: true }),
    ),
  );
  return renderParts(items, (part, parts) => [
    bold('Could not be classified'),
    text(` · ${deadTotal.toLocaleString('en')}${parts > 1 ? ` · part ${part} of ${parts}` : ''}`),
  ]);
}

/** A titled list as as many posts as its length asks for. */
function renderParts(
  items: RichTextSection[],
  title: (part: number, parts: number) => RichTextElement[],
): Rendered[] {
  const parts: RichTextSection[][] = [];
  let length = POST_LENGTH;
  for (const item of items) {
    const itemLength = JSON.stringify(item).length + 1;
    // 400 characters are left for the title and the frame around the list.
    if (length + itemLength > POST_LENGTH - 400) {
      parts.push([]);
      length = 0;
    }
    parts.at(-1)?.push(item);
    length += itemLength;
  }
  return parts.map((part, index) => {
    const heading = title(index + 1, parts.length);
    return {
      text: escapeMrkdwn(
        heading
          .flatMap((element) => (element.type === 'text' ? element.text : []))
          .join('')
          .trim(),
      ),
      blocks: [richText(section(...heading), bullets(part))],
    };
  });
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
