import { REFUSALS } from '../../jobs/people/take-acts.ts';
import { ACTIONS } from '../../slack/blocks/actions.ts';
import { drawWhy } from '../modals/why.ts';
import { openModal } from '../open-modal.ts';
import { type Register, readPlace } from '../tools.ts';

/** *Why?*: opens the modal that explains a verdict; in a modal, it is pushed on top. */
export const registerWhy: Register = (app, tools) => {
  app.action(ACTIONS.why, async ({ body, ack, respond }) => {
    await ack();
    const { target } = readPlace(body);
    const view = target && (await drawWhy(tools.context, target));
    await openModal(tools, { body, respond }, view ? { view } : REFUSALS.moot);
  });
};
