import type { Deps } from '../../jobs/deps.ts';
import { findPerson } from '../../jobs/names.ts';
import { requestRun } from '../../jobs/request-run.ts';
import type { Asked } from './asked.ts';
import { count, nextSchedule, price, when } from './wording.ts';

/** `/classify-feedback run`: a run that it promises is committed. */
export async function answerRun(deps: Deps, { channel, user }: Asked): Promise<string> {
  const reader = await findPerson(deps, user);
  const requested = await deps.db
    .transaction()
    .execute((tx) =>
      requestRun(tx, deps, { channel, cause: 'command', requestedBy: user, withDigest: true }),
    );
  switch (requested.kind) {
    case 'nothing':
      if (deps.catchUp.waitFor(channel, deps.clock.now()) !== null) {
        return 'Nothing is pending yet. I have just started, and I am still reading what was posted while I was away: please try again in a moment.';
      }
      return `Nothing is pending: every message of this channel has been classified and summed up. ${nextSchedule(deps, reader)}`;
    case 'going': {
      const { messages } = requested.pending;
      const rest =
        messages > 0 ? ` ${count(messages, 'newer message', reader)} will be in the next one.` : '';
      return `A run is going already, begun ${when(requested.run.created_at, reader)}.${rest} Its post in this channel tells how far it is, and becomes the summary.`;
    }
    case 'opened': {
      const { messages } = requested.pending;
      if (messages === 0) {
        return 'Nothing is pending, but there are results that no summary has told of yet. The summary will be in this channel in a moment.';
      }
      return `Classifying ${count(messages, 'pending message', reader)} for ${price(deps, requested.usd)}. A post in <#${channel}> tells how far it is, and becomes the summary: mostly within minutes, at times an hour or more, and in any case within a day. It has a button to cancel.`;
    }
    default:
      return requested satisfies never;
  }
}
