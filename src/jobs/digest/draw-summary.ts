import type { Effect } from '../../core/delivery/effects.ts';
import { composeSummary } from '../../core/digest/digest.ts';
import { renderParent } from '../../slack/blocks/digest/summary.ts';
import type { Deliverable } from '../../slack/deliver.ts';
import { readDigestFacts } from '../../store/digest/facts.ts';
import type { Context } from '../context.ts';
import { readRenderContext } from '../render-context.ts';
import { createPause } from '../slices.ts';

/** A summary of a time span as it is now, for one person, counted page by page. */
export async function drawSummary(
  context: Context,
  channel: string,
  { user, span, timeZone, locale }: Effect & { kind: 'summary' },
): Promise<Deliverable> {
  const {
    db,
    clock,
    settings: { taxonomy },
  } = context;
  const facts = await readDigestFacts(
    db,
    { kind: 'span', channel, ...span },
    { now: clock.now(), timeZone, pause: createPause() },
  );
  const renderContext = { ...(await readRenderContext(context, db)), timeZone, locale };
  // It has no thread: it links to the messages themselves.
  const rendered = renderParent(composeSummary(facts, taxonomy), renderContext, () => undefined);
  return { kind: 'ephemeral', user, ...rendered };
}
