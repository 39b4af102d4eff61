import { expect } from 'vitest';
import type { SimView } from '../../sim/slack/types.ts';
import { REHEARSAL } from '../../src/slack/blocks/actions.ts';
import type { People } from '../people/stage.ts';
import { openSettings, save, values, wordsOf } from './stage.ts';

/** What people do to try settings, from the form to *Adopt* or *Discard*. */

/** Clears the name of a category, which takes it away. */
export const NO_IDEAS = { 'c-feature_request-name': '' };

/** Presses a button in a modal. Resolves with the modal on top of it. */
export async function pushFrom(
  { slack }: People,
  { id, user }: SimView,
  actionId: string,
  more: object = {},
): Promise<SimView> {
  const known = new Set(slack.views.map((view) => view.id));
  expect(await slack.click({ user, viewId: id, actionId, ...more })).toMatchObject({ acked: true });
  return slack.waitFor(() => slack.views.find((view) => !known.has(view.id)));
}

/** Opens the settings, types, and presses *Try them first…*. Resolves with what it comes to. */
export async function askToTry(
  people: People,
  typed: Record<string, unknown> = NO_IDEAS,
  user = people.user,
): Promise<SimView> {
  const form = await openSettings(people, user);
  return pushFrom(people, form, REHEARSAL.try, { values: values(form, typed) });
}

/** Accepts the price. Resolves with what the modal says. */
export const accept = async (people: People, offer: SimView): Promise<string> =>
  wordsOf(await save(people, offer, {}));

/** Tries settings until they have been tried, and closes all modals. */
export async function tryThem(
  people: People,
  typed?: Record<string, unknown>,
  user = people.user,
): Promise<void> {
  const offer = await askToTry(people, typed, user);
  expect(await accept(people, offer)).toMatch(/I am trying them/);
  await people.settle();
  await people.slack.closeView({ viewId: offer.id, all: true });
}

/** Presses *Show the result* where somebody was told that it is there. */
export async function showResult(people: People, user = people.user): Promise<SimView> {
  const { slack } = people;
  const told = slack.ephemerals(user);
  const { channel = '', id = '' } =
    told.findLast(({ blocks }) => JSON.stringify(blocks ?? []).includes(REHEARSAL.show)) ?? {};
  const known = new Set(slack.views.map((view) => view.id));
  const where = { user, channel, ephemeral: id, actionId: REHEARSAL.show };
  expect(await slack.click(where)).toMatchObject({ acked: true });
  return slack.waitFor(() => slack.views.find((view) => !known.has(view.id)));
}

/** Presses *Discard*. Resolves with what the modal says then. */
export async function discard({ slack }: People, { id, user, hash }: SimView): Promise<string> {
  await slack.click({ user, viewId: id, actionId: REHEARSAL.discard });
  const now = await slack.waitFor(() =>
    slack.views.find((view) => view.id === id && view.hash !== hash),
  );
  return wordsOf(now);
}
