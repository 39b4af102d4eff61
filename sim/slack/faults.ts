// Failures that a test switches on, for Web API calls and for event deliveries.
import type { JsonObject } from './types.ts';

type Failure =
  | { kind: 'error'; error: string; extra?: JsonObject }
  | { kind: 'status'; status: number }
  | { kind: 'rate_limit'; retryAfter: number }
  | { kind: 'hang' }
  | { kind: 'cut' }
  | { kind: 'garbage' }
  /** A success that is not true, such as a history without its newest message. */
  | { kind: 'answer'; body: JsonObject };

export type Fault = Failure & {
  method: string;
  match?: (args: JsonObject) => boolean;
  /** How many calls it hits; default 1. Infinity lasts until the fault is removed. */
  times?: number;
  /** `after` makes the change and loses only the answer. Default `before`. */
  when?: 'before' | 'after';
  /** With `after`: makes the change this many milliseconds after the answer was lost. */
  commitDelayMs?: number;
};

export interface EventFault {
  match: (payload: JsonObject) => boolean;
  /**
   * `duplicate`: a second event with another event_id. `late`: it comes after every event that is
   * on its way, also those that set out after it.
   */
  kind: 'drop' | 'duplicate' | 'late';
  times?: number;
}

export interface FaultList<F> {
  /** Returns a function that removes the fault. */
  add(fault: F): () => void;
  clear(): void;
}

interface Entry<F> {
  fault: F;
  left: number;
}

export interface FaultBook<F> extends FaultList<F> {
  /** Returns the first fault that `hits` and counts it as used once. */
  take(hits: (fault: F) => boolean): F | undefined;
}

export function createFaultBook<F extends { times?: number }>(): FaultBook<F> {
  const entries = new Set<Entry<F>>();
  return {
    add(fault) {
      const entry = { fault, left: fault.times ?? 1 };
      entries.add(entry);
      return () => void entries.delete(entry);
    },
    clear: () => entries.clear(),
    take(hits) {
      for (const entry of entries) {
        if (!hits(entry.fault)) continue;
        entry.left -= 1;
        if (entry.left <= 0) entries.delete(entry);
        return entry.fault;
      }
      return undefined;
    },
  };
}
