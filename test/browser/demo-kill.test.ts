import { expect, test } from 'vitest';
import { openDemo } from './demo-stage.ts';

/** What is promised can be tried by hand: nothing lost, nothing twice. */

test('the bot is killed in the middle of a run, started again, and finishes', async () => {
  const demo = await openDemo({ messages: 40, batchMs: 4000 });
  const { page, underneath } = demo;
  await demo.run();
  await underneath('Claude')
    .getByText(/^in progress for/)
    .first()
    .waitFor();
  await underneath('Bot').getByRole('button', { name: 'Kill' }).click();
  await underneath('Bot').getByText('killed with SIGKILL').first().waitFor();
  expect(await underneath('Bot').getByRole('button', { name: 'Kill' }).isDisabled()).toBe(true);

  // Meanwhile somebody writes.
  await demo.composer.fill('Written while nobody listened: it crashes');
  await demo.composer.press('Enter');
  await underneath('Bot').getByRole('button', { name: 'Start' }).click();
  await underneath('Bot')
    .getByText(/^running/)
    .first()
    .waitFor();
  await demo.until('all reactions', () => demo.tally().classified === 40, 40_000);
  await demo.openSummary();

  // What was written meanwhile goes into the next one.
  await demo.run();
  await demo.until('the rest', () => demo.tally().classified === 41, 40_000);
  await demo.until('two summaries', () => demo.tally().digests === 2);
  const { reactions, classified } = demo.tally();
  expect(reactions).toBeLessThanOrEqual(classified);
  expect(demo.standIns.claude.batches().map(({ requests }) => requests.length)).toEqual([
    1, 10, 10, 10, 10,
  ]);
  await page.getByText('Written while nobody listened').first().waitFor();
}, 120_000);

test('Claude expires, the socket is cut: told underneath, and made up for', async () => {
  const demo = await openDemo({ messages: 20 });
  const { underneath } = demo;
  await underneath('Claude').getByRole('combobox').selectOption('expiring');
  await demo.run();
  await underneath('Claude').getByText('5 answered, 5 expired').first().waitFor();
  await demo.until('half of it', () => demo.tally().classified === 10);
  await underneath('Claude').getByRole('combobox').selectOption('normal');
  await underneath('Connection').getByRole('button', { name: 'Cut the socket' }).click();
  await underneath('Connection').getByText('none is open').first().waitFor();
  await underneath('Connection').getByText('one is open').first().waitFor();
  await demo.run();
  await demo.until('the other half', () => demo.tally().classified === 20, 30_000);
}, 120_000);
