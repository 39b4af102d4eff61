import { setImmediate as nextTick } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { backoffMs } from '../../src/core/delivery/backoff.ts';
import type { Context, NextAt } from '../../src/jobs/context.ts';
import type { Job, LaneJob, TaskJob } from '../../src/jobs/job.ts';
import { JOBS } from '../../src/jobs/registry.ts';
import { startRunner } from '../../src/jobs/runner.ts';
import { createTestClock, startStage } from '../harness.ts';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** Jobs need nothing of the context here but its clock, its log and how much was written. */
const context = (given: object = {}) =>
  ({ clock: createTestClock(), log: quiet, writes: () => 0, ...given }) as unknown as Context;

function start(jobs: Job[]) {
  const runner = startRunner(context(), jobs);
  onTestFinished(() => runner.stop());
  return runner;
}

/** A job that notes what caused each of its runs. */
function recorder(row: Partial<TaskJob> = {}) {
  const runs: string[][] = [];
  const job: TaskJob = {
    name: 'recorder',
    after: ['message'],
    async run(_context, { causes }) {
      runs.push([...causes].sort());
      return null;
    },
    ...row,
  };
  return { runs, job };
}

async function rest() {
  for (let n = 0; n < 20; n++) await nextTick();
}

test('a job runs at the start, then after what it comes after', async () => {
  const { runs, job } = recorder();
  const { emit } = start([job]);
  await rest();
  emit('home');
  await rest();
  emit('message');
  await rest();
  expect(runs).toEqual([['start'], ['message']]);
});

test('a job that has run wakes those after it', async () => {
  const first = recorder({ name: 'first' });
  const second = recorder({ name: 'second', after: ['first'] });
  const { emit } = start([second.job, first.job]);
  await rest();
  second.runs.length = 0;
  emit('message');
  await rest();
  expect(second.runs).toEqual([['first']]);
});

test('a job begins with its event', async () => {
  const { runs, job } = recorder({ begins: 'connected' });
  const { emit } = start([job]);
  emit('message');
  await rest();
  expect(runs).toEqual([]);
  emit('connected');
  await rest();
  expect(runs).toEqual([['message', 'start']]);
});

test('a job that fails is given the same causes again', async () => {
  const runs: string[][] = [];
  const { emit } = start([
    {
      name: 'sweep',
      after: ['reconnected', 'channel'],
      async run(_context, { causes }) {
        runs.push([...causes].sort());
        if (runs.length === 1) throw new Error('Slack is out');
        return null;
      },
    },
  ]);
  await rest();
  emit('channel');
  await rest();
  emit('reconnected');
  await rest();
  expect(runs).toEqual([['start'], ['channel', 'start'], ['reconnected']]);
});

test('an idle lane ends its loop, and another one is started when it has work again', async () => {
  const work = new Map<string, number>();
  const runs: string[] = [];
  const deliver: LaneJob = {
    name: 'deliver',
    after: ['command'],
    listLanes: async () => [...work.keys()],
    async runLane(_context, lane): Promise<NextAt> {
      runs.push(lane);
      work.delete(lane);
      return null;
    },
  };
  const { emit } = start([deliver]);
  await rest();
  for (const round of ['one', 'two']) {
    work.set('reactions', 1);
    work.set(`posts ${round}`, 1);
    emit('command');
    await rest();
  }
  expect(runs.sort()).toEqual(['posts one', 'posts two', 'reactions', 'reactions']);
});

test('every name that a job comes after is a job or an event, and none is both', () => {
  const events = [
    'channel read',
    'channel',
    'reconnected',
    'message',
    'file',
    'act',
    'command',
    'question',
    'judged',
    'home',
    'departure',
    'emoji',
    'settings',
    'forget',
    'clock',
  ];
  expect(JOBS.filter(({ name }) => events.includes(name))).toEqual([]);
  const known = new Set([...events, ...JOBS.map(({ name }) => name)]);
  for (const { name, after } of JOBS) {
    expect({ name, unknown: after.filter((cause) => !known.has(cause)) }).toEqual({
      name,
      unknown: [],
    });
  }
});

test('a job that is added to the registry runs on the stage as well', async () => {
  const { runs, job } = recorder();
  (JOBS as Job[]).push(job);
  onTestFinished(() => void (JOBS as Job[]).splice(JOBS.indexOf(job), 1));
  const stage = await startStage();
  await stage.step();
  expect(runs).toEqual([['start']]);
});

test('a job that ends early because the bot stops has not failed, and another error has', async () => {
  const failures: unknown[] = [];
  const log = { ...quiet, error: ({ err }: { err?: unknown }) => void failures.push(err) };
  const waiting = (name: string, error: (signal: AbortSignal) => unknown): TaskJob => ({
    name,
    after: [],
    run: (_context, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(error(signal)));
      }),
  });
  const bug = new Error('a bug');
  const runner = startRunner(context({ log }), [
    waiting('early', ({ reason }) => reason),
    waiting('broken', () => bug),
  ]);
  await runner.stop();
  expect(failures).toEqual([bug]);
});

test('a job that looks only for what was written rests while nothing is', async () => {
  let written = 0;
  const clock = createTestClock();
  const failing: Error[] = [];
  const { runs, job } = recorder({ everyMs: 2_000, ifWritten: true });
  const inner = job.run;
  job.run = async (given, wake) => {
    const nextAt = await inner(given, wake);
    const error = failing.shift();
    if (error) throw error;
    return nextAt;
  };
  const runner = startRunner(context({ clock, writes: () => written }), [job]);
  onTestFinished(() => runner.stop());
  const pass = async (ms = 2_000) => {
    await rest();
    clock.jump(ms);
    clock.fire(ms);
    await rest();
  };
  await pass();
  await pass();
  expect(runs).toEqual([['start']]);
  written += 1;
  await pass();
  expect(runs).toEqual([['start'], []]);
  await pass();
  expect(runs).toHaveLength(2);
  runner.emit('message');
  await rest();
  expect(runs).toEqual([['start'], [], ['message']]);
  // What has failed is tried again, although nothing was written.
  failing.push(new Error('a bug'));
  written += 1;
  await pass();
  expect(runs).toHaveLength(4);
  await pass(backoffMs(1));
  expect(runs).toHaveLength(5);
});

test('jobs that begin later miss nothing, and do not begin once it was stopped', async () => {
  const { promise: begin, resolve } = Promise.withResolvers<void>();
  const first = recorder();
  const connected = recorder({ name: 'second', begins: 'connected' });
  const runner = startRunner(context(), [first.job, connected.job], { begin });
  runner.emit('connected');
  runner.emit('message');
  await rest();
  expect([first.runs, connected.runs]).toEqual([[], []]);
  resolve();
  await rest();
  expect(first.runs).toEqual([['message', 'start']]);
  expect(connected.runs).toEqual([['message', 'start']]);
  await runner.stop();

  const late = recorder();
  const { promise: never, resolve: tooLate } = Promise.withResolvers<void>();
  const stopped = startRunner(context(), [late.job], { begin: never });
  await stopped.stop();
  tooLate();
  await rest();
  expect(late.runs).toEqual([]);
});

test('the first pause of a job is shorter, so that those of many workspaces run at different times', async () => {
  const clock = createTestClock();
  const { runs, job } = recorder({ everyMs: 1_000 });
  const runner = startRunner(context({ clock }), [job], { firstPause: 0.25 });
  onTestFinished(() => runner.stop());
  /** Time passes until a pause of this length is over. */
  const pass = async (ms: number) => {
    await rest();
    clock.jump(ms);
    clock.fire(ms);
    await rest();
  };
  await pass(250);
  expect(runs).toHaveLength(2);
  // The next one is whole.
  await pass(250);
  expect(runs).toHaveLength(2);
  await pass(1_000);
  expect(runs).toHaveLength(3);
});
