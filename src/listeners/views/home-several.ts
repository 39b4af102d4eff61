import type { ViewResponseAction, ViewSubmitAction } from '@slack/bolt';
import { renderDone, SEVERAL } from '../../slack/blocks/home/several.ts';
import { onDoneInHome } from '../events/app-home.ts';
import { onSeveralChosen, onSeveralConfirmed } from '../modals/home-several.ts';
import type { Register } from '../tools.ts';

/**
 * Somebody has chosen several messages, or confirms that they are dismissed. The acts are committed
 * before the submission is acknowledged, and taken after it.
 */
export const registerHomeSeveralViews: Register = (app, { context, emit, apologize, show }) => {
  const sorry = (error: unknown) => ({
    response_action: 'update' as const,
    view: renderDone(apologize('btn')(error)),
  });
  app.view<ViewSubmitAction>(SEVERAL.choose, async ({ body, ack }) => {
    const said = await onSeveralChosen(context, body).catch(sorry);
    await ack(said as ViewResponseAction);
  });
  app.view<ViewSubmitAction>(SEVERAL.dismiss, async ({ body, ack }) => {
    const { said, finish } = await onSeveralConfirmed(context, body).catch((error: unknown) => ({
      said: sorry(error),
      finish: undefined,
    }));
    await ack(said as ViewResponseAction);
    if (!finish) return;
    const view = await finish();
    emit('act');
    await show('views.update', { view_id: body.view.id, view });
    await onDoneInHome(context, body.user.id, undefined);
    emit('home');
  });
};
