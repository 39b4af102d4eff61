import { ACTIONS } from '../../../slack/blocks/actions.ts';
import { cancel } from '../../commands/cancel.ts';
import type { Register } from '../../tools.ts';
import { onRunPressed } from './pressed-run.ts';

/** *Cancel* on the receipt of a run. */
export const registerCancel: Register = (app, { context, emit, apologize, answer }) => {
  app.action(ACTIONS.cancel, async ({ body, ack, respond }) => {
    const said = await onRunPressed(context, body, cancel).catch(apologize('btn'));
    await ack();
    emit('command');
    await answer(respond, said);
  });
};
