import type { ViewSubmitAction } from '@slack/bolt';
import { takeActs } from '../../jobs/people/take-acts.ts';
import { DUPLICATE_VIEW } from '../../slack/blocks/actions.ts';
import { onDoneInHome } from '../events/app-home.ts';
import { onDuplicateChosen } from '../modals/duplicate.ts';
import { drawTriage } from '../modals/triage.ts';
import type { Register } from '../tools.ts';

/**
 * Somebody has chosen the message that another one repeats. The act is committed before the submission is
 * acknowledged, and taken after it.
 */
export const registerDuplicateView: Register = (app, { context, emit, show }) => {
  app.view<ViewSubmitAction>(DUPLICATE_VIEW, async ({ body, ack }) => {
    const { target, inHome } = await onDuplicateChosen(context, body);
    await ack();
    await takeActs(context).catch((error: unknown) => {
      // Slack could not say whether they may. The job asks again.
      context.log.warn({ err: error, ...target }, 'what somebody did is taken later');
    });
    emit('act');
    const { id, root_view_id: root } = body.view;
    const view = root !== id && (await drawTriage(context, target));
    if (view) await show('views.update', { view_id: root, view });
    if (!inHome) return;
    await onDoneInHome(context, body.user.id, undefined);
    emit('home');
  });
};
