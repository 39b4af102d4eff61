import { expect, test } from 'vitest';
import { askWhy, triage, wordsOf } from './modals.ts';
import { BUG, DAY_MS, FLAG, NOISE, startSummedUp } from './stage.ts';

/** *Why?*: the words, the rule, the model and the examples. */

test('of a flagged message: what was judged, how, by which rule and by whom', async () => {
  const text =
    'It crashes when I save <https://example.com|the file> &amp; *then* some\nsecond line';
  const people = await startSummedUp([text]);
  const [ts = ''] = people.sent;
  const view = await askWhy(people, people.ben, people.card(ts));
  expect(view.user).toBe(people.ben);
  const said = wordsOf(view);
  expect(said).toContain('the file (https://example.com) & *then* some\nsecond line');
  expect(said).toContain(':bug: Bug');
  expect(said).toContain('medium urgency');
  // The stand-in names itself: these are no verdicts of Claude's.
  expect(said).toMatch(/By keyword rules, \d+% sure\./);
  expect(said).not.toContain('Claude');
  expect(said).toContain('Bug: Something is broken');
  expect(said).toContain('Flagged: bug, medium urgency, negative sentiment.');
  expect(said).toContain('keyword-rules · taxonomy 1');
  expect(said).toContain('No examples were shown with it.');
});

test('of a corrected one: whose category, and what Claude had said', async () => {
  const people = await startSummedUp([BUG]);
  const [ts = ''] = people.sent;
  await people.react(people.ben, ts, 'bulb');
  const corrected = wordsOf(await askWhy(people, people.cleo, people.card(ts)));
  expect(corrected).toMatch(/ben set the category\. Keyword rules had said :bug: Bug, \d+% sure/);
  expect(corrected).toContain('Feature request: Asks for something');
  await people.takeBack(people.ben, ts, 'bulb');
  await people.react(people.ben, people.card(ts).ts, '+1');
  const confirmed = wordsOf(await askWhy(people, people.cleo, people.card(ts)));
  expect(confirmed).toContain('ben confirmed the category.');
});

test('of one that a person flagged', async () => {
  const people = await startSummedUp([NOISE]);
  const [ts = ''] = people.sent;
  await people.react(people.ben, ts, FLAG);
  const said = wordsOf(await askWhy(people, people.cleo, people.card(ts)));
  expect(said).toContain('Flagged by ben.');
  expect(said).toContain('Not feedback: Nothing that a product team could learn from');
});

test('the examples that it was judged with, by people’s right answers', async () => {
  const earlier = 'The upload crashes when the spreadsheet is large';
  const people = await startSummedUp([earlier, 'I love the new look']);
  const { slack, channel, user, ben } = people;
  const [first = ''] = people.sent;
  await people.react(ben, first, 'confounded');
  people.clock.jump(DAY_MS);
  const ts = slack.post({ channel, user, text: 'The upload crashes with a large spreadsheet' });
  const unlike = slack.post({ channel, user, text: 'Payment fails at checkout, urgent' });
  await slack.idle();
  await people.sumUp();
  const said = wordsOf(await askWhy(people, ben, people.card(ts)));
  expect(said).toContain('Examples that were shown with it');
  expect(said).toContain(`${earlier} · :confounded: Usability`);
  const other = wordsOf(await askWhy(people, ben, people.card(unlike)));
  expect(other).toContain('No examples were shown with it.');
  // What people hold to be right is what is shown: by now it is something else.
  await people.react(people.cleo, first, 'bug');
  const again = wordsOf(await askWhy(people, ben, people.card(ts)));
  expect(again).toContain(`${earlier} · :bug: Bug`);
});

test('after an edit it does not pass the new words off as those that were judged', async () => {
  const people = await startSummedUp([BUG]);
  const { slack, channel } = people;
  const [ts = ''] = people.sent;
  slack.edit({ channel, ts, text: 'Never mind, all is fine' });
  await slack.idle();
  const said = wordsOf(await askWhy(people, people.ben, people.card(ts)));
  expect(said).toMatch(/edited after it was classified/);
  expect(said).not.toMatch(/What was judged[^\n]*\n+Never mind/);
});

test('from within the modal of the shortcut, on top of it', async () => {
  const people = await startSummedUp([BUG]);
  const [ts = ''] = people.sent;
  const below = await triage(people, people.ben, ts);
  const above = await askWhy(people, people.ben, { viewId: below.id });
  expect(above.previousViewId).toBe(below.id);
  expect(wordsOf(above)).toContain('Flagged: bug, medium urgency, negative sentiment.');
});

test('of very long words and of hostile ones it is still a modal', async () => {
  const people = await startSummedUp([
    `It crashes ${'and crashes '.repeat(1500)}`,
    'It crashes <!channel> <@U000> `code` ```block``` &lt;b&gt;',
  ]);
  const { slack, ben } = people;
  for (const ts of people.sent) {
    const view = await askWhy(people, ben, people.card(ts));
    expect(wordsOf(view)).toContain('It crashes');
    expect(slack.pings({ text: '', blocks: view.view.blocks as never })).toEqual([]);
  }
  expect(people.logs.some(({ message }) => message.includes('could not be shown'))).toBe(false);
});
