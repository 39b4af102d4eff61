import { REFUSALS } from '../../jobs/people/take-acts.ts';
import { ACTIONS } from '../../slack/blocks/actions.ts';
import { drawWhy } from '../modals/why.ts';
import { type Register, readPlace } from '../tools.ts';

/** *Why?*: opens the modal that explains a verdict; in a modal, it is pushed on top. */
export const registerWhy: Register = (app, { context, show, answer }) => {
  app.action(ACTIONS.why, async ({ body, ack, respond }) => {
    await ack();
    const { modal, target, trigger } = readPlace(body);
    const view = target && (await drawWhy(context, target));
    if (!view) await answer(respond, REFUSALS.moot);
    else await show(modal ? 'views.push' : 'views.open', { trigger_id: trigger, view }, respond);
  });
};
