import { expect, test } from 'vitest';
import { tally, tallyCards } from '../../demo/tally.ts';
import { BUG, NOISE, PRAISE, startPeople } from '../people/stage.ts';

/** Texts that a flag rule matches. */
const BUGS = [BUG, 'It crashes on login', 'The app crashes', 'Sync crashes', 'The map crashes'];

const NOTHING = { claimed: 0, resolved: 0, dismissed: 0, corrected: 0, undone: 0 };

test('acts are counted as the cards show them now', async () => {
  const people = await startPeople(BUGS);
  const { slack, channel, ben, cleo, sent } = people;
  await people.sumUp();
  expect(tallyCards(slack, channel)).toEqual(NOTHING);

  const [claimed = '', resolved = '', dismissed = '', corrected = '', undone = ''] = sent;
  await people.react(ben, claimed, 'eyes');
  await people.press(cleo, resolved, 'resolve');
  await people.react(cleo, people.card(dismissed).ts, 'no_good');
  await people.react(ben, corrected, 'bulb');
  await people.react(ben, undone, 'eyes');
  await people.takeBack(ben, undone, 'eyes');
  expect(tallyCards(slack, channel)).toEqual({
    claimed: 1,
    resolved: 1,
    dismissed: 1,
    corrected: 1,
    undone: 1,
  });

  await people.takeBack(ben, claimed, 'eyes');
  await people.press(cleo, undone, 'claim');
  expect(tallyCards(slack, channel)).toMatchObject({ claimed: 1, undone: 1 });
});

test('people’s texts and blocks are not counted', async () => {
  const words = 'Crashes! Claimed by Ben, resolved by Cleo, not an issue, category set by Ben';
  const people = await startPeople([words]);
  const { slack, channel, user } = people;
  await people.sumUp();
  slack.post({
    channel,
    user,
    threadTs: people.digest().ts,
    text: words,
    metadata: { event_type: 'winnow_card', event_payload: {} },
    blocks: ['state-claimed', 'state-resolved', 'category-person', 'taken-back'].map(
      (block_id) => ({
        type: 'rich_text',
        block_id,
        elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: words }] }],
      }),
    ),
  });
  await people.rest();
  expect(tallyCards(slack, channel)).toEqual(NOTHING);
});

test('only the bot’s reactions for categories are counted', async () => {
  const people = await startPeople([BUG, PRAISE, NOISE]);
  const { slack, channel, ben, sent } = people;
  await people.sumUp();
  const [bug = '', praise = ''] = sent;
  expect(people.reactionsOf(bug)).toEqual(['bug', 'triangular_flag_on_post']);
  const counted = { collected: 3, classified: 3, reactions: 2, digests: 1, flagged: 1, dead: 0 };
  expect(tally(slack, channel)).toMatchObject(counted);

  await people.react(ben, bug, 'white_check_mark');
  await people.react(ben, praise, 'tada');
  expect(people.reactionsOf(bug)).toEqual(['bug']);
  expect(tally(slack, channel)).toMatchObject(counted);
});
