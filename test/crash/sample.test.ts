import { expect, test } from 'vitest';
import { crashAt, eachOf, play } from './play.ts';

/** A few points of every kind; `npm run test:crash` plays them all. */
const SAMPLE = [
  // An event is stored and not acknowledged.
  /^before ack 4$/,
  // A command has opened its run, with its receipt, and is not answered.
  /^before answer 1$/,
  // Claude has the batch, and the bot has not its id.
  /^after POST \/v1\/messages\/batches 1$/,
  // The verdicts are stored; then the run is to be closed and its summary written, then its cards.
  /^after commit .*\brequests\b.*\bverdicts\b.* 1$/,
  /^before commit outbox\+runs 1$/,
  /^after commit outbox\+runs 1$/,
  // The receipt has become the summary, and the bot does not know.
  /^after chat\.update 1$/,
  // Posts of which the bot does not know whether they were made: they were, they were not.
  /^after chat\.postMessage 1$/,
  /^before chat\.postMessage 3$/,
  /^after reactions\.add 2$/,
  // Somebody has done something, by a reaction and by a button: it is asked for and not taken.
  /^after commit acts\+reactions 2$/,
  /^after commit acts\+users 1$/,
  // It is taken with all that follows, of which nothing is to be seen yet.
  /^after commit acts\b.*\bflags\b.*\boutbox\b.*\bruns\b.* 2$/,
  // Settings are saved and do not count yet; somebody wants messages judged again; some are marked.
  /^after commit .*\bsettings\b.* 1$/,
  /^before commit .*\brejudgements\b.* 1$/,
  /^after commit .*\bmessages\b.*\brejudgements\b.* 1$/,
  // The card shows it, and the bot does not know.
  /^after chat\.update 3$/,
];

test('a bot that is killed anywhere does what it would have done, and nothing twice', async () => {
  const { seen, passed } = await play([]);
  const points = passed.flat();
  expect(points.length).toBeGreaterThan(400);

  const verdicts: Record<string, string> = {};
  await eachOf(SAMPLE, 4, async (pattern) => {
    const point = points.find((name) => pattern.test(name));
    if (point === undefined) throw new Error(`the day does not come to ${pattern}`);
    const verdict = await crashAt([point], seen);
    verdicts[point] = verdict.kind === 'not survived' ? verdict.difference : verdict.kind;
  });
  expect(verdicts).toEqual(
    Object.fromEntries(Object.keys(verdicts).map((point) => [point, 'survived'])),
  );
}, 600_000);
