import { composeDigest } from '../core/digest.ts';
import { PRIORITY } from '../core/effects.ts';
import { count, formatUsd } from '../core/text.ts';
import { renderDigest } from '../slack/blocks/digest.ts';
import { renderNotice } from '../slack/blocks/notice.ts';
import { readDigestFacts, takeUntold } from '../store/digest-facts.ts';
import { addEffects } from '../store/outbox.ts';
import { findOpenRun, type Run, updateRun } from '../store/runs.ts';
import { readTaxonomy } from '../store/taxonomies.ts';
import { readNames } from '../store/users.ts';
import type { Deps } from './deps.ts';

/**
 * judging → done, in one transaction: what was untold is told, the digest's posts are in the
 * outbox, the run is over. A crash before it does it all again; after it, the outbox goes on.
 */
export async function publish(deps: Deps, { channel }: Run): Promise<void> {
  const { db, clock, log, workspaceUrl, timeZone } = deps;
  const done = await db.transaction().execute(async (tx) => {
    const now = clock.now();
    // As it is now: somebody may have asked for a summary since this run was begun without one.
    const run = await findOpenRun(tx, channel);
    if (!run) return undefined;
    await updateRun(tx, run.id, { stage: 'done', ended_at: now, trouble: null });
    if (!run.with_digest) return { run: run.id, told: 0 };
    await takeUntold(tx, run);
    const facts = await readDigestFacts(tx, run, now);
    const all = facts.total + facts.deadTotal;
    if (all > 0) {
      const digest = composeDigest(facts, await readTaxonomy(tx, run.taxonomy_version));
      const nameOf = await readNames(tx);
      await addEffects(tx, renderDigest(digest, { workspaceUrl, nameOf, timeZone }), now);
    } else if (run.requested_by) {
      const words =
        facts.againTotal > 0
          ? `There is nothing to sum up yet: ${count(facts.againTotal, 'message')} will be in the next run, edited meanwhile or without a good answer. ${facts.costUsd === null ? `What this one cost is not known for ${run.model}.` : `This one cost ${formatUsd(facts.costUsd)}.`}`
          : 'The messages that were to be classified have been deleted meanwhile: there is nothing to sum up.';
      const effect = { kind: 'ephemeral' as const, user: run.requested_by, ...renderNotice(words) };
      const key = `nothing-r${run.id}`;
      await addEffects(tx, [{ key, channel: run.channel, priority: PRIORITY.person, effect }], now);
    }
    return { run: run.id, told: all };
  });
  if (done) log.info({ ...done, channel }, 'a run is done');
}
