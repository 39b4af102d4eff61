import { cardKey, digestKey, type NewEffect } from '../../core/delivery/effects.ts';
import { composeDigest, composeSummary, type DigestFacts } from '../../core/digest/digest.ts';
import { NEVER } from '../../core/durations.ts';
import { POST_AHEAD_MS } from '../../core/runs/lane.ts';
import { permalink } from '../../core/timestamps.ts';
import { renderDigest, renderEmptied, toParent } from '../../slack/blocks/digest/digest.ts';
import { renderLiving } from '../../slack/blocks/digest/living.ts';
import { renderNothing, renderReceipt } from '../../slack/blocks/digest/receipt.ts';
import type { LinkOf } from '../../slack/blocks/digest/summary-detail.ts';
import type { Tx } from '../../store/db/tables.ts';
import { addEffects, refreshPost } from '../../store/delivery/outbox.ts';
import { findPostState, listDigestPosts, readPostedTs } from '../../store/delivery/posts.ts';
import { countBeyondCards, listToCard } from '../../store/digest/cards.ts';
import { readDigestFacts } from '../../store/digest/facts.ts';
import { readPublished } from '../../store/digest/lists.ts';
import { unpublish } from '../../store/digest/published.ts';
import { beginWriting, extendStale, markFresh } from '../../store/digest/stale.ts';
import { listUnsure } from '../../store/digest/unsure.ts';
import { readWeek } from '../../store/digest/week.ts';
import { readNames } from '../../store/intake/users.ts';
import { recordCards } from '../../store/people/flags.ts';
import { listAsked } from '../../store/people/honesty.ts';
import { countRejudged } from '../../store/runs/rejudgements.ts';
import type { Run } from '../../store/runs/runs.ts';
import { readTaxonomyToRender } from '../../store/runs/taxonomies.ts';
import type { Context } from '../context.ts';
import { drawQuestions, readHonesty } from '../people/honesty.ts';
import { buildCards } from '../people/refresh-card.ts';
import { readRenderContext } from '../render-context.ts';
import { describeRun } from '../runs/describe.ts';
import { chunksOf, commitEach, createPause } from '../slices.ts';

/** Cards to write between two looks at the time. */
const CARDS_AT_ONCE = 5;

/** What the posts of a run show. */
type DigestContent =
  /** Nothing yet, or nothing at all. */
  | { kind: 'none' }
  | { kind: 'receipt' | 'nothing'; parent: NewEffect }
  | { kind: 'summary'; posts: Iterable<NewEffect> };

/**
 * Writes the posts of a run as they should look now: a receipt, the summary with its thread, or a
 * closing line. Everything is counted and rendered again. Then one transaction adds new posts,
 * updates changed ones and empties those left over. Last, the most pressing messages get their cards.
 * @param run as read just now
 * @param why `end`: every result is there, and this ends the run; `part`: some results are late,
 * and the others are published; `again`: something has changed
 * @returns false when the run has changed meanwhile: nothing was written
 */
export async function writeDigest(
  context: Context,
  run: Run,
  why: 'end' | 'part' | 'again',
): Promise<boolean> {
  const { db, clock } = context;
  // One moment for the whole digest.
  const now = clock.now();
  const key = digestKey(run.id);
  const end = why === 'end';
  const parent = await findPostState(db, key);
  const look: DigestContent =
    parent === 'dead' || run.with_digest === 0
      ? { kind: 'none' }
      : await renderContent(context, run, { why, now, posted: parent !== undefined });
  if (look.kind === 'none' && why === 'part') return true;
  const written = await db.transaction().execute(async (tx) => {
    const publish = look.kind === 'summary';
    if (!(await beginWriting(tx, run, { end, publish }, now))) return 'changed';
    // It can never be posted: the next digest publishes its messages.
    if ((await findPostState(tx, key)) === 'dead') await unpublish(tx, run.id);
    else if (look.kind === 'receipt' || look.kind === 'nothing') {
      await writePosts(tx, [look.parent], new Set([key]), now);
    } else if (look.kind === 'summary') {
      await writeThread(tx, key, look.posts, now);
      // It stays stale until its cards are written: after a crash before that it is written again.
      return { stale: await extendStale(tx, run, now) };
    }
    await markFresh(tx, run);
    return 'whole';
  });
  if (typeof written === 'string') return written === 'whole';
  await writeCards(context, run, now);
  const { stale } = written;
  if (stale) await db.transaction().execute((tx) => markFresh(tx, stale));
  return true;
}

async function renderContent(
  context: Context,
  run: Run,
  { why, now, posted }: { why: 'end' | 'part' | 'again'; now: number; posted: boolean },
): Promise<DigestContent> {
  const {
    db,
    settings: { timeZone },
  } = context;
  const renderContext = await readRenderContext(context, db);
  const pause = createPause();
  const { id, channel } = run;
  const renderReceiptOf = async (): Promise<DigestContent> => {
    const receipt = renderReceipt(await describeRun(db, context, run), renderContext);
    return { kind: 'receipt', parent: toParent(id, channel, receipt) };
  };
  if (why === 'again' && run.published_at === null) {
    // A closing line is written once. A scheduled run says nothing before its results are there.
    return run.ended_at !== null || !posted ? { kind: 'none' } : renderReceiptOf();
  }
  if (isLiving(run, why, now)) {
    const facts = await readDigestFacts(db, { kind: 'run', run }, { now, timeZone, pause });
    const summary = composeSummary(facts, await readTaxonomyToRender(db, run.taxonomy_version));
    const dueAt = run.due_at === NEVER ? null : run.due_at;
    const living = renderLiving(summary, dueAt, renderContext);
    return { kind: 'summary', posts: [toParent(id, channel, living)] };
  }
  const as = why === 'end' ? { ...run, ended_at: now } : run;
  const facts = await readDigestFacts(db, { kind: 'run', run: as }, { now, timeZone, pause });
  if (run.published_at !== null || isWorthTelling(run, facts, why)) {
    const taxonomy = await readTaxonomyToRender(db, run.taxonomy_version);
    const digest = composeDigest(facts, await readPublished(db, run, pause), taxonomy);
    const linkOf = await findLinks(context, run);
    const week = await readWeek(db, as, taxonomy, { now, timeZone, pause });
    const beyond = await countBeyondCards(db, run, context.settings.needsShown);
    const unsure = await listUnsure(db, run, context.settings.unsureBelow, now);
    if (week && why === 'end') await drawQuestions(context, run, now);
    const messages = await listAsked(db, id);
    const asked =
      messages.length > 0 ? { messages, categories: context.settings.taxonomy.categories } : null;
    const honesty = await readHonesty(db, channel, { to: as.ended_at ?? now, upTo: id });
    return {
      kind: 'summary',
      posts: renderDigest(
        id,
        { ...digest, beyond, unsure, asked, honesty },
        renderContext,
        linkOf,
        week,
      ),
    };
  }
  // Its summary is due, and nothing of it is there: people learn why.
  if (why === 'part' && run.due_at !== null) return renderReceiptOf();
  if (why !== 'end' || (!posted && run.requested_by === null)) return { kind: 'none' };
  const { about } = facts;
  const nothing = renderNothing(
    {
      channel,
      run: id,
      requestedBy: run.requested_by,
      canceledBy: run.canceled_by,
      model: run.model,
      againTotal: about.kind === 'run' ? about.againTotal : 0,
      rejudged: await countRejudged(db, id),
      costUsd: about.kind === 'run' ? about.costUsd : null,
    },
    renderContext,
  );
  return { kind: 'nothing', parent: toParent(id, channel, nothing) };
}

/** Whether messages are judged as they come, and the summary of them is not due yet. */
const isLiving = (run: Run, why: 'end' | 'part' | 'again', now: number): boolean =>
  run.cause === 'live' &&
  why !== 'end' &&
  run.ended_at === null &&
  run.due_at !== null &&
  now < run.due_at - POST_AHEAD_MS;

/** Whether there is something to show. A scheduled digest also shows open flags alone. */
function isWorthTelling(
  run: Run,
  {
    total,
    deadTotal,
    attention: { earlier },
  }: Pick<DigestFacts, 'total' | 'deadTotal' | 'attention'>,
  why: 'end' | 'part' | 'again',
): boolean {
  if (total + deadTotal > 0) return true;
  const regular = run.cause === 'schedule' && run.canceled_by === null;
  return why === 'end' && regular && earlier > 0;
}

/** Where the posts of the thread are. */
async function findLinks(
  { db, workspace: { url: workspaceUrl } }: Context,
  { id, channel }: Run,
): Promise<LinkOf> {
  const posted = await readPostedTs(db, digestKey(id));
  const parentTs = posted.get(digestKey(id));
  return (key) => {
    const ts = posted.get(key);
    return ts && parentTs ? permalink(workspaceUrl, channel, ts, parentTs) : undefined;
  };
}

async function writeThread(
  tx: Tx,
  key: string,
  posts: Iterable<NewEffect>,
  now: number,
): Promise<void> {
  const known = await listDigestPosts(tx, key);
  const left = new Map(known.map((post) => [post.key, post]));
  const written = await writePosts(tx, posts, new Set([key, ...left.keys()]), now);
  for (const one of written) left.delete(one);
  for (const post of left.values()) {
    await refreshPost(tx, { ...post, rendered: renderEmptied() }, now, 0);
  }
}

/**
 * Adds new posts and refreshes known ones.
 * @returns their keys
 */
async function writePosts(
  tx: Tx,
  posts: Iterable<NewEffect>,
  known: Set<string>,
  now: number,
): Promise<string[]> {
  const keys: string[] = [];
  const pause = createPause();
  // Each is rendered only when its turn comes.
  for (const { effect, ...post } of posts) {
    await addEffects(tx, [{ ...post, effect }], now);
    // A known one may be missing all the same; then it has just been added as it should be.
    if (effect.kind === 'post' && known.has(post.key)) {
      await refreshPost(tx, { ...post, rendered: effect }, now, 0);
    }
    keys.push(post.key);
    await pause();
  }
  return keys;
}

/**
 * Writes cards for the most pressing messages of this digest that have none in its thread: a few at a
 * time, so that others can use the database in between.
 */
async function writeCards(context: Context, run: Run, now: number): Promise<void> {
  const { db, settings } = context;
  const { id, channel } = run;
  const missing = await listToCard(db, run, settings.needsShown, now);
  if (missing.length === 0) return;
  const nameOf = await readNames(db);
  await commitEach(db, chunksOf(missing, CARDS_AT_ONCE), async (tx, ts) => {
    // Under a parent that can never be posted they would wait for ever.
    if ((await findPostState(tx, digestKey(id))) === 'dead') return;
    await addEffects(tx, await buildCards(tx, context, { channel, ts, run: id, nameOf }), now);
    const cards = ts.map((one) => ({ ts: one, key: cardKey(id, one) }));
    await recordCards(tx, channel, cards);
  });
}
