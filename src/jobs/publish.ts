import { setImmediate as nextTick } from 'node:timers/promises';
import { composeDigest, type Digest, type DigestFacts } from '../core/digest.ts';
import { cardKey, type NewEffect, PRIORITY } from '../core/effects.ts';
import { count, formatUsd } from '../core/text.ts';
import { renderDigest } from '../slack/blocks/digest.ts';
import { renderNotice } from '../slack/blocks/notice.ts';
import type { Tx } from '../store/database.ts';
import { listFlaggedOf, readDigestFacts, takeUntold } from '../store/digest-facts.ts';
import { keepCards } from '../store/flags.ts';
import { addEffects } from '../store/outbox.ts';
import { countRejudged } from '../store/rejudgements.ts';
import { endRun, findOpenRun, type Run } from '../store/runs.ts';
import { readTaxonomy } from '../store/taxonomies.ts';
import { readNames } from '../store/users.ts';
import { type Deps, surroundingsOf } from './deps.ts';
import { buildCards } from './settle-card.ts';

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
  // One moment for all that is said of it, also when the digest is told anew.
  const now = clock.now();
  const posts = run.with_digest ? await preparePosts(deps, run, now) : { told: 0, effects: [] };
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
    if (posts.told > 0) await writeCards(tx, deps, run, now);
    return true;
  });
  if (ended) log.info({ run: run.id, channel, told: posts.told }, 'a run is done');
  return ended;
}

/** A card for everything of this digest that needs a person, or did until just now. */
async function writeCards(tx: Tx, deps: Deps, run: Run, now: number): Promise<void> {
  const { channel } = run;
  const nameOf = await readNames(tx);
  let after = '';
  for (;;) {
    const ts = await listFlaggedOf(tx, run, after, POSTS_AT_ONCE);
    const last = ts.at(-1);
    if (last === undefined) return;
    const cards = await buildCards(tx, deps, { channel, ts, run: run.id, nameOf });
    await addEffects(tx, cards, now);
    await keepCards(
      tx,
      channel,
      ts.map((one) => ({ ts: one, key: cardKey(run.id, one) })),
    );
    after = last;
    await nextTick();
  }
}

async function preparePosts(
  deps: Deps,
  run: Run,
  now: number,
): Promise<{ told: number; effects: Iterable<NewEffect> }> {
  const { db } = deps;
  while ((await takeUntold(db, run)) > 0) await nextTick();
  const facts = await readDigestFacts(db, run, now, nextTick);
  const told = facts.total + facts.deadTotal;
  if (told > 0) {
    const digest: Digest = composeDigest(facts, await readTaxonomy(db, run.taxonomy_version));
    const nameOf = await readNames(db);
    return { told, effects: renderDigest(digest, surroundingsOf(deps, nameOf)) };
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
          ...renderNotice(describeNothing(run, facts, await countRejudged(db, run.id))),
        },
      },
    ],
  };
}

function describeNothing(run: Run, { againTotal, costUsd }: DigestFacts, rejudged: number): string {
  const price =
    costUsd === null
      ? `What this one cost is not known for ${run.model}.`
      : `This one cost ${formatUsd(costUsd)}.`;
  if (rejudged > 0) {
    const were = rejudged === 1 ? 'was' : 'were';
    return `${count(rejudged, 'message')} ${were} judged anew; the summaries that told of them have been brought up to date. ${price}`;
  }
  if (run.canceled_by !== null) {
    return 'The run was canceled before Claude had judged anything: there is nothing to sum up.';
  }
  if (againTotal === 0) {
    return 'The messages that were to be classified have been deleted meanwhile: there is nothing to sum up.';
  }
  return `There is nothing to sum up yet: ${count(againTotal, 'message')} will be in the next run, edited meanwhile or without a good answer. ${price}`;
}
