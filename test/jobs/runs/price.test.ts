import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { startPeople } from '../../people/stage.ts';

test('the price that is said before goes by what is sent', async () => {
  const people = await startPeople([]);
  const { slack, channel, ben } = people;
  const ts = slack.post({ channel, user: ben, text: `It crashes ${'long '.repeat(7900)}` });
  for (let n = 0; n < 500; n++) {
    slack.post({ channel, user: ben, text: `${n} ${'x'.repeat(500)}`, threadTs: ts });
  }
  await slack.idle();
  const said = Number(/\$([\d.]+)/.exec(await people.type('status'))?.[1]);
  await people.sumUp();
  const [{ nano } = { nano: 0 }] = await people.rows<{ nano: number }>(
    sql`select sum(nano_usd) as nano from batches`,
  );
  expect(said).toBeGreaterThanOrEqual(nano / 1e9);
  expect(said).toBeLessThan((nano / 1e9) * 4);
});
