import { ACTIONS } from '../../slack/blocks/actions.ts';
import { drawWhy } from '../modals/why.ts';
import { type Register, readPlace } from '../tools.ts';

/** *Why?*: opens the modal that explains a verdict, over the modal that it was pressed in, if any. */
export const registerWhy: Register = (app, { context, show }) => {
  app.action(ACTIONS.why, async ({ body, ack }) => {
    await ack();
    const { modal, target, trigger } = readPlace(body);
    const view = target && (await drawWhy(context, target));
    if (view) await show(modal ? 'views.push' : 'views.open', { trigger_id: trigger, view });
  });
};
