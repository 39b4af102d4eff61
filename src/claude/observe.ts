import type { Clock } from '../core/clock.ts';
import { createSteadyTime } from '../core/steady-time.ts';

/** One call to Claude, as an operator counts it. */
export interface ObservedCall {
  /** Such as `messages.create`; `other` for a path that no part of the bot calls. */
  method: string;
  outcome: 'ok' | 'refused' | 'limited' | 'unclear';
  ms: number;
}

const METHODS: [RegExp, string][] = [
  [/^POST .*\/v1\/messages$/, 'messages.create'],
  [/^POST .*\/v1\/messages\/count_tokens$/, 'messages.count_tokens'],
  [/^POST .*\/v1\/messages\/batches$/, 'batches.create'],
  [/^GET .*\/v1\/messages\/batches$/, 'batches.list'],
  [/^GET .*\/v1\/messages\/batches\/[^/]+$/, 'batches.retrieve'],
  [/^DELETE .*\/v1\/messages\/batches\/[^/]+$/, 'batches.delete'],
  [/^GET .*\/v1\/messages\/batches\/[^/]+\/results$/, 'batches.results'],
  [/^POST .*\/v1\/messages\/batches\/[^/]+\/cancel$/, 'batches.cancel'],
  [/^GET .*\/v1\/models\/[^/]+$/, 'models.retrieve'],
];

/** A `fetch` that tells of each call once its answer begins. */
export function observeFetch(
  observe: (call: ObservedCall) => void,
  clock: Clock,
): typeof globalThis.fetch {
  const time = createSteadyTime(() => clock.now());
  return async (input, init) => {
    const startedAt = time();
    const { pathname } = new URL(input instanceof Request ? input.url : input);
    const asked = `${init?.method ?? 'GET'} ${pathname}`;
    const method = METHODS.find(([pattern]) => pattern.test(asked))?.[1] ?? 'other';
    const tell = (outcome: ObservedCall['outcome']) =>
      observe({ method, outcome, ms: time() - startedAt });
    try {
      const response = await fetch(input, init);
      tell(outcomeOf(response.status));
      return response;
    } catch (error) {
      tell('unclear');
      throw error;
    }
  };
}

function outcomeOf(status: number): ObservedCall['outcome'] {
  if (status < 400) return 'ok';
  if (status === 429) return 'limited';
  return status < 500 ? 'refused' : 'unclear';
}
