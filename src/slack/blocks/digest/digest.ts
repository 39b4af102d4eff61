import {
  deadKey,
  digestKey,
  listKey,
  type NewEffect,
  type PostMetadata,
  PRIORITY,
  type Rendered,
  themesKey,
} from '../../../core/delivery/effects.ts';
import type { Digest } from '../../../core/digest/digest.ts';
import type { RenderContext } from '../render-context.ts';
import { richText, section, text } from '../rich-text.ts';
import { renderThemes } from '../themes.ts';
import { renderDead, renderList } from './lists.ts';
import { renderParent } from './summary.ts';
import type { LinkOf } from './summary-detail.ts';

/**
 * The summary thread: the parent, the themes, a list for each category, the noise, and the messages
 * that could not be classified. Every mention of a message links to it. The cards are not rendered
 * here: they outlive the digest, and the job that writes it adds them.
 */

/**
 * Yields the posts of a digest as effects, one by one, because a very large digest has thousands.
 * @param linkOf gives the addresses of the posts of the thread that exist by now
 */
export function* renderDigest(
  run: number,
  digest: Digest,
  renderContext: RenderContext,
  linkOf: LinkOf,
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

  yield toParent(run, channel, renderParent(digest.summary, renderContext, linkOf));
  for (const rendered of renderThemes(digest.summary, renderContext)) {
    yield inThread(themesKey(run), 'winnow_themes', rendered);
  }
  for (const list of digest.lists) {
    const { key: category, emoji: reaction } = list.category;
    const type = reaction ? 'winnow_category' : 'winnow_noise';
    let part = 0;
    for (const rendered of renderList(list, channel, renderContext)) {
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

/** Replaces a post of a list that has become empty. */
export function renderEmptied(): Rendered {
  const words = 'Nothing here any more: what stood here was corrected or deleted.';
  return { text: words, blocks: [richText(section(text(words, { italic: true })))] };
}
