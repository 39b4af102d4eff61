import { z } from 'zod';
import { DAY_MS } from '../../core/durations.ts';
import { DENIALS } from '../../core/people/permission.ts';
import { msToTs, tsToMs } from '../../core/timestamps.ts';
import type { Context } from '../../jobs/context.ts';
import { checkMembership } from '../../jobs/intake/membership.ts';
import { checkInTime, findPermissionProblem } from '../../jobs/people/permissions.ts';
import { OFFER_ACTION, OFFERED_DAYS, renderOfferAnswer } from '../../slack/blocks/greeting.ts';
import { extendChannelBack, findChannel, setChannelOffer } from '../../store/intake/channels.ts';
import type { Register } from '../tools.ts';

/** The buttons of the offer to collect older messages. */
export const registerOffer: Register = (app, { context, emit, apologize, answer }) => {
  app.action(new RegExp(`^${OFFER_ACTION}`), async ({ action, body, ack, respond }) => {
    const { said, answered } = await onOfferAnswered(context, action, body.user.id).catch(
      // Keep the buttons, so that the person can choose again.
      (error: unknown) => ({ said: apologize('btn')(error), answered: false }),
    );
    await ack();
    emit('channel');
    await answer(respond, said, answered);
  });
};

const CHOICES = new Map<string, number | 'none'>([
  [`${OFFER_ACTION}none`, 'none'],
  ...OFFERED_DAYS.map((days) => [`${OFFER_ACTION}${days}`, days] as const),
]);

const actionSchema = z.looseObject({
  action_id: z.enum([...CHOICES.keys()]),
  value: z.string(),
});

/**
 * Commits the time from which messages count. The next sweep reads the older ones.
 * @returns what to say to the person who pressed, and whether the question is answered
 */
async function onOfferAnswered(
  context: Context,
  action: unknown,
  user: string,
): Promise<{ said: string; answered: boolean }> {
  const { action_id, value: channel } = actionSchema.parse(action);
  const days = CHOICES.get(action_id) ?? 'none';
  // An event that let the bot in again may have been missed.
  await checkMembership(context, channel);
  const denied = await checkInTime(context, user, () =>
    findPermissionProblem(context, channel, user),
  );
  if (denied) return { said: DENIALS[denied], answered: false };
  const said = await context.db.transaction().execute(async (tx) => {
    const row = await findChannel(tx, channel);
    if (!row?.since_ts || row.state === 'left') return 'I am no longer in that channel.';
    if (row.offer === 'answered') return 'That has been answered already.';
    await setChannelOffer(tx, channel, 'answered');
    if (days !== 'none') {
      await extendChannelBack(tx, channel, msToTs(tsToMs(row.since_ts) - days * DAY_MS));
    }
    return renderOfferAnswer(days);
  });
  return { said, answered: true };
}
