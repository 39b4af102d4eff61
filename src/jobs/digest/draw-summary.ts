import { setImmediate as nextTick } from 'node:timers/promises';
import type { Effect } from '../../core/delivery/effects.ts';
import { composeSummary } from '../../core/digest/digest.ts';
import { renderParent } from '../../slack/blocks/digest/summary.ts';
import type { Deliverable } from '../../slack/deliver.ts';
import { readDigestFacts } from '../../store/digest/facts.ts';
import { readNames } from '../../store/intake/users.ts';
import { type Deps, surroundingsOf } from '../deps.ts';

/** The summary of a time, as it is now, for one person only: counted page by page. */
export async function drawSummary(
  deps: Deps,
  channel: string,
  { user, span, timeZone, locale }: Effect & { kind: 'summary' },
): Promise<Deliverable> {
  const { db, clock, taxonomy } = deps;
  const facts = await readDigestFacts(
    db,
    { kind: 'span', channel, ...span },
    { now: clock.now(), timeZone, pause: nextTick },
  );
  const around = { ...surroundingsOf(deps, await readNames(db)), timeZone, locale };
  // It has no thread: what it says links to the messages themselves.
  const rendered = renderParent(composeSummary(facts, taxonomy), around, () => undefined);
  return { kind: 'ephemeral', user, ...rendered };
}
