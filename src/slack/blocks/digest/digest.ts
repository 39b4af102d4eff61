import {
  chartKey,
  deadKey,
  digestKey,
  figuresKey,
  honestyKey,
  listKey,
  moreKey,
  type NewEffect,
  type PostMetadata,
  PRIORITY,
  type Rendered,
  themesKey,
  unsureKey,
  weekKey,
} from '../../../core/delivery/effects.ts';
import type { Digest } from '../../../core/digest/digest.ts';
import type { WeekFacts } from '../../../core/digest/week.ts';
import { formatNumber } from '../../../core/text.ts';
import type { RenderContext } from '../render-context.ts';
import { richText, section, text } from '../rich-text.ts';
import { renderThemes } from '../themes/post.ts';
import { renderChartPost } from './chart.ts';
import { renderFiguresPost, renderQuestions } from './honesty.ts';
import { renderDead, renderList } from './lists.ts';
import { renderParent } from './summary.ts';
import type { LinkOf } from './summary-detail.ts';
import { renderUnsure } from './unsure.ts';
import { renderWeek } from './week.ts';

/**
 * The summary thread: the parent, what is unsure, what was picked at random, a chart, the themes, a list for each category, the noise, and the messages
 * that could not be classified. Every mention of a message links to it. The cards are not rendered
 * here: they outlive the digest, and the job that writes it adds them.
 */

/**
 * Yields the posts of a digest as effects, one by one, because a very large digest has thousands.
 * @param linkOf gives the addresses of the posts of the thread that exist by now
 * @param week the week before, in the first summary of a week
 */
export function* renderDigest(
  run: number,
  digest: Digest,
  renderContext: RenderContext,
  linkOf: LinkOf,
  week: WeekFacts | null = null,
): Generator<NewEffect> {
  const { channel, deadTotal } = digest.summary;
  const inThread = (
    key: string,
    event_type: PostMetadata['event_type'],
    rendered: Rendered,
    category?: string,
  ): NewEffect => ({
    key,
    channel,
    priority: PRIORITY.reply,
    effect: {
      kind: 'post',
      parent: digestKey(run),
      metadata: { event_type, event_payload: { key, run, ...(category && { category }) } },
      ...rendered,
    },
  });

  const { honesty, asked } = digest;
  const parent = { looksBack: week !== null, figures: honesty?.figures ?? null };
  yield toParent(run, channel, renderParent(digest.summary, renderContext, linkOf, parent));
  if (digest.beyond > 0) yield inThread(moreKey(run), 'winnow_more', renderMore(digest.beyond));
  if (digest.unsure.length > 0) {
    const rendered = renderUnsure(digest.summary, digest.unsure, renderContext);
    yield inThread(unsureKey(run), 'winnow_unsure', rendered);
  }
  if (week) yield inThread(weekKey(run), 'winnow_week', renderWeek(week, renderContext));
  if (asked) {
    if (honesty?.figures) {
      const rendered = renderFiguresPost(digest.summary, run, honesty.figures);
      yield inThread(figuresKey(run), 'winnow_figures', rendered);
    }
    let part = 0;
    for (const rendered of renderQuestions(digest.summary, asked, honesty, renderContext)) {
      yield inThread(honestyKey(run, ++part), 'winnow_honesty', rendered);
    }
  }
  if (digest.summary.chart) {
    yield inThread(chartKey(run), 'winnow_chart', renderChartPost(digest.summary.chart));
  }
  for (const rendered of renderThemes(digest.summary, renderContext)) {
    yield inThread(themesKey(run), 'winnow_themes', rendered);
  }
  for (const list of digest.lists) {
    const { key: category, emoji: reaction } = list.category;
    const type = reaction ? 'winnow_category' : 'winnow_noise';
    let part = 0;
    for (const rendered of renderList(list, digest.summary, renderContext)) {
      yield inThread(listKey(run, category, ++part), type, rendered, category);
    }
  }
  let part = 0;
  for (const rendered of renderDead({ channel, dead: digest.dead, deadTotal }, renderContext)) {
    yield inThread(deadKey(run, ++part), 'winnow_dead', rendered);
  }
}

/** The one post of a run in the channel itself: first its receipt, then its summary. */
export function toParent(run: number, channel: string, rendered: Rendered): NewEffect {
  const key = digestKey(run);
  return {
    key,
    channel,
    priority: PRIORITY.digest,
    effect: {
      kind: 'post',
      metadata: { event_type: 'winnow_digest', event_payload: { key, run } },
      ...rendered,
    },
  };
}

/** It may stand before the cards: both are posted at once. */
function renderMore(beyond: number): Rendered {
  const need = beyond === 1 ? 'needs' : 'need';
  const words = `The most pressing messages have a card in this thread. ${formatNumber(beyond)} more ${need} attention: see the Home tab.`;
  return { text: words, blocks: [richText(section(text(words)))] };
}

/** Replaces a post that has nothing to show any more. */
export function renderEmptied(): Rendered {
  const words = 'Nothing left here: what stood here was corrected, done or deleted.';
  return { text: words, blocks: [richText(section(text(words, { italic: true })))] };
}
