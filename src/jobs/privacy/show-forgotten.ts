import { type Effect, PRIORITY } from '../../core/delivery/effects.ts';
import { listMentioned, mayName, withoutName } from '../../core/privacy/mentioned.ts';
import { renderThanks } from '../../slack/blocks/people/follow-up.ts';
import { renderForgotten } from '../../slack/blocks/privacy/forgotten.ts';
import type { Tx } from '../../store/db/tables.ts';
import { cancelUnsent, refreshPost } from '../../store/delivery/outbox.ts';
import { endAdoption, markStale } from '../../store/digest/stale.ts';
import { readNames } from '../../store/intake/users.ts';
import { findCardMessage } from '../../store/people/flags.ts';
import { type Forgetting, updateForgetting } from '../../store/privacy/forgettings.ts';
import { isAboutForgotten, type KeptPost, listPosts, setWords } from '../../store/privacy/posts.ts';
import type { Context } from '../context.ts';
import { refreshCard } from '../people/refresh-card.ts';
import { commitEach } from '../slices.ts';

/**
 * Looks through everything that the bot has posted, or will post, for what shows a forgotten text or names a
 * forgotten person. Cards are drawn again at once, summaries with their lists by the job that refreshes them.
 * What cannot be changed in Slack loses its words here.
 */

const POSTS_AT_ONCE = 200;

/** showing → sealing */
export async function showForgotten(context: Context, act: Forgetting): Promise<void> {
  const { db, clock } = context;
  let after = act.looked_at;
  for (;;) {
    const posts = await listPosts(db, after, POSTS_AT_ONCE);
    const last = posts.at(-1);
    if (!last) break;
    await commitEach(db, posts, (tx, post) => lookAt(tx, context, act, post));
    after = last.id;
    await updateForgetting(db, act.id, { looked_at: after });
  }
  await updateForgetting(db, act.id, { stage: 'sealing', name: null, shown_at: clock.now() });
}

async function lookAt(tx: Tx, context: Context, act: Forgetting, post: KeptPost): Promise<void> {
  const about = await isAboutForgotten(tx, act.id, post.channel, listMentioned(post.effect));
  if (about || (act.name !== null && mayName(post.effect, act.name))) {
    await change(tx, context, post, about ? null : act.name);
  }
}

/** @param name null: it shows a forgotten message; otherwise it only names this person */
async function change(
  tx: Tx,
  context: Context,
  post: KeptPost,
  name: string | null,
): Promise<void> {
  const { key, channel, state } = post;
  const now = context.clock.now();
  const effect: Effect = JSON.parse(post.effect);
  if (effect.kind !== 'post' && effect.kind !== 'ephemeral' && effect.kind !== 'answer') return;
  const { text, blocks } = effect;
  const said = name === null ? renderForgotten() : withoutName({ text, blocks }, name);
  if (state === 'dead' || effect.kind !== 'post') return setWords(tx, post, said);
  const { event_type, event_payload } = effect.metadata;
  switch (event_type) {
    case 'winnow_card': {
      const ts = (await findCardMessage(tx, channel, key)) ?? event_payload.ts ?? '';
      const card = { kind: 'refresh' as const, keys: [key] };
      return refreshCard(tx, context, { channel, ts }, card, await readNames(tx));
    }
    case 'winnow_thanks':
    case 'winnow_reminder': {
      if (name === null) await cancelUnsent(tx, [key]);
      // Whether it was resolved is not forgotten.
      const thanks = event_type === 'winnow_thanks' && name === null;
      const rendered = thanks ? renderThanks(null, { kind: 'nobody' }) : said;
      return refreshPost(tx, { key, priority: PRIORITY.reply, rendered }, now, 0);
    }
    default:
      if (event_payload.run === undefined) return;
      await endAdoption(tx, event_payload.run);
      await markStale(tx, event_payload.run, now);
  }
}
