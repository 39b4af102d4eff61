import { setImmediate as nextTick } from 'node:timers/promises';
import { composeDigest } from '../core/digest.ts';
import { digestKey, MERGE_MS } from '../core/effects.ts';
import { renderDigest, renderEmptied } from '../slack/blocks/digest.ts';
import { readDigestFacts } from '../store/digest-facts.ts';
import { addEffects, hasPost, listDigestPosts, refreshPost } from '../store/outbox.ts';
import { listStaleRuns, markFresh, type Run } from '../store/runs.ts';
import { readTaxonomy } from '../store/taxonomies.ts';
import { readNames } from '../store/users.ts';
import { type Deps, earliest, type NextAt, surroundingsOf } from './deps.ts';

/**
 * Digests follow what people do to what they tell of: everything is counted and rendered anew, and
 * the posts that came out different are updated. Many changes make one update: it waits until
 * nothing more has changed for a moment, but not for ever.
 */

const AT_MOST_MS = 10_000;

export async function refreshDigests(deps: Deps): Promise<NextAt> {
  const times: NextAt[] = [];
  for (const run of await listStaleRuns(deps.db)) {
    const dueAt = Math.min(
      (run.stale_at ?? 0) + MERGE_MS.digest,
      (run.stale_since ?? 0) + AT_MOST_MS,
    );
    if (dueAt <= deps.clock.now()) await refreshDigest(deps, run);
    else times.push(dueAt);
  }
  return earliest(times);
}

async function refreshDigest(deps: Deps, run: Run): Promise<void> {
  const { db, clock } = deps;
  // Told of nothing, or its parent could not be posted: there is nothing to refresh.
  const told = await db.transaction().execute(async (tx) => {
    if (await hasPost(tx, digestKey(run.id))) return true;
    await markFresh(tx, run);
    return false;
  });
  if (!told) return;
  const facts = await readDigestFacts(db, run, run.ended_at ?? clock.now(), nextTick);
  const taxonomy = await readTaxonomy(db, run.taxonomy_version);
  const around = surroundingsOf(deps, await readNames(db));
  await db.transaction().execute(async (tx) => {
    const now = clock.now();
    const posts = await listDigestPosts(tx, digestKey(run.id));
    const left = new Map(posts.map((post) => [post.key, post]));
    for (const effect of renderDigest(composeDigest(facts, taxonomy), around)) {
      left.delete(effect.key);
      // New when a category had no list, or its list has grown by a post.
      await addEffects(tx, [effect], now);
      if (effect.effect.kind !== 'post') continue;
      await refreshPost(tx, { ...effect, rendered: effect.effect }, now, 0);
      await nextTick();
    }
    for (const post of left.values()) {
      await refreshPost(tx, { ...post, rendered: renderEmptied() }, now, 0);
    }
    await markFresh(tx, run);
  });
}
