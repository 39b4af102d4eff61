import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../core/durations.ts';
import { listOpenLanes } from '../store/delivery/queue.ts';
import { checkpoint } from './checkpoint.ts';
import type { Context } from './context.ts';
import { checkEmoji } from './delivery/check-emoji.ts';
import { flushLane } from './delivery/flush.ts';
import { retryHeld } from './delivery/hold.ts';
import { refreshDigests } from './digest/refresh.ts';
import { runExports } from './export/run.ts';
import { drawHomes } from './home/draw.ts';
import { readChangedFiles } from './intake/changed-files.ts';
import { greetInviters } from './intake/greet.ts';
import { lookUpNames } from './intake/names.ts';
import { sweepRegularly } from './intake/sweep.ts';
import type { Job } from './job.ts';
import { findDepartures } from './people/departures.ts';
import { remind } from './people/remind.ts';
import { takeActs } from './people/take-acts.ts';
import { expire } from './privacy/expire.ts';
import { forget } from './privacy/forget.ts';
import { advanceRuns } from './runs/advance.ts';
import { listExpressLanes, runExpressLane } from './runs/lanes/express.ts';
import { judgeAsTheyCome } from './runs/live.ts';
import { rejudge } from './runs/rejudge.ts';
import { removeBatches } from './runs/remove-batches.ts';
import { retryAfterStart } from './runs/retry.ts';
import { runSchedules } from './runs/schedule.ts';
import { indexWords } from './search.ts';
import { listRehearsalLanes, runRehearsalLane } from './settings/rehearse.ts';
import { takeThemeActs } from './themes/take-acts.ts';
import { watchClock } from './watch-clock.ts';
import { watchStorage } from './watch-storage.ts';

/**
 * Every job of the bot: what it does, and what wakes it. `runner.ts` runs them side by side; the
 * tests run the same rows by hand, in this order.
 */

/** A job that is due only when something wakes it. */
const whenWoken = (work: (context: Context) => Promise<void>) => async (context: Context) => {
  await work(context);
  return null;
};

export const JOBS: readonly Job[] = [
  // A clock that is set back would let everything wait by as much.
  { name: 'watch clock', run: watchClock, after: [], everyMs: 2 * SECOND_MS },
  { name: 'watch storage', run: watchStorage, after: [], everyMs: 10 * SECOND_MS, routine: true },
  {
    name: 'sweep',
    run: sweepRegularly,
    // After the connection, so that no message can fall between the sweep and the first event.
    begins: 'connected',
    after: ['channel', 'reconnected'],
    everyMs: 3 * MINUTE_MS,
    routine: true,
  },
  { name: 'changed files', run: readChangedFiles, after: ['file'], routine: true },
  { name: 'greet', run: greetInviters, after: ['sweep'], routine: true },
  {
    name: 'names',
    run: lookUpNames,
    after: ['message', 'command', 'home', 'sweep'],
    routine: true,
  },
  {
    name: 'departures',
    run: whenWoken(findDepartures),
    after: ['departure'],
    everyMs: HOUR_MS,
    routine: true,
  },
  {
    name: 'acts',
    run: whenWoken(takeActs),
    after: ['message', 'act', 'sweep', 'changed files', 'departures'],
    // Reactions that waited for a card become acts when it is posted, which wakes nothing.
    everyMs: 2 * SECOND_MS,
    ifWritten: true,
  },
  {
    name: 'theme acts',
    run: whenWoken(takeThemeActs),
    after: ['act'],
    everyMs: 2 * SECOND_MS,
    ifWritten: true,
  },
  { name: 'homes', run: drawHomes, after: ['home'], routine: true },
  { name: 'schedule', run: runSchedules, after: ['settings', 'sweep'], routine: true },
  { name: 'rejudge', run: rejudge, after: ['settings'] },
  {
    name: 'rehearse',
    listLanes: listRehearsalLanes,
    runLane: runRehearsalLane,
    after: ['settings'],
  },
  // Messages that another run has left pending are looked for every minute.
  {
    name: 'live',
    run: judgeAsTheyCome,
    after: ['message', 'sweep', 'changed files', 'settings', 'acts'],
    everyMs: MINUTE_MS,
  },
  // Once, at the start.
  { name: 'mended', run: whenWoken(retryAfterStart), after: [], routine: true },
  {
    name: 'advance',
    run: advanceRuns,
    after: ['command', 'channel read', 'schedule', 'live', 'rejudge', 'mended', 'judged'],
  },
  { name: 'express', listLanes: listExpressLanes, runLane: runExpressLane, after: ['advance'] },
  { name: 'remove batches', run: removeBatches, after: ['advance'], routine: true },
  // Flags are opened and closed in many places: a reminder is at most this late.
  { name: 'remind', run: remind, after: ['settings', 'sweep'], everyMs: 10 * MINUTE_MS },
  { name: 'export', run: runExports, after: ['command'] },
  { name: 'index', run: (context) => indexWords(context), after: [], routine: true },
  { name: 'expire', run: expire, after: ['sweep'], routine: true },
  { name: 'forgetting', run: forget, after: ['forget', 'expire'] },
  {
    name: 'refresh',
    run: refreshDigests,
    after: ['advance', 'judged', 'acts', 'theme acts', 'forgetting'],
  },
  {
    name: 'emoji list',
    run: whenWoken(checkEmoji),
    begins: 'connected',
    after: ['emoji', 'settings'],
    everyMs: 6 * HOUR_MS,
    routine: true,
  },
  {
    name: 'checkpoint',
    run: checkpoint,
    after: ['advance'],
    everyMs: MINUTE_MS,
    routine: true,
  },
  { name: 'holds', run: retryHeld, after: [], everyMs: 5 * MINUTE_MS, routine: true },
  {
    name: 'deliver',
    listLanes: ({ db }) => listOpenLanes(db),
    runLane: flushLane,
    after: [
      'command',
      'question',
      'greet',
      'acts',
      'theme acts',
      'advance',
      'judged',
      'refresh',
      'forgetting',
      'remind',
      'export',
      'holds',
      'emoji list',
    ],
    // Effects are added in many places, and most of them wake it.
    everyMs: 2 * SECOND_MS,
    ifWritten: true,
  },
];
