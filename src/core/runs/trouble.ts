import { DAY_MS, MINUTE_MS } from '../durations.ts';

/**
 * Why a run waits for Claude. `outage`: Claude takes nothing for now; `long outage`: nor for the next
 * minute. The others wait for a person: Claude refuses the key, the budget is used up, or Claude refuses
 * what it is sent.
 */
export type TroubleCause = 'outage' | 'long outage' | 'key' | 'budget' | 'request';

/** What concerns everything that the bot asks Claude for. */
export const OF_ACCOUNT = ['key', 'budget'] as const satisfies TroubleCause[];

/** What does not end before a person mends something. */
export const FOR_A_PERSON = [...OF_ACCOUNT, 'request'] as const satisfies TroubleCause[];

export const isForAPerson = (cause: TroubleCause): boolean =>
  FOR_A_PERSON.some((one) => one === cause);

/** Whether a person is offered to try again: not while the next try comes by itself in a moment. */
export const canBeRetried = (cause: TroubleCause): boolean => cause !== 'outage';

/**
 * How long to wait, in ms, for something that a person has to mend: a minute during the first ten minutes,
 * then longer and longer, up to ten minutes.
 * @param sinceMs for how long it has been waiting; negative if the clock was set back
 */
export const mendWaitMs = (sinceMs: number): number =>
  Math.min(10 * MINUTE_MS, Math.max(MINUTE_MS, Math.round(sinceMs / 10)));

/** Between two tries of a batch that Claude has refused. */
export const REFUSED_WAIT_MS = DAY_MS;

/** A person may ask for another try of a run this long after they asked for the last one. */
const RETRY_MS = 10_000;

/** @returns how long a person has to wait, in ms, before they can ask for another try; 0: not at all */
export function retryInMs(retriedAt: number | null, now: number): number {
  // If the clock was set back, the last try is of no time that is known.
  if (retriedAt === null || retriedAt > now) return 0;
  return Math.max(0, retriedAt + RETRY_MS - now);
}
