import { expect, test } from 'vitest';
import { REHEARSAL } from '../../src/slack/blocks/actions.ts';
import { BUG, IDEA, NOISE, PRAISE, startSummedUp } from '../people/stage.ts';
import { openSettings, save, values, wordsOf } from './stage.ts';

/** Trying settings, as people see it. */

test('from the form to the settings in force, and nothing is saved before', async () => {
  const people = await startSummedUp([BUG, IDEA, PRAISE, NOISE]);
  const { slack, user } = people;
  const press = async (viewId: string, actionId: string, typed = {}) => {
    const known = new Set(slack.views.map(({ id }) => id));
    await slack.click({ user, viewId, actionId, ...typed });
    return slack.waitFor(() => slack.views.find(({ id }) => !known.has(id)));
  };
  const form = await openSettings(people);
  const typed = values(form, { 'c-feature_request-name': '' });
  const offer = await press(form.id, REHEARSAL.try, { values: typed });
  expect(wordsOf(offer)).toMatch(/Classify 4 recent messages, as if .* for at most about \$/);
  expect(wordsOf(await save(people, offer, {}))).toMatch(/I am trying them/);
  const before = people.context.settings.taxonomy;
  await people.settle();
  expect(people.told(user).at(-1)).toMatch(/have been tried/);
  expect(people.context.settings.taxonomy).toEqual(before);

  await slack.closeView({ viewId: offer.id, all: true });
  const again = await openSettings(people);
  const result = await press(again.id, REHEARSAL.show);
  expect(wordsOf(result)).toContain('1 of 4 messages gets another category');
  expect(wordsOf(result)).toContain(IDEA);
  expect(wordsOf(await save(people, result, {}))).toMatch(/^Saved/);
  const keys = people.context.settings.taxonomy.categories.map(({ key }) => key);
  expect(keys).not.toContain('feature_request');
});
