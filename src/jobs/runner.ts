import { SlackReadError } from '../slack/read.ts';
import { type Context, earliest, type NextAt } from './context.ts';
import type { Event, Job, LaneJob, TaskJob } from './job.ts';
import { type Loop, startLoop } from './loop.ts';

/**
 * Runs the jobs of one workspace: each in a loop of its own, woken by what it comes after, and each
 * lane of a job in its own loop.
 */

export interface Runner {
  /** Wakes every job that comes after this. */
  emit(event: Event): void;
  /** Lets the jobs finish what they are doing; resolves when they have. */
  stop(): Promise<void>;
}

/** When the jobs of one workspace of many run, so that they do not all run at the same time. */
export interface Turn {
  /** The jobs begin then. Until then it is noted what wakes them. */
  begin: Promise<void>;
  /**
   * How much of its length a job's first pause has, from 0 to 1. It differs from workspace to workspace, so that their jobs
   * do not all run at the same time.
   */
  firstPause: number;
  /** Resolves when a job that others wake may run: people may have to be served before. */
  mayRun(signal: AbortSignal): Promise<void>;
}

/** @param turn default: the jobs begin at once, and all pauses are whole */
export function startRunner(
  context: Context,
  jobs: readonly Job[],
  { begin, firstPause, mayRun }: Partial<Turn> = {},
): Runner {
  const stopping = new AbortController();
  const loops = new Map<Job, Loop>();
  const causes = createCauses(jobs);
  let hasBegun = false;
  const early = new Set<string>();
  const emit = (cause: string) => {
    for (const job of causes.add(cause)) loops.get(job)?.wake();
    if (!hasBegun) early.add(cause);
    else for (const job of jobs) if (job.begins === cause && !loops.has(job)) start(job);
  };
  const lanes = new Map<string, Loop>();

  const runLanes = async (job: LaneJob): Promise<NextAt> => {
    for (const lane of await job.listLanes(context)) {
      const running = lanes.get(lane);
      if (running) running.wake();
      else lanes.set(lane, startLane(job, lane));
    }
    return null;
  };
  const startLane = (job: LaneJob, lane: string) =>
    startLoop(
      `${job.name} ${lane}`,
      () => job.runLane(context, lane, stopping.signal, emit).catch(passUnlessStopped),
      // An idle lane ends its loop; the job starts another one when there is work again.
      { clock: context.clock, log: context.log, onIdle: () => void lanes.delete(lane) },
    );

  const passUnlessStopped = (error: unknown): null => {
    if (stopping.signal.aborted && isCutShort(error, stopping.signal.reason)) return null;
    throw error;
  };

  const start = (job: Job) => {
    /** When it last ran: how much had been written by then, and when it wants to run again. */
    let last: { writes: number; nextAt: NextAt } | undefined;
    let pause = firstPause ?? 1;
    const again = (nextAt: NextAt) => {
      const everyMs = job.everyMs && job.everyMs * pause;
      pause = 1;
      return earliest([nextAt, everyMs === undefined ? null : context.clock.now() + everyMs]);
    };
    const isIdle = () =>
      job.ifWritten &&
      !causes.has(job) &&
      last?.writes === context.writes() &&
      (last.nextAt === null || context.clock.now() < last.nextAt);
    const run = async () => {
      if (last && isIdle()) return again(last.nextAt);
      const { signal } = stopping;
      // What nothing wakes looks at little.
      if (mayRun && job.after.length > 0) {
        await mayRun(signal);
        if (signal.aborted) return null;
      }
      const writes = context.writes();
      // A run that fails is tried again, whatever was written.
      last = undefined;
      if (!('run' in job)) causes.take(job);
      const nextAt =
        'run' in job
          ? await runTask(context, job, { causes, emit, signal }).catch(passUnlessStopped)
          : await runLanes(job);
      last = { writes, nextAt };
      if ('run' in job) emit(job.name);
      return again(nextAt);
    };
    loops.set(job, startLoop(job.name, run, context));
  };
  const beginJobs = () => {
    if (stopping.signal.aborted) return;
    hasBegun = true;
    for (const job of jobs) if (!job.begins || early.has(job.begins)) start(job);
  };
  if (begin) void begin.then(beginJobs);
  else beginJobs();
  return {
    emit,
    async stop() {
      stopping.abort();
      // First the jobs: one that is running may still start a lane.
      await Promise.all([...loops.values()].map((loop) => loop.stop()));
      await Promise.all([...lanes.values()].map((loop) => loop.stop()));
    },
  };
}

/** Whether a job has ended early because the runner stops: the next start does the rest. */
function isCutShort(error: unknown, reason: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.every((one) => isCutShort(one, reason));
  return error === reason || (error instanceof SlackReadError && error.isStopping);
}

/** Runs a task once, with what has caused it. */
export async function runTask(
  context: Context,
  job: TaskJob,
  { causes, emit, signal }: { causes: Causes; emit: (event: Event) => void; signal: AbortSignal },
): Promise<NextAt> {
  const taken = causes.take(job);
  try {
    return await job.run(context, { causes: taken, emit, signal });
  } catch (error) {
    causes.giveBack(job, taken);
    throw error;
  }
}

/** What has caused each job to run, since it last ran to its end. */
export interface Causes {
  /** @returns the jobs that come after it */
  add(cause: string): Job[];
  has(job: Job): boolean;
  take(job: Job): ReadonlySet<string>;
  giveBack(job: Job, causes: ReadonlySet<string>): void;
}

/** They wake every job. */
const FOR_ALL = new Set<string>(['clock', 'storage'] satisfies Event[]);

export function createCauses(jobs: readonly Job[]): Causes {
  const pending = new Map<Job, Set<string>>(jobs.map((job) => [job, new Set(['start'])]));
  const merge = (job: Job, causes: Iterable<string>) => {
    pending.set(job, new Set([...(pending.get(job) ?? []), ...causes]));
  };
  return {
    add(cause) {
      const woken = FOR_ALL.has(cause)
        ? [...jobs]
        : jobs.filter(({ after }) => after.includes(cause));
      for (const job of woken) merge(job, [cause]);
      return woken;
    },
    has: (job) => pending.has(job),
    take(job) {
      const causes = pending.get(job) ?? new Set();
      pending.delete(job);
      return causes;
    },
    giveBack: merge,
  };
}
