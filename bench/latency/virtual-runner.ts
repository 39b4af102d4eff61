import { type Context, earliest, type NextAt } from '../../src/jobs/context.ts';
import type { Event, Job } from '../../src/jobs/job.ts';
import { createCauses, runTask } from '../../src/jobs/runner.ts';
import type { VirtualClock } from './virtual-clock.ts';

/**
 * Runs the jobs of the registry as `jobs/runner.ts` does, each beside the others, but by a clock that is
 * moved from one due time to the next. Jobs run when they are woken or due, and not every few seconds
 * for what nothing has woken them: a month of that would be millions of looks at nothing. Jobs that
 * begin with the connection to Slack do not run, as there is none.
 */
export interface VirtualRunner {
  emit(cause: Event | 'schedule'): void;
  nextAt(): NextAt;
  /** Runs what is due. @throws what a job has thrown: nothing fails here */
  runDue(): void;
}

interface Task {
  work: () => Promise<NextAt>;
  running: boolean;
  woken: boolean;
  dueAt: NextAt;
  onIdle?: () => void;
}

const toTask = (work: Task['work']): Task => ({ work, running: false, woken: false, dueAt: null });

export function createVirtualRunner(
  context: Context,
  jobs: readonly Job[],
  clock: VirtualClock,
): VirtualRunner {
  const causes = createCauses(jobs);
  const { signal } = new AbortController();
  const failures: unknown[] = [];
  const tasks = new Map<Job, Task>();
  const lanes = new Map<string, Task>();

  const run = async (task: Task) => {
    task.running = true;
    try {
      while (task.woken) {
        task.woken = false;
        task.dueAt = await task.work();
        clock.notice();
      }
    } catch (error) {
      failures.push(error);
    }
    task.running = false;
    if (task.dueAt === null) task.onIdle?.();
  };
  const wake = (task: Task | undefined) => {
    if (!task) return;
    clock.notice();
    task.woken = true;
    if (!task.running) void run(task);
  };
  const emit = (cause: string) => {
    for (const job of causes.add(cause)) wake(tasks.get(job));
  };
  const work = async (job: Job): Promise<NextAt> => {
    if ('run' in job) {
      const nextAt = await runTask(context, job, { causes, emit, signal });
      emit(job.name);
      return nextAt;
    }
    for (const lane of await job.listLanes(context)) {
      const task = lanes.get(lane) ?? {
        ...toTask(() => job.runLane(context, lane, signal, emit)),
        onIdle: () => void lanes.delete(lane),
      };
      lanes.set(lane, task);
      wake(task);
    }
    return null;
  };
  for (const job of jobs)
    if (!job.begins)
      tasks.set(
        job,
        toTask(() => work(job)),
      );
  for (const task of tasks.values()) wake(task);

  const listWaiting = () =>
    [...tasks.values(), ...lanes.values()].filter(({ running }) => !running);
  return {
    emit,
    nextAt: () => earliest(listWaiting().map(({ dueAt }) => dueAt)),
    runDue() {
      if (failures.length > 0) throw failures[0];
      for (const task of listWaiting()) {
        if (task.dueAt !== null && task.dueAt <= clock.now()) wake(task);
      }
    },
  };
}
