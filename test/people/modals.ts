import type { SimView } from '../../sim/slack/types.ts';
import { ACTIONS, TRIAGE_SHORTCUT } from '../../src/slack/blocks/actions.ts';
import type { Stage } from '../harness.ts';
import { type Action, openFromMenu, words } from './stage.ts';

/** What people open over a message, and what they do in there. */

export const wordsOf = ({ view }: Pick<SimView, 'view'>) => words(view.blocks);

/** *Triage this message*. Resolves with the modal that it opens. */
export async function triage({ slack, channel }: Stage, user: string, ts: string, where = channel) {
  const before = new Set(slack.views.map(({ id }) => id));
  await slack.shortcut({ callbackId: TRIAGE_SHORTCUT, user, channel: where, ts });
  return slack.waitFor(() => slack.views.find(({ id }) => !before.has(id)));
}

/** *Why?* of a post, or within a modal. Resolves with the modal that it opens. */
export async function askWhy(
  { slack, channel }: Stage,
  user: string,
  { ts, viewId }: { ts?: string; viewId?: string },
) {
  if (viewId === undefined) return openFromMenu(slack, { user, channel, ts: ts ?? '' }, 'why');
  const before = new Set(slack.views.map(({ id }) => id));
  await slack.click({ user, viewId, actionId: ACTIONS.why });
  return slack.waitFor(() => slack.views.find(({ id }) => !before.has(id)));
}

/** Presses something in a modal. Resolves with it once it says something else. */
export async function pressIn(
  { slack }: Stage,
  { id, user, hash }: SimView,
  action: Action,
  option?: string,
): Promise<SimView> {
  const actionId = ACTIONS[action];
  await slack.click({ user, viewId: id, actionId, ...(option && { selectedOption: option }) });
  return slack.waitFor(() => slack.views.find((view) => view.id === id && view.hash !== hash));
}
