import { expect, test } from 'vitest';
import { crashAt, play, UNDISTURBED } from './play.ts';

/**
 * Points of every kind, each series on a day of its own. Each process of a day dies at the first of its
 * points that matches its pattern; the next process has recovered before it comes to its own. `npm run
 * test:crash` plays every point, each on a day of its own.
 */
const ON_RUNS: Record<string, RegExp[]> = {
  one: [
    // An event is stored and not acknowledged.
    /^before ack 4$/,
    // The receipt says something new, which is not stored.
    /^before commit outbox\+runs 1$/,
    // The receipt says how far the run is, and the bot does not know.
    /^after chat\.update 1$/,
    // A reaction is made, and the bot does not know.
    /^after reactions\.add 2$/,
    // Somebody does not want to wait: it is committed, and Claude is not told.
    /^after commit batches\+runs\+users\b/,
    // An express call is answered, and the answer is lost.
    /^after POST \/v1\/messages 1$/,
    // Somebody has done something, by a reaction: it is asked for and not taken.
    /^after commit acts\+reactions 1$/,
    // Somebody wants messages judged again.
    /^before commit .*\brejudgements\b/,
  ],
  two: [
    // A command has opened its run, with its receipt, and is not answered.
    /^before answer 1$/,
    // Claude has the batch, and the bot has not its id.
    /^after POST \/v1\/messages\/batches 1$/,
    // A post of which the bot does not know whether it was made: it was not.
    /^before chat\.postMessage 2$/,
    // Somebody has done something, by a button: it is asked for and not taken.
    /^after commit acts\+users 1$/,
    // Settings are saved and do not count yet.
    /^after commit .*\bsettings\b/,
    // Some messages are marked to be judged again.
    /^after commit .*\bmessages\b.*\brejudgements\b/,
  ],
  three: [
    // A post of which the bot does not know whether it was made: it was.
    /^after chat\.postMessage 1$/,
    // The receipt says something new, which is stored and not shown.
    /^after commit outbox\+runs 1$/,
    // The verdicts of the first batch are stored.
    /^after commit .*\brequests\b.*\bverdicts\b/,
    // Somebody does not want to wait: Claude has been asked to end the other, and the bot does not know.
    /^after POST .*\/cancel 1$/,
    // Express calls are about to begin, which may be paid from now on.
    /^after commit requests\b/,
    // The messages are in themes; then the run is to be closed and its summary written.
    /^after commit .*\btheme_members\b/,
    // The summary is written, and its cards are not.
    /^before commit cards\+outbox 1$/,
    // An act is taken with all that follows, of which nothing is to be seen yet.
    /^after commit acts\b.*\bflags\b.*\boutbox\b.*\bruns\b/,
    // The card shows it, and the bot does not know.
    /^after chat\.update 1$/,
  ],
};

const ON_LIVE: Record<string, RegExp[]> = {
  four: [
    // A message is claimed by the run of the day, and not asked about.
    /^after commit .*\bbatches\b.*\brequests\b/,
    // Claude has answered, and the answer is lost.
    /^after POST \/v1\/messages 1$/,
    // The verdict is stored, and the post of the day is not there yet.
    /^after commit .*\bflags\b.*\bverdicts\b/,
    // The post of the day is there, and the bot does not know.
    /^after chat\.postMessage 1$/,
    // The summary is written.
    /^before commit .*\boutbox\b.*\bruns\b/,
    // A message is to be forgotten; a person is, and what was posted about it still shows what they wrote.
    /^after commit .*\bforgettings\b/,
    /^after commit .*\bforgettings\b.*\bverdicts\b/,
  ],
  five: [
    // A rehearsal is offered, and the person does not see it.
    /^after commit rehearsal_verdicts\+rehearsals\+users\b/,
    // Its price is accepted, and nothing is asked yet.
    /^after commit rehearsals \d/,
    // Claude has answered, and the answer is lost.
    /^after POST \/v1\/messages 1$/,
    // The first answer is stored.
    /^after commit rehearsal_verdicts\+rehearsals \d/,
    // It is done, and the person is not told yet.
    /^after commit outbox\+rehearsals\b/,
    // It is adopted, and the settings do not count yet.
    /^after commit .*\brehearsals\b.*\bsettings\b/,
  ],
};

const ON_DUE: RegExp[] = [
  // A planned run is open, and Claude has no batch yet.
  /^before POST \/v1\/messages\/batches 1$/,
  // It is time to finish: the rest is to be judged express.
  /^after commit .*\brequests\b.*\bruns\b/,
  // Claude has been asked to cancel the batch, and the bot does not know.
  /^after POST .*\/cancel 1$/,
  // An answer is lost.
  /^after POST \/v1\/messages \d/,
  // What the canceled batch has answered is stored.
  /^before commit .*\bverdicts\b/,
  // The summary is written.
  /^before commit .*\boutbox\b.*\bruns\b/,
];

const killed = (crashes: RegExp[] = []) => ({ ...UNDISTURBED, crashes });

const undisturbed = play('runs', UNDISTURBED);
const undisturbedLive = play('live', UNDISTURBED);

test('an undisturbed day comes to every kind of point', async () => {
  const { passed } = await undisturbed;
  expect(passed.flat().length).toBeGreaterThan(400);
});

test.concurrent.each(Object.keys(ON_RUNS))(
  'a bot that is killed on day %s does what it would have done, and nothing twice',
  async (name) => {
    const expected = undisturbed.then(({ seen }) => seen);
    const verdict = await crashAt('runs', killed(ON_RUNS[name]), expected);
    expect(verdict).toMatchObject({ kind: 'survived' });
  },
  600_000,
);

test.concurrent.each(Object.keys(ON_LIVE))(
  'a bot that judges messages as they come and is killed on day %s does so as well',
  async (name) => {
    const expected = undisturbedLive.then(({ seen }) => seen);
    const verdict = await crashAt('live', killed(ON_LIVE[name]), expected);
    expect(verdict).toMatchObject({ kind: 'survived' });
  },
  600_000,
);

test('a bot whose summaries are due before its batches have ended, and that is killed, does so as well', async () => {
  const { seen } = await play('due', UNDISTURBED);
  const verdict = await crashAt('due', killed(ON_DUE), seen);
  expect(verdict).toMatchObject({ kind: 'survived' });
}, 600_000);
