import type { ViewResponseAction, ViewSubmitAction } from '@slack/bolt';
import { KEY } from '../../slack/blocks/actions.ts';
import { onDoneInHome } from '../events/app-home.ts';
import { onKeySubmitted, refuseKey } from '../modals/key.ts';
import type { Register } from '../tools.ts';

/** Somebody sets the API key of a hosted bot. It is checked and stored before the submission is acknowledged. */
export const registerKeyView: Register = (app, { context, emit, apologize, show }) => {
  app.view<ViewSubmitAction>(KEY.save, async ({ body, ack }) => {
    const failed = apologize('btn', 'the key may not be set');
    const answer = await onKeySubmitted(context, body, failed).catch((error: unknown) =>
      refuseKey(failed(error)),
    );
    const { said, finish } = { finish: undefined, ...answer };
    await ack(said as ViewResponseAction);
    if (finish) await show('views.update', { view_id: body.view.id, view: await finish });
    await onDoneInHome(context, body.user.id, undefined);
    emit('home');
  });
};
