import { expect, test } from 'vitest';
import { MODES, play } from './play.ts';

/**
 * A few deploys while people use the bot. `npm run test:rolling` makes twenty in each mode and measures how long
 * people waited; here the machine may be too busy for such a bound.
 */
test.each(MODES)('with %s, nothing is lost and nothing done twice', async (mode) => {
  const { restarts, ledger, faults } = await play({
    mode,
    times: 2,
    // Slack's own are at once, and after one minute and five.
    retryDelaysMs: [0, ...Array(180).fill(1_000)],
  });
  expect(faults).toEqual([]);
  expect(restarts.map(({ code }) => code)).toEqual([0, 0]);
  expect(ledger.posted.size).toBeGreaterThan(10);
  expect(ledger.answers.length).toBeGreaterThan(10);
});
