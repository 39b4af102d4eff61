import type { ViewSubmitAction } from '@slack/bolt';
import { FORGET_VIEW } from '../../slack/blocks/actions.ts';
import { onForgetConfirmed } from '../modals/forget.ts';
import type { Register } from '../tools.ts';

/** Somebody has confirmed what is forgotten: it is committed before the submission is acknowledged. */
export const registerForgetView: Register = (app, { context, emit }) => {
  app.view<ViewSubmitAction>(FORGET_VIEW, async ({ body, ack }) => {
    const view = await onForgetConfirmed(context, body);
    await ack({ response_action: 'update', view } as Parameters<typeof ack>[0]);
    emit('forget');
  });
};
