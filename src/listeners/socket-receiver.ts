import type { App, Receiver, ReceiverEvent } from '@slack/bolt';
import { type Logger, SocketModeClient } from '@slack/socket-mode';
import { WebAPIPlatformError } from '@slack/web-api';
import { z } from 'zod';
import type { Clock } from '../core/clock.ts';
import { backoffMs } from '../core/delivery/backoff.ts';
import { isSlackError } from '../core/delivery/slack-errors.ts';
import type { Log } from '../core/log.ts';
import type { Connection, Ending } from '../jobs/intake/connection.ts';
import { HELD_BACK } from './http-receiver.ts';
import { InFlight } from './in-flight.ts';

/**
 * Receives events in Socket Mode. It replaces Bolt 5.1's own receiver, which (measured with
 * socket-mode 3.1.0)
 * - acknowledges events before their listeners run. Here an event is acknowledged after its listener
 *   has committed, and not at all if the listener failed, so that Slack sends it again;
 * - waits 5 s before every reconnect, gives up for good when the network is down, and kills the
 *   process on an `app_rate_limited` envelope or a stop during a reconnect.
 */
export class SocketReceiver implements Receiver {
  readonly #client: SocketModeClient;
  readonly #inFlight = new InFlight();
  readonly #stopping = new AbortController();
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #connection: Connection;
  readonly #onReconnected: () => void;
  #app: App | undefined;
  #connectionLoop: Promise<void> = Promise.resolve();
  /** Resolves when the current connection is lost. */
  #lost = Promise.withResolvers<void>();
  #before: Ending = 'none';
  /** Resolves when the next connection may be made. */
  #rest: Promise<void> = Promise.resolve();

  constructor(options: {
    appToken: string;
    apiUrl: string;
    logger: Logger;
    clock: Clock;
    log: Log;
    connection: Connection;
    /** Called when events may have been missed: a sweep is due. */
    onReconnected: () => void;
  }) {
    this.#clock = options.clock;
    this.#log = options.log;
    this.#onReconnected = options.onReconnected;
    this.#connection = options.connection;
    this.#connection.onTrouble(() => void this.#inFlight.track(this.#reconnect()));
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
    this.#readEnvelopes();
    this.#client.on('disconnected', () => this.#lost.resolve());
    this.#client.on('slack_event', (envelope: Envelope) => {
      // While stopping, acknowledge nothing: Slack sends it again.
      if (this.#stopping.signal.aborted) return;
      return this.#inFlight.track(this.#handle(envelope));
    });
  }

  init(app: App): void {
    this.#app = app;
  }

  /**
   * Connects, and stays connected until stopped.
   * @throws when Slack refuses the app token; any other failure is retried
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
    this.#connectionLoop = this.#keepConnected();
  }

  /** Takes no more events; resolves when those in progress are handled and acknowledged. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#inFlight.drained();
    this.#lost.resolve();
    this.#disconnect();
    await this.#connectionLoop;
  }

  async #connect(): Promise<void> {
    this.#lost = Promise.withResolvers();
    await this.#client.start();
    this.#before = 'cut';
    this.#connection.begin(this.#clock.now());
    // The stop came while connecting.
    if (this.#stopping.signal.aborted) this.#disconnect();
  }

  /** Does not wait for the other side, which may take half a minute to answer. */
  #disconnect(): void {
    this.#client.disconnect().catch(() => {});
  }

  /** Closes a connection that seems to stand, and makes another one once Slack has forgotten it. */
  async #reconnect(): Promise<void> {
    const rested = Promise.withResolvers<void>();
    this.#rest = rested.promise;
    const lost = this.#lost;
    const waiting = new AbortController();
    const closed = this.#client.disconnect().then(() => 'rested' as const);
    const late = this.#clock.sleep(CLOSING_MS, waiting.signal).then(() => 'cut' as const);
    this.#before = await Promise.race([closed, late]).finally(() => waiting.abort());
    await this.#clock.sleep(REST_MS);
    rested.resolve();
    lost.resolve();
  }

  async #keepConnected(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#lost.promise;
      this.#connection.lose();
      await this.#rest;
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
    // Events are acknowledged here, after their listener. The listeners of commands and buttons
    // acknowledge them, with an answer, after the commit.
    const isEvent = type === 'events_api';
    // The connection may be gone by now. What was committed is still carried out.
    const acknowledge = (response?: unknown) =>
      ack(response).catch((error: unknown) => {
        this.#log.warn({ err: error, type }, 'lost the connection before the acknowledgement');
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
      // Without an acknowledgement Slack sends it again. The sweep would find a message as well.
      this.#log.error(
        { err: error, type, retry: retry_num },
        'something from Slack was not handled',
      );
    }
  }

  /**
   * Reads what Slack says about the connection itself, and catches what the client throws on an
   * envelope without an event; nothing else catches it.
   */
  #readEnvelopes(): void {
    const listeners = this.#client.listeners('ws_message');
    this.#client.removeAllListeners('ws_message');
    this.#client.on('ws_message', async (...args: unknown[]) => {
      const envelope = String(args[0]);
      if (RATE_LIMIT_NOTICE.test(envelope)) {
        this.#log.warn({}, HELD_BACK);
        this.#onReconnected();
        return;
      }
      try {
        if (CONNECTION_NOTICE.test(envelope)) this.#readNotice(envelope);
        for (const listener of listeners) await listener(...args);
      } catch (error) {
        this.#log.warn({ err: error }, 'Slack sent an envelope of an unknown kind');
      }
    });
  }

  #readNotice(envelope: string): void {
    const parsed = noticeSchema.safeParse(JSON.parse(envelope));
    if (!parsed.success) return;
    const notice = parsed.data;
    if (notice.type === 'hello') {
      this.#connection.count(notice.num_connections, this.#before);
      return;
    }
    // Slack itself ends it, so it no longer counts.
    this.#before = 'ended';
    const words = ENDS.get(notice.reason);
    if (words) this.#log.error({ reason: notice.reason }, words);
  }
}

const noticeSchema = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('hello'), num_connections: z.number() }),
  z.looseObject({ type: z.literal('disconnect'), reason: z.string() }),
]);

/** Ends of a connection that a person has to do something about. */
const ENDS = new Map([
  [
    'link_disabled',
    "Socket Mode is switched off in the app's settings: switch it on again at api.slack.com/apps",
  ],
  [
    'too_many_websockets',
    'Slack allows ten connections for an app, and others hold them: stop the other processes',
  ],
]);

/** How long the other side may take to close a connection. */
const CLOSING_MS = 5_000;

/** How long Slack may go on counting a connection that was closed. */
const REST_MS = 2_000;

/** Matches only what Slack itself sends: in text that people write, quotes are escaped. */
const RATE_LIMIT_NOTICE = /"type":\s*"app_rate_limited"/;
const CONNECTION_NOTICE = /"type":\s*"(hello|disconnect)"/;

interface Envelope {
  type: string;
  body: Record<string, unknown>;
  ack: (response?: unknown) => Promise<void>;
  retry_num?: number;
  retry_reason?: string;
}

/** Slack itself asks for most reconnects, and they succeed at once. */
const RECONNECT = { firstMs: 200, mostMs: 30_000 };
