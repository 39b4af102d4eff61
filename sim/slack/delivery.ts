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
  events: ReadonlySet<string>;
  envelope: () => JsonObject;
  notify: () => void;
}

export interface Delivery {
  emit(event: JsonObject): void;
  request(kind: 'slash_commands' | 'interactive', payload: JsonObject): Promise<Interaction>;
  faults: FaultBook<EventFault>;
  lost: JsonObject[];
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
  let inFlight = 0;
  let waitingForRetry = 0;
  let stopped = false;

  const settle = () => {
    options.notify();
    for (const check of [...idlers]) check();
  };
  const later = (ms: number, run: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      run();
    }, ms);
    timers.add(timer);
  };

  const attempt = async (payload: JsonObject, retry: Outgoing['retry']): Promise<void> => {
    if (stopped) return;
    inFlight += 1;
    const answer = await options.transport().deliver({ kind: 'events_api', payload, retry });
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

  const send = (event: JsonObject, delayMs: number) => {
    // The envelope is a snapshot of now but is sent in a later turn, so nothing arrives during the call
    // that caused it.
    const payload: JsonObject = {
      ...options.envelope(),
      event,
      type: 'event_callback',
      event_id: `Ev${randomUUID().replaceAll('-', '').slice(0, 10).toUpperCase()}`,
      event_time: Math.floor(Number(event.event_ts ?? Date.now() / 1000)),
    };
    inFlight += 1;
    const go = () => {
      inFlight -= 1;
      void attempt(payload, { attempt: 0, reason: '' });
    };
    if (delayMs > 0) later(delayMs, go);
    else setImmediate(go);
  };

  return {
    faults,
    lost,
    emit(event) {
      if (stopped || !options.events.has(nameSubscription(event))) return;
      const fault = faults.take((f) => f.match(event));
      if (fault?.kind === 'drop') {
        lost.push(event);
        return;
      }
      const delay = fault?.kind === 'delay' ? (fault.delayMs ?? 1000) : 0;
      send(event, options.latencyMs + delay);
      if (fault?.kind === 'duplicate') send(event, options.latencyMs);
    },
    async request(kind, payload) {
      inFlight += 1;
      try {
        const answer = await options
          .transport()
          .deliver({ kind, payload, retry: { attempt: 0, reason: '' } });
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
    idle({ ignoreRetries = false } = {}) {
      return new Promise((resolve) => {
        const check = () => {
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
      inFlight = 0;
      waitingForRetry = 0;
      settle();
    },
  };
}
