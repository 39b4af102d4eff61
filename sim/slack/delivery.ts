// Delivers events, commands and interactions to the app through a transport. Events are retried on
// Slack's schedule; commands and interactions get one attempt.
import { randomUUID } from 'node:crypto';
import { createFaultBook, type EventFault, type FaultBook } from './faults.ts';
import type { Interaction, JsonObject } from './types.ts';

export interface Outgoing {
  kind: 'events_api' | 'slash_commands' | 'interactive';
  payload: JsonObject;
  retry: { attempt: number; reason: string };
}

export type Answer =
  | { kind: 'acked'; response?: unknown }
  /** `final`: the app asked not to be retried. */
  | { kind: 'failed'; reason: string; final?: boolean };

export interface Transport {
  deliver(outgoing: Outgoing): Promise<Answer>;
}

export interface DeliveryOptions {
  transport: () => Transport;
  retryDelaysMs: number[];
  latencyMs: number;
  /** By the name under which an app subscribes to an event. */
  isSubscribed: (name: string) => boolean;
  envelope: (event: JsonObject) => JsonObject;
  notify: () => void;
}

export interface Delivery {
  emit(event: JsonObject): void;
  request(kind: 'slash_commands' | 'interactive', payload: JsonObject): Promise<Interaction>;
  faults: FaultBook<EventFault>;
  lost: JsonObject[];
  /** What has not been acknowledged yet fails now, as if its time were over. */
  timeOut(): void;
  idle(options?: { ignoreRetries?: boolean }): Promise<void>;
  pending(): { inFlight: number; waitingForRetry: number };
  stop(): void;
}

const MESSAGE_EVENTS: Record<string, string> = {
  channel: 'message.channels',
  group: 'message.groups',
  im: 'message.im',
};

/** The name under which an app subscribes to an event. */
function nameSubscription(event: JsonObject): string {
  const type = String(event.type);
  return type === 'message' ? (MESSAGE_EVENTS[String(event.channel_type)] ?? type) : type;
}

export function createDelivery(options: DeliveryOptions): Delivery {
  const faults = createFaultBook<EventFault>();
  const lost: JsonObject[] = [];
  const timers = new Set<NodeJS.Timeout>();
  const idlers = new Set<() => void>();
  const unacknowledged = new Set<() => void>();
  /** Events that wait until no other is on its way. */
  const late: (() => void)[] = [];
  let inFlight = 0;
  let waitingForRetry = 0;
  let stopped = false;

  const settle = () => {
    options.notify();
    if (inFlight === 0) late.shift()?.();
    for (const check of [...idlers]) check();
  };
  const later = (ms: number, run: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      run();
    }, ms);
    timers.add(timer);
  };

  const deliver = (outgoing: Outgoing): Promise<Answer> =>
    new Promise((resolve) => {
      const timeOut = () => finish({ kind: 'failed', reason: 'timeout' });
      const finish = (answer: Answer) => {
        unacknowledged.delete(timeOut);
        resolve(answer);
      };
      unacknowledged.add(timeOut);
      void options.transport().deliver(outgoing).then(finish);
    });

  const attempt = async (payload: JsonObject, retry: Outgoing['retry']): Promise<void> => {
    if (stopped) return;
    inFlight += 1;
    const answer = await deliver({ kind: 'events_api', payload, retry });
    inFlight -= 1;
    if (answer.kind === 'failed') {
      const delay = answer.final ? undefined : options.retryDelaysMs[retry.attempt];
      if (delay === undefined) lost.push(payload);
      else {
        waitingForRetry += 1;
        later(delay, () => {
          waitingForRetry -= 1;
          void attempt(payload, { attempt: retry.attempt + 1, reason: answer.reason });
        });
      }
    }
    settle();
  };

  const send = (event: JsonObject, when: 'now' | 'late' = 'now') => {
    // The envelope is a snapshot of now but is sent in a later turn, so nothing arrives during the call
    // that caused it.
    const payload: JsonObject = {
      ...options.envelope(event),
      event,
      type: 'event_callback',
      event_id: `Ev${randomUUID().replaceAll('-', '').slice(0, 10).toUpperCase()}`,
      event_time: Math.floor(Number(event.event_ts ?? Date.now() / 1000)),
    };
    const setOut = () => {
      inFlight += 1;
      const go = () => {
        inFlight -= 1;
        void attempt(payload, { attempt: 0, reason: '' });
      };
      if (options.latencyMs > 0) later(options.latencyMs, go);
      else setImmediate(go);
    };
    if (when === 'late') late.push(setOut);
    else setOut();
  };

  return {
    faults,
    lost,
    emit(event) {
      if (stopped || !options.isSubscribed(nameSubscription(event))) return;
      const fault = faults.take((f) => f.match(event));
      if (fault?.kind === 'drop') {
        lost.push(event);
        return;
      }
      send(event, fault?.kind === 'late' ? 'late' : 'now');
      if (fault?.kind === 'duplicate') send(event);
    },
    async request(kind, payload) {
      inFlight += 1;
      try {
        const answer = await deliver({ kind, payload, retry: { attempt: 0, reason: '' } });
        if (answer.kind === 'acked') {
          return answer.response === undefined
            ? { acked: true }
            : { acked: true, response: answer.response };
        }
        return {
          acked: false,
          error: answer.reason.includes('timeout') ? 'operation_timeout' : 'dispatch_failed',
        };
      } finally {
        inFlight -= 1;
        settle();
      }
    },
    timeOut() {
      for (const giveUp of [...unacknowledged]) giveUp();
    },
    idle({ ignoreRetries = false } = {}) {
      return new Promise((resolve) => {
        const check = () => {
          if (inFlight === 0) late.shift()?.();
          if (inFlight > 0 || (waitingForRetry > 0 && !ignoreRetries && !stopped)) return;
          idlers.delete(check);
          resolve();
        };
        idlers.add(check);
        check();
      });
    },
    pending: () => ({ inFlight, waitingForRetry }),
    stop() {
      stopped = true;
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
      late.length = 0;
      inFlight = 0;
      waitingForRetry = 0;
      settle();
    },
  };
}
