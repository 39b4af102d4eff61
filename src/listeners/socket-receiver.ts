import type { App, Receiver, ReceiverEvent } from '@slack/bolt';
import { type Logger, SocketModeClient } from '@slack/socket-mode';
import { WebAPIPlatformError } from '@slack/web-api';
import type { Clock } from '../core/clock.ts';
import { backoffMs } from '../core/delivery/backoff.ts';
import { isSlackError } from '../core/delivery/slack-errors.ts';
import type { Log } from '../core/log.ts';
import { HELD_BACK } from './http-receiver.ts';
import { InFlight } from './in-flight.ts';

/**
 * Socket Mode, with what Bolt 5.1's own receiver lacks (measured with socket-mode 3.1.0):
 * - it acknowledges events before their listeners run; here an event is acknowledged once its
 *   listener has committed, and not at all if it failed, so that Slack sends it again;
 * - it waits 5 s before every reconnect, gives up for good when the network is down, and an
 *   `app_rate_limited` envelope or a stop during a reconnect kills the process.
 */
export class SocketReceiver implements Receiver {
  readonly #client: SocketModeClient;
  readonly #inFlight = new InFlight();
  readonly #stopping = new AbortController();
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #onReconnected: () => void;
  #app: App | undefined;
  #keeping: Promise<void> = Promise.resolve();
  /** Resolves when the connection that was made last is lost. */
  #lost = Promise.withResolvers<void>();

  constructor(options: {
    appToken: string;
    apiUrl: string;
    logger: Logger;
    clock: Clock;
    log: Log;
    /** Events may have been missed: time for a sweep. */
    onReconnected: () => void;
  }) {
    this.#clock = options.clock;
    this.#log = options.log;
    this.#onReconnected = options.onReconnected;
    this.#client = new SocketModeClient({
      appToken: options.appToken,
      autoReconnectEnabled: false,
      logger: options.logger,
      clientOptions: {
        slackApiUrl: options.apiUrl,
        timeout: 10_000,
        retryConfig: { retries: 0 },
        rejectRateLimitedCalls: true,
      },
    });
    this.#guardAgainstUnknownEnvelopes();
    this.#client.on('disconnected', () => this.#lost.resolve());
    this.#client.on('slack_event', (envelope: Envelope) => {
      // What comes while stopping is not acknowledged: Slack sends it again.
      if (this.#stopping.signal.aborted) return;
      return this.#inFlight.track(this.#handle(envelope));
    });
  }

  init(app: App): void {
    this.#app = app;
  }

  /**
   * Connects, and stays connected until stopped.
   * @throws when Slack refuses the app token; anything else is tried again
   */
  async start(): Promise<void> {
    for (let failures = 0; ; failures++) {
      try {
        await this.#connect();
        break;
      } catch (error) {
        if (error instanceof WebAPIPlatformError && isSlackError(error.data.error, 'token'))
          throw error;
        this.#log.warn({ err: error, failures }, 'Slack cannot be connected to; trying again');
        await this.#clock.sleep(backoffMs(failures, RECONNECT), this.#stopping.signal);
        if (this.#stopping.signal.aborted) return;
      }
    }
    this.#keeping = this.#keepConnected();
  }

  /** Takes no more events; resolves when those under way are done and acknowledged. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#inFlight.drained();
    this.#lost.resolve();
    this.#disconnect();
    await this.#keeping;
  }

  async #connect(): Promise<void> {
    this.#lost = Promise.withResolvers();
    await this.#client.start();
    // A connection that was being made when the stop came.
    if (this.#stopping.signal.aborted) this.#disconnect();
  }

  /** Its promise waits for the other side, up to half a minute, and nothing depends on it. */
  #disconnect(): void {
    this.#client.disconnect().catch(() => {});
  }

  async #keepConnected(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#lost.promise;
      for (let failures = 0; !signal.aborted; failures++) {
        try {
          await this.#connect();
          if (signal.aborted) return;
          this.#log.info({ failures }, 'connected to Slack again');
          this.#onReconnected();
          break;
        } catch (error) {
          this.#log.warn({ err: error, failures }, 'the connection to Slack is lost; trying again');
          await this.#clock.sleep(backoffMs(failures, RECONNECT), signal);
        }
      }
    }
  }

  async #handle({ type, body, ack, retry_num, retry_reason }: Envelope): Promise<void> {
    // Events are acknowledged here, after their listeners; commands and buttons by their listener,
    // with an answer, after its commit.
    const isEvent = type === 'events_api';
    // The connection may be gone by then. What was committed stays, and goes on.
    const acknowledge = (response?: unknown) =>
      ack(response).catch((error: unknown) => {
        this.#log.warn({ err: error, type }, 'the connection was lost before an acknowledgement');
      });
    const event: ReceiverEvent = {
      body,
      ack: isEvent ? async () => {} : acknowledge,
      ...(retry_num !== undefined && { retryNum: retry_num }),
      ...(retry_reason !== undefined && { retryReason: retry_reason }),
    };
    try {
      await this.#app?.processEvent(event);
      if (isEvent) await acknowledge();
    } catch (error) {
      // Not acknowledged, so Slack sends it again; the sweep would bring a message, too.
      this.#log.error(
        { err: error, type, retry: retry_num },
        'something from Slack was not handled',
      );
    }
  }

  /** Envelopes without an event reject inside of the client, where nobody catches it. */
  #guardAgainstUnknownEnvelopes(): void {
    const listeners = this.#client.listeners('ws_message');
    this.#client.removeAllListeners('ws_message');
    this.#client.on('ws_message', async (...args: unknown[]) => {
      if (RATE_LIMIT_NOTICE.test(String(args[0]))) {
        this.#log.warn({}, HELD_BACK);
        this.#onReconnected();
        return;
      }
      try {
        for (const listener of listeners) await listener(...args);
      } catch (error) {
        this.#log.warn({ err: error }, 'an envelope of an unknown kind from Slack');
      }
    });
  }
}

/** Written by Slack itself: in what people write, quotes come with a backslash. */
const RATE_LIMIT_NOTICE = /"type":\s*"app_rate_limited"/;

interface Envelope {
  type: string;
  body: Record<string, unknown>;
  ack: (response?: unknown) => Promise<void>;
  retry_num?: number;
  retry_reason?: string;
}

/** Most reconnects are asked for by Slack and succeed at once. */
const RECONNECT = { firstMs: 200, mostMs: 30_000 };
