import { MINUTE_MS } from '../../../core/durations.ts';
import { SlackReadError } from '../../../slack/read.ts';
import type { Context } from '../../context.ts';
import type { Found } from '../connection.ts';

/**
 * Reading takes turns, because Slack may allow one call a minute for all channels. A turn is one call: reading yields
 * after each. History and threads have limits of their own, so both go on in each round.
 */
export type Turns<Result = void> = AsyncGenerator<undefined, Result>;

/** A channel whose history and threads are being read. */
export interface Reading {
  context: Context;
  channel: string;
  /** Also reads threads that seem to be as they are stored. */
  lookBack: boolean;
  /** The history will name no more threads. */
  isHistoryOver: boolean;
  /** The messages and replies that were new. */
  found: Found[];
  /** How many messages of the history were new, and how many deleted. */
  counts: { added: number; gone: number };
  /** How many threads a look-back reads, though nothing says that they have changed. */
  unchangedThreads: number;
  /** The messages whose threads history has shown. */
  parents: Set<string>;
}

export const beginReading = (context: Context, channel: string, lookBack: boolean): Reading => ({
  context,
  channel,
  lookBack,
  isHistoryOver: false,
  found: [],
  counts: { added: 0, gone: 0 },
  unchangedThreads: 0,
  parents: new Set(),
});

/** What is to be done in a channel. */
export interface Work {
  steps: Turns[];
  /** Call it when all steps are done. @throws SlackReadError */
  finish(): Promise<void>;
  /** Call it when one of them failed: the others go on, unless it removes them. */
  fail(error: SlackReadError): Promise<void>;
}

/** After this time a sweep begins anew, so that what is new does not wait for what is old. */
const SWEEP_MS = 10 * MINUTE_MS;

/**
 * Gives each channel its turns until all is done, or the time is over. In the first round each reads what is newest.
 * At least as much time is left for the rest, however many channels there are.
 * @returns whether all work has ended
 */
export async function takeTurns(
  { clock }: Pick<Context, 'clock'>,
  works: Work[],
  signal: AbortSignal,
): Promise<boolean> {
  const begunAt = clock.now();
  let open = works;
  let endsAt: number | undefined;
  while (open.length > 0 && (endsAt === undefined || clock.now() < endsAt)) {
    const left: Work[] = [];
    for (const work of open) if (await takeTurn(work, signal)) left.push(work);
    open = left;
    endsAt ??= Math.max(begunAt + SWEEP_MS, 2 * clock.now() - begunAt);
  }
  return open.length === 0;
}

/** @returns whether something is left to do */
async function takeTurn(work: Work, signal: AbortSignal): Promise<boolean> {
  for (const step of [...work.steps]) {
    if (!work.steps.includes(step)) continue;
    signal.throwIfAborted();
    try {
      if (!(await step.next()).done) continue;
      if (work.steps.length === 1) await work.finish();
    } catch (error) {
      // A channel that cannot be read must not keep the others from being read.
      if (!(error instanceof SlackReadError) || error.isStopping) throw error;
      await work.fail(error);
    }
    work.steps = work.steps.filter((other) => other !== step);
  }
  return work.steps.length > 0;
}
