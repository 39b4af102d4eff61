import { expect, test } from 'vitest';
import { readHealthFacts } from '../../src/store/health/facts.ts';
import { openHome } from '../people/homes.ts';
import { forgetMessage, forgetPerson, startAdmins } from '../privacy/stage.ts';

/** What is asked of the database again and again must not read more from year to year. */

const TEXTS = ['It crashes when I save', 'I love the new look', 'Please add a dark mode'];

test('nothing that people ask for, or that is watched, reads a whole table', async () => {
  const people = await startAdmins(TEXTS, { watchPlans: true });
  const { slack, channel, user, ben, sent, context } = people;
  const [first = '', second = ''] = sent;
  await people.sumUp();
  await people.press(ben, first, 'category', 'usability');
  await people.react(ben, first, 'eyes');
  for (const text of ['search crash', 'status', 'summary 7d', 'export csv', 'help']) {
    await people.type(text);
    await people.rest();
  }
  await openHome(people, user);
  await readHealthFacts(context.db);
  // A post of an integration comes again, and its original goes.
  const botId = slack.addIntegration({ name: 'Forms' });
  const [original = ''] = ['New: the login fails', 'New: the login fails'].map((text) =>
    slack.post({ channel, botId, text }),
  );
  await slack.idle();
  await people.sumUp();
  slack.delete({ channel, ts: original });
  await people.rest();
  await forgetMessage(people, second);
  await forgetPerson(people, user);
  expect(await people.wholeReads()).toEqual([]);
});
