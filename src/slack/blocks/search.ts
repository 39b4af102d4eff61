import type { RichTextElement, RichTextSection } from '@slack/types';
import type { Rendered } from '../../core/delivery/effects.ts';
import { GIST_LENGTH } from '../../core/runs/verdict.ts';
import { escapeMrkdwn, shorten } from '../../core/text.ts';
import type { TopicFacts } from '../../core/themes/topics.ts';
import { permalink } from '../../core/timestamps.ts';
import { POST_LENGTH } from './digest/lists.ts';
import type { RenderContext } from './render-context.ts';
import { bold, bullets, emoji, link, richText, section, text } from './rich-text.ts';
import { describeTopic } from './themes/topic.ts';

/** The results of a search. */

export interface FoundMessages {
  channel: string;
  /** The query as typed. */
  typed: string;
  /** `all`: the messages have all of the words. `any`: no message does; these have the most. */
  match: 'all' | 'any';
  total: number;
  /** Accepted topics whose title or asks have all of the words. */
  topics: TopicFacts[];
  /** The search covered all messages, so the total is exact. */
  complete: boolean;
  /** Newest first. */
  messages: {
    ts: string;
    threadTs: string | null;
    /** ms since 1970 */
    postedAt: number;
    judged: boolean;
    emoji: string | null;
    gist: string;
    /** The message around the matching words, if the gist does not have them; else ''. */
    excerpt: string;
  }[];
  /** How many messages are not indexed yet. */
  unindexed: number;
}

/** The time zone and the locale are those of the person who asked. */
type Around = RenderContext & { locale: string };

const TYPED_LENGTH = 80;

export function renderFound(found: FoundMessages, renderContext: Around): Rendered {
  const title = renderTitle(found, renderContext);
  const items = found.messages.map((message) =>
    renderMessage(message, found.channel, renderContext),
  );
  const toBlocks = (shown: number) => [
    richText(
      ...found.topics.map((topic) =>
        section(text(topic.title, { bold: true }), text(`: ${describeTopic(topic)} in 30 days`)),
      ),
      section(...title),
      ...(shown > 0 ? [bullets(items.slice(0, shown))] : []),
      ...renderRest(found, shown, renderContext).map((line) =>
        section(text(line, { italic: true })),
      ),
    ),
  ];
  let shown = items.length;
  while (shown > 1 && JSON.stringify(toBlocks(shown)).length > POST_LENGTH) shown--;
  const words = title.map((element) => (element.type === 'text' ? element.text : ''));
  return { text: escapeMrkdwn(words.join('')), blocks: toBlocks(shown) };
}

function renderTitle({ typed, match, total, complete }: FoundMessages, { locale }: Around) {
  const short = shorten(typed, TYPED_LENGTH);
  // Do not quote a query that has quotation marks of its own.
  const quoted = /["“”„«»]/.test(short) ? short : `“${short}”`;
  if (total === 0) {
    const where = complete
      ? '.'
      : ' in the newest messages; of older ones, longer words are needed.';
    return [text('Nothing found for '), bold(quoted), text(where)];
  }
  const number = `${complete ? '' : 'More than '}${total.toLocaleString(locale)} ${total === 1 && complete ? 'message' : 'messages'}`;
  return match === 'all'
    ? [bold(number), text(' with '), bold(quoted), text(', the newest first:')]
    : [text('No message has all of '), bold(quoted), text('. These have the most of it:')];
}

function renderMessage(
  message: FoundMessages['messages'][number],
  channel: string,
  { workspaceUrl, timeZone, locale }: Around,
): RichTextSection {
  const { ts, threadTs, postedAt, judged, gist, excerpt } = message;
  const sign = message.emoji ? [emoji(message.emoji), text(' ')] : [];
  const summary = shorten(gist || excerpt, GIST_LENGTH) || '(no text)';
  const day: RichTextElement = {
    type: 'date',
    timestamp: Math.floor(postedAt / 1000),
    format: '{date_short_pretty}',
    fallback: new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone }).format(postedAt),
  };
  return section(
    ...sign,
    text(`${summary} `),
    ...(gist && excerpt ? [text(`“${excerpt}” `, { italic: true })] : []),
    text('· '),
    day,
    text(judged ? ' · ' : ' · not classified yet · '),
    link(permalink(workspaceUrl, channel, ts, threadTs), 'view'),
  );
}

function renderRest(
  { total, complete, match, unindexed }: FoundMessages,
  shown: number,
  { locale }: Around,
): string[] {
  const more = total - shown;
  const lines: string[] = [];
  if (more > 0 && match === 'all') {
    const number = `${complete ? '' : 'more than '}${more.toLocaleString(locale)}`;
    lines.push(`and ${number} more. Another word narrows it down.`);
  }
  if (unindexed > 0) {
    lines.push(
      `I am still reading ${unindexed.toLocaleString(locale)} older messages in: try again in a few minutes.`,
    );
  }
  return lines;
}
