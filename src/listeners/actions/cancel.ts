import { ACTIONS } from '../../slack/blocks/actions.ts';
import { onCancelPressed } from '../commands/cancel.ts';
import type { Register } from '../tools.ts';

/** *Cancel* on the receipt of a run. */
export const registerCancel: Register = (app, { context, emit, apologize, answer }) => {
  app.action(ACTIONS.cancel, async ({ body, ack, respond }) => {
    const said = await onCancelPressed(context, body).catch(apologize('btn'));
    await ack();
    emit('command');
    await answer(respond, said);
  });
};
