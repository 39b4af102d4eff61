import { setImmediate as nextTick } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { Context, NextAt } from '../../src/jobs/context.ts';
import type { Job, LaneJob, TaskJob } from '../../src/jobs/job.ts';
import { JOBS } from '../../src/jobs/registry.ts';
import { startRunner } from '../../src/jobs/runner.ts';
import { createTestClock, startStage } from '../harness.ts';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** Jobs need nothing of the context here but its clock and log. */
const context = () => ({ clock: createTestClock(), log: quiet }) as unknown as Context;

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
  const runner = startRunner({ clock: createTestClock(), log } as unknown as Context, [
    waiting('early', ({ reason }) => reason),
    waiting('broken', () => bug),
  ]);
  await runner.stop();
  expect(failures).toEqual([bug]);
});
