import { REFUSALS } from '../../jobs/people/take-acts.ts';
import { ACTIONS } from '../../slack/blocks/actions.ts';
import { drawWhy } from '../modals/why.ts';
import { openModal } from '../open-modal.ts';
import { type Register, readPlace, type Tools } from '../tools.ts';
import type { Pressed } from './press.ts';

/** *Why?*: opens the modal that explains a verdict; in a modal, it is pushed on top. */
export const registerWhy: Register = (app, tools) => {
  app.action(ACTIONS.why, (args) => onWhy(tools, args));
};

export async function onWhy(tools: Tools, { body, ack, respond }: Pressed): Promise<void> {
  await ack();
  const { target } = readPlace(body);
  const view = target && (await drawWhy(tools.context, target));
  await openModal(tools, { body, respond }, view ? { view } : REFUSALS.moot);
}
