import type { RichTextBlock, RichTextElement } from '@slack/types';
import type { StillOpen } from '../../core/card.ts';
import type { Digest } from '../../core/digest.ts';
import {
  deadKey,
  digestKey,
  listKey,
  type NewEffect,
  type PostMetadata,
  PRIORITY,
  type Rendered,
} from '../../core/effects.ts';
import {
  count,
  escapeMrkdwn,
  formatDuration,
  formatUsd,
  shorten,
  toPlainText,
} from '../../core/text.ts';
import { permalink } from '../../core/timestamps.ts';
import { GIST_LENGTH } from '../../core/verdict.ts';
import { POST_LENGTH, renderDead, renderList } from './lists.ts';
import { bold, bullets, emoji, link, richText, section, text } from './rich-text.ts';
import { namePerson, type Surroundings } from './surroundings.ts';

/**
 * The summary thread: the parent with what is still open and the numbers, a list for each category,
 * noise and what could not be classified. Everything that is said of a message links to it. The
 * cards come from whoever writes the digest: they live on after it.
 */

/** Of what is still open, so many lines. */
const STILL_OPEN_SHOWN = 5;

/** The posts of a digest as effects, one by one: of a very large one there are thousands. */
export function* renderDigest(digest: Digest, around: Surroundings): Generator<NewEffect> {
  const { run } = digest;
  const inThread = (
    key: string,
    event_type: PostMetadata['event_type'],
    rendered: Rendered,
    category?: string,
  ): NewEffect => ({
    key,
    channel: digest.channel,
    priority: PRIORITY.reply,
    effect: {
      kind: 'post',
      parent: digestKey(run),
      metadata: { event_type, event_payload: { key, run, ...(category && { category }) } },
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
  for (const list of digest.lists) {
    const { key: category, emoji: reaction } = list.category;
    const type = reaction ? 'winnow_category' : 'winnow_noise';
    let part = 0;
    for (const rendered of renderList(list, digest, around)) {
      yield inThread(listKey(run, category, ++part), type, rendered, category);
    }
  }
  let part = 0;
  for (const rendered of renderDead(digest, around)) {
    yield inThread(deadKey(run, ++part), 'winnow_dead', rendered);
  }
}

/** A post of a list of which nothing is left to list. */
export function renderEmptied(): Rendered {
  const words = 'Nothing here any more: what stood here was corrected or deleted.';
  return { text: words, blocks: [richText(section(text(words, { italic: true })))] };
}

function renderParent(digest: Digest, around: Surroundings): Rendered {
  const day = new Intl.DateTimeFormat('en-GB', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    timeZone: around.timeZone,
  }).format(digest.writtenAt);
  const messages = isNothingNew(digest) ? 'nothing new' : count(digest.total, 'message');
  const toBlocks = (shown: number): object[] => [
    {
      type: 'header',
      text: { type: 'plain_text', text: `Feedback summary · ${day} · ${messages}`, emoji: false },
    },
    ...(digest.stillOpenTotal > 0 ? [renderStillOpen(digest, shown, around)] : []),
    richText(section(...joinLines(renderNumbers(digest, around)))),
    {
      type: 'context',
      elements: [{ type: 'plain_text', text: describeRun(digest, messages, around), emoji: false }],
    },
  ];
  let shown = Math.min(STILL_OPEN_SHOWN, digest.stillOpen.length);
  // Too long only with very many and very long categories: these go first.
  while (shown > 0 && JSON.stringify(toBlocks(shown)).length > POST_LENGTH) shown--;
  return { text: describeParent(digest, day, messages), blocks: toBlocks(shown) };
}

function describeParent(digest: Digest, day: string, messages: string): string {
  const { lists, stillOpenTotal } = digest;
  const numbers = lists.map(
    ({ category, count: n }) => `${category.name.toLowerCase()} ${n.toLocaleString('en')}`,
  );
  const words = [
    `Feedback summary, ${day}: ${messages}${numbers.length ? ` (${numbers.join(', ')})` : ''}.`,
    isNothingNew(digest) ? '' : describeNeeds(digest),
    stillOpenTotal > 0 ? `Still open from before: ${stillOpenTotal.toLocaleString('en')}.` : '',
  ];
  return escapeMrkdwn(words.filter(Boolean).join(' '));
}

function describeRun(digest: Digest, messages: string, around: Surroundings): string {
  const { costUsd, model, requestedBy, startedAt, taxonomyVersion, writtenAt } = digest;
  return [
    messages,
    costUsd === null ? `cost unknown for ${model}` : formatUsd(costUsd),
    formatDuration(writtenAt - startedAt),
    model,
    `taxonomy ${taxonomyVersion}`,
    requestedBy ? `asked for by ${namePerson(requestedBy, around)}` : 'on schedule',
  ].join(' · ');
}

/** The summary is there only for what is still open. */
const isNothingNew = ({ total, deadTotal, againTotal, stillOpenTotal }: Digest) =>
  total + deadTotal + againTotal === 0 && stillOpenTotal > 0;

function describeNeeds({ flaggedTotal, settledTotal, stillOpenTotal }: Digest): string {
  if (flaggedTotal > 0) {
    return `${flaggedTotal.toLocaleString('en')} ${flaggedTotal === 1 ? 'needs' : 'need'} a person.`;
  }
  if (settledTotal > 0) return 'Nothing needs a person any more.';
  return stillOpenTotal > 0 ? 'Nothing new needs a person.' : 'Nothing needs a person.';
}

function renderNumbers(digest: Digest, around: Surroundings): RichTextElement[][] {
  if (isNothingNew(digest)) return [[text('No new feedback since the last summary.')]];
  const lines: RichTextElement[][] = digest.lists.map(({ category, count: n }) => [
    ...(category.emoji ? [emoji(category.emoji), text('  ')] : []),
    bold(n.toLocaleString('en')),
    text(` ${category.name}`),
  ]);
  const { flaggedTotal, settledTotal } = digest;
  const settled =
    settledTotal > 0 ? ` ${settledTotal.toLocaleString('en')} resolved or dismissed.` : '';
  const cards = flaggedTotal + settledTotal > 0 ? ' The cards are in the thread.' : '';
  const needs = describeNeeds(digest);
  lines.push([
    ...(flaggedTotal > 0 ? [emoji(around.emoji.flag), text('  '), bold(needs)] : [text(needs)]),
    text(`${settled}${cards}`),
  ]);
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
  return lines;
}

/** What earlier summaries have told of and nobody has done: it comes before anything new. */
function renderStillOpen(digest: Digest, shown: number, around: Surroundings): RichTextBlock {
  const { stillOpen, stillOpenTotal, channel, writtenAt } = digest;
  const toItem = ({ ts, threadTs, gist, text: raw, state, by, openedAt }: StillOpen) => {
    const words = gist || toPlainText(raw, around.nameOf);
    const claimed = state === 'claimed' ? `, claimed by ${namePerson(by, around)}` : '';
    return section(
      text(`${shorten(words, GIST_LENGTH) || '(no text)'} `),
      link(permalink(around.workspaceUrl, channel, ts, threadTs), 'view'),
      text(` for ${formatDuration(writtenAt - openedAt)}${claimed}`, { italic: true }),
    );
  };
  const more = stillOpenTotal - shown;
  return richText(
    section(
      emoji(around.emoji.flag),
      text('  '),
      bold(`Still open: ${stillOpenTotal.toLocaleString('en')}`),
    ),
    ...(shown > 0 ? [bullets(stillOpen.slice(0, shown).map(toItem))] : []),
    ...(shown > 0 && more > 0
      ? [section(text(`and ${more.toLocaleString('en')} more`, { italic: true }))]
      : []),
  );
}

const joinLines = (lines: RichTextElement[][]): RichTextElement[] =>
  lines.flatMap((line, index) => (index === 0 ? line : [text('\n'), ...line]));
