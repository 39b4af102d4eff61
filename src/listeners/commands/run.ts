import { escapeMrkdwn } from '../../core/text.ts';
import type { Context } from '../../jobs/context.ts';
import { findPerson } from '../../jobs/intake/names.ts';
import { type RequestedRun, requestRun } from '../../jobs/runs/request.ts';
import { describeOverBudget } from '../../slack/blocks/budget.ts';
import { describeHeldPosts } from '../../slack/blocks/holds.ts';
import { MISSING_KEY } from '../../slack/blocks/operator.ts';
import { describeTooSoon } from '../../slack/blocks/trouble.ts';
import { letTry } from '../../store/delivery/holds.ts';
import type { Asked, Subcommand } from './asked.ts';
import { count, nextSchedule, price, when } from './wording.ts';

/** `/classify-feedback run`: a run that the answer announces is committed. */
export const runCommand: Subcommand = {
  group: 'sum up',
  help: 'classify pending messages now, then post the summary',
  also: ['start', 'go', 'classify'],
  changes: true,
  spends: true,
  answer: answerRun,
};

async function answerRun(context: Context, { channel, user }: Asked): Promise<string> {
  const reader = await findPerson(context, user);
  const requested = await context.db
    .transaction()
    .execute((tx) =>
      requestRun(tx, context, { channel, cause: 'command', requestedBy: user, withDigest: true }),
    );
  switch (requested.kind) {
    case 'held':
      // They may know that it is allowed again: what waits is tried at once.
      await letTry(context.db, requested.hold);
      return `There will be no summary for now, and nothing was started. ${describeHeldPosts(requested.hold.reason)} I am trying again now: if it works, the summary that waits appears here, and you can ask for the next one.`;
    case 'nothing':
      if (context.catchUp.waitFor(channel, context.clock.now()) !== null) {
        return 'Nothing is pending yet. I have just started, and I am still reading what was posted while I was away: please try again in a moment.';
      }
      return `Nothing is pending: every message of this channel has been classified and summed up. ${nextSchedule(context, reader)}`;
    case 'over budget': {
      const { budget, usd, pending } = requested;
      const messages = count(pending.messages, 'message', reader);
      const { settings, hosted } = context;
      return describeOverBudget(budget, { messages, usd, model: settings.model }, hosted);
    }
    case 'going': {
      const { messages } = requested.pending;
      const rest =
        messages > 0 ? ` ${count(messages, 'newer message', reader)} will be in the next one.` : '';
      return `A run is already in progress, started ${when(requested.run.created_at, reader)}.${describeRetry(requested)}${rest} Its post in this channel shows the progress and becomes the summary.`;
    }
    case 'opened': {
      const { messages } = requested.pending;
      if (
        context.catchUp.waitFor(channel, context.clock.now(), requested.run.created_at) !== null
      ) {
        return `I am still reading what was posted while I was away, for up to 20 seconds. A post in <#${channel}> then says how many messages are classified and at what price, and becomes the summary. It has a button to cancel.`;
      }
      if (messages === 0) {
        return 'Nothing is pending, but there are results that no summary has shown yet. The summary will be in this channel in a moment.';
      }
      if (context.hosted?.key === 'none') {
        return `${MISSING_KEY} A post in <#${channel}> waits for it and becomes the summary.`;
      }
      const what = `${count(messages, 'pending message', reader)} for ${price(context, requested.usd)}`;
      if (requested.run.lane === 'express') {
        return `Classifying ${what}, at once. A post in <#${channel}> shows the progress and becomes the summary, usually within a minute. It has a button to cancel.`;
      }
      return `Classifying ${what}. A post in <#${channel}> shows the progress and becomes the summary: usually within minutes, at most within 24 hours. Its buttons cancel it, or get the results at once.`;
    }
    default:
      return requested satisfies never;
  }
}

function describeRetry({ run, retry }: RequestedRun & { kind: 'going' }): string {
  switch (retry.kind) {
    case 'not waiting':
      return '';
    case 'tried':
      return ` It had to wait (${escapeMrkdwn(run.trouble ?? '')}); I am trying again now.`;
    case 'too soon':
      return ` It has to wait (${escapeMrkdwn(run.trouble ?? '')}). ${describeTooSoon(retry.waitMs)}`;
    default:
      return retry satisfies never;
  }
}
