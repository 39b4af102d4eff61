import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { BUG, DAY_MS, IDEA, PRAISE, words } from '../people/stage.ts';
import { forgetMessage, startAdmins } from './stage.ts';

/** A message that people were asked about is forgotten. */

test('its words leave the question, nobody answers it any more, and the others stay', async () => {
  const people = await startAdmins([BUG, IDEA, PRAISE]);
  const { slack, channel, user } = people;
  await people.sumUp();
  people.clock.jump(7 * DAY_MS);
  slack.post({ channel, user, text: 'How do I invite a colleague?' });
  await slack.idle();
  await people.sumUp();
  const [asked] = await people.rows(
    sql<{ ts: string; text: string }>`select messages.ts, text from honesty_questions
      join messages on messages.ts = honesty_questions.ts where text = ${BUG}`,
  );
  const show = () =>
    slack
      .thread(channel, people.digest().ts)
      .filter(({ metadata }) => metadata?.event_type === 'winnow_honesty')
      .map(({ blocks }) => ({ said: words(blocks), blocks: JSON.stringify(blocks) }));
  expect(show()[0]?.said).toContain(BUG);

  await forgetMessage(people, asked?.ts ?? '');
  const [shown] = show();
  expect(shown?.said).not.toContain(BUG);
  expect(shown?.said).toContain('(forgotten)');
  expect(shown?.said).toContain(IDEA);
  expect(shown?.blocks).not.toContain(`about-${channel}-${asked?.ts}`);
  expect(shown?.blocks).toContain('honesty_right');
});
