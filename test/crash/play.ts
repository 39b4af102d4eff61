import { describeDifference, lookAround, type Seen } from './compare.ts';
import { DAYS, type DayName } from './days.ts';
import { type Plan, startWorld, toPattern } from './world.ts';

export interface Played {
  seen: Seen;
  /** The points that the processes have passed, one list a process. */
  passed: string[][];
  /** Whether something has happened to the database. */
  isDisturbed: boolean;
}

/** A day on SQLite, on which nothing goes wrong. */
export const UNDISTURBED: Plan = { engine: 'sqlite', crashes: [] };

/** Plays a day in a world of its own. */
export async function play(name: DayName, plan: Plan): Promise<Played> {
  const day = DAYS[name];
  const world = await startWorld(plan, day.environment);
  try {
    await day.play(world);
    const isDisturbed = world.isDisturbed();
    return { seen: lookAround(world), passed: await world.passed(), isDisturbed };
  } catch (error) {
    const { facts, batches } = lookAround(world);
    const lines = [...facts, `${batches} batches`, ...world.logTail()];
    throw new Error([(error as Error).message, ...lines.map(cut)].join('\n'));
  } finally {
    await world.close();
  }
}

const cut = (line: string) => `  ${line.slice(0, 300)}`;

export type Verdict =
  | { kind: 'survived'; passed: string[][] }
  /** The day went by without coming to the point. */
  | { kind: 'not reached' }
  | { kind: 'not survived'; difference: string };

/** Plays a day on which something goes wrong, and says whether anybody could tell it from one without. */
export async function crashAt(
  day: DayName,
  plan: Plan,
  expected: Seen | Promise<Seen>,
): Promise<Verdict> {
  const { crashes, disturbance } = plan;
  try {
    const { seen, passed, isDisturbed } = await play(day, plan);
    const died = crashes.every((crash, start) =>
      toPattern(crash).test(passed[start]?.at(-1) ?? ''),
    );
    if (!died || passed.length !== crashes.length + 1) return { kind: 'not reached' };
    if (disturbance && !isDisturbed) return { kind: 'not reached' };
    const difference = describeDifference(await expected, seen);
    if (difference === undefined) return { kind: 'survived', passed };
    return { kind: 'not survived', difference };
  } catch (error) {
    return { kind: 'not survived', difference: (error as Error).message };
  }
}

/** Does the work for every item, `jobs` at a time, in the order of the items. */
export async function eachOf<T>(
  items: T[],
  jobs: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const queue = items.entries();
  const worker = async () => {
    for (const [index, item] of queue) await work(item, index);
  };
  await Promise.all(Array.from({ length: jobs }, worker));
}
