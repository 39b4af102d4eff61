import { composeDigest } from '../core/digest.ts';
import { PRIORITY } from '../core/effects.ts';
import { count } from '../core/text.ts';
import { renderDigest } from '../slack/blocks/digest.ts';
import { renderNotice } from '../slack/blocks/notice.ts';
import { readDigestFacts, takeUntold } from '../store/digest-facts.ts';
import { addEffects } from '../store/outbox.ts';
import { type Run, updateRun } from '../store/runs.ts';
import { readTaxonomy } from '../store/taxonomies.ts';
import { readNames } from '../store/users.ts';
import type { Deps } from './deps.ts';

/**
 * judging → done, in one transaction: what was untold is told, the digest's posts are in the
 * outbox, the run is over. A crash before it does it all again; after it, the outbox goes on.
 */
export async function publish(deps: Deps, run: Run): Promise<void> {
  const { db, clock, log, workspaceUrl, timeZone } = deps;
  const told = await db.transaction().execute(async (tx) => {
    const now = clock.now();
    await updateRun(tx, run.id, { stage: 'done', ended_at: now, trouble: null });
    if (!run.with_digest) return 0;
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
          ? `Claude had no good answer for ${count(facts.againTotal, 'message')}: there is nothing to sum up yet. They are tried again in the next run.`
          : 'The messages that were to be classified have been deleted meanwhile: there is nothing to sum up.';
      const effect = { kind: 'ephemeral' as const, user: run.requested_by, ...renderNotice(words) };
      const key = `nothing-r${run.id}`;
      await addEffects(tx, [{ key, channel: run.channel, priority: PRIORITY.person, effect }], now);
    }
    return all;
  });
  log.info({ run: run.id, channel: run.channel, told }, 'a run is done');
}
