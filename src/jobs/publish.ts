import { setImmediate as nextTick } from 'node:timers/promises';
import { composeDigest, type Digest, type DigestFacts } from '../core/digest.ts';
import { type NewEffect, PRIORITY } from '../core/effects.ts';
import { count, formatUsd } from '../core/text.ts';
import { renderDigest } from '../slack/blocks/digest.ts';
import { renderNotice } from '../slack/blocks/notice.ts';
import { readDigestFacts, takeUntold } from '../store/digest-facts.ts';
import { addEffects } from '../store/outbox.ts';
import { endRun, findOpenRun, type Run } from '../store/runs.ts';
import { readTaxonomy } from '../store/taxonomies.ts';
import { readNames } from '../store/users.ts';
import type { Deps } from './deps.ts';

/** Posts that are rendered and written before anybody else has a turn. */
const POSTS_AT_ONCE = 20;

/**
 * judging → done. First what is untold is told, page by page; then, in one transaction, the posts
 * of the digest are written to the outbox and the run is over. A crash before that goes on telling
 * and writes the same digest; after it, the outbox has everything.
 * @returns whether the run is over
 */
export async function publish(deps: Deps, { channel }: Run): Promise<boolean> {
  const { db, clock, log } = deps;
  // As it is now: somebody may have asked for a summary since this run was begun without one.
  const run = await findOpenRun(db, channel);
  if (!run) return true;
  const posts = run.with_digest ? await preparePosts(deps, run) : { told: 0, effects: [] };
  const now = clock.now();
  const ended = await db.transaction().execute(async (tx) => {
    // Asked for just now: the next pass publishes it with a summary.
    if (!(await endRun(tx, run, now))) return false;
    let chunk: NewEffect[] = [];
    for (const effect of posts.effects) {
      chunk.push(effect);
      if (chunk.length < POSTS_AT_ONCE) continue;
      await addEffects(tx, chunk, now);
      chunk = [];
      await nextTick();
    }
    await addEffects(tx, chunk, now);
    return true;
  });
  if (ended) log.info({ run: run.id, channel, told: posts.told }, 'a run is done');
  return ended;
}

async function preparePosts(
  deps: Deps,
  run: Run,
): Promise<{ told: number; effects: Iterable<NewEffect> }> {
  const { db, clock, workspaceUrl, timeZone } = deps;
  while ((await takeUntold(db, run)) > 0) await nextTick();
  const facts = await readDigestFacts(db, run, clock.now(), nextTick);
  const told = facts.total + facts.deadTotal;
  if (told > 0) {
    const digest: Digest = composeDigest(facts, await readTaxonomy(db, run.taxonomy_version));
    const nameOf = await readNames(db);
    return { told, effects: renderDigest(digest, { workspaceUrl, nameOf, timeZone }) };
  }
  if (!run.requested_by) return { told, effects: [] };
  return {
    told,
    effects: [
      {
        key: `nothing-r${run.id}`,
        channel: run.channel,
        priority: PRIORITY.person,
        effect: {
          kind: 'ephemeral',
          user: run.requested_by,
          ...renderNotice(describeNothing(run, facts)),
        },
      },
    ],
  };
}

function describeNothing(run: Run, { againTotal, costUsd }: DigestFacts): string {
  if (run.canceled_by !== null) {
    return 'The run was canceled before Claude had judged anything: there is nothing to sum up.';
  }
  if (againTotal === 0) {
    return 'The messages that were to be classified have been deleted meanwhile: there is nothing to sum up.';
  }
  const price =
    costUsd === null
      ? `What this one cost is not known for ${run.model}.`
      : `This one cost ${formatUsd(costUsd)}.`;
  return `There is nothing to sum up yet: ${count(againTotal, 'message')} will be in the next run, edited meanwhile or without a good answer. ${price}`;
}
