import type { IncomingMessage, ServerResponse } from 'node:http';
import { type App, HTTPReceiver, type HTTPReceiverOptions, type ReceiverEvent } from '@slack/bolt';
import type { Logger } from '@slack/logger';
import type { Log } from '../core/log.ts';
import { HttpExchanges } from './http-exchanges.ts';

export const HELD_BACK = 'Slack holds back events for now; history is read instead';

export type OAuthOptions = Pick<
  HTTPReceiverOptions,
  | 'clientId'
  | 'clientSecret'
  | 'stateSecret'
  | 'scopes'
  | 'redirectUri'
  | 'installationStore'
  | 'installerOptions'
>;

/** Slack sends a request whole, and within a moment. */
const PATIENCE_MS = 10_000;

/**
 * Receives events as signed HTTP requests. What is not signed, or was signed more than five minutes ago, is
 * refused with 401; what is too large with 413. A stop answers what has come whole.
 * @param port 0 takes any free port
 * @param patienceMs a client that has not sent all of its request by then is cut off
 */
export function createHttpReceiver({
  signingSecret,
  port,
  logger,
  log,
  onHeldBack,
  patienceMs = PATIENCE_MS,
  oauth,
}: {
  signingSecret: string;
  port: number;
  logger: Logger;
  log: Log;
  /** Called when events of a workspace may have been missed: a sweep is due. */
  onHeldBack: (body: ReceiverEvent['body']) => void;
  patienceMs?: number;
  /** Leads people through an installation: /slack/install and /slack/oauth_redirect. Default: there are none. */
  oauth?: OAuthOptions;
}): HTTPReceiver {
  const receiver = new HTTPReceiver({
    signingSecret,
    port,
    logger,
    ...oauth,
    // Respond after the listener has run: if it fails, Slack gets no acknowledgement and sends again.
    processBeforeResponse: true,
  });
  const start = receiver.start.bind(receiver);
  const patience = {
    headersTimeout: patienceMs,
    requestTimeout: patienceMs,
    // How often Node looks for clients that are too slow.
    connectionsCheckingInterval: patienceMs / 10,
  };
  const { installer } = receiver;
  if (installer) {
    installer.handleInstallPath = answering(installer.handleInstallPath.bind(installer));
    installer.handleCallback = answering(installer.handleCallback.bind(installer));
  }
  let exchanges: HttpExchanges | undefined;
  receiver.start = (async (at: number) => {
    const server = await start(at, patience);
    exchanges = new HttpExchanges(server);
    return server;
  }) as HTTPReceiver['start'];
  const stop = receiver.stop.bind(receiver);
  receiver.stop = async () => {
    await Promise.all([stop(), exchanges?.end()]);
  };
  const init = receiver.init.bind(receiver);
  receiver.init = (app: App) => {
    // This is not an event, so Bolt would find no listener for it and answer 404.
    const processEvent = async (event: ReceiverEvent) => {
      if (event.body.type !== 'app_rate_limited') return app.processEvent(event);
      log.warn({}, HELD_BACK);
      onHeldBack(event.body);
      await event.ack();
    };
    init(Object.create(app, { processEvent: { value: processEvent } }));
  };
  return receiver;
}

/** Bolt logs what a page of the installation throws, and leaves the request without an answer. */
const answering =
  <A extends unknown[]>(
    handle: (request: IncomingMessage, response: ServerResponse, ...more: A) => Promise<void>,
  ): typeof handle =>
  async (request, response, ...more) => {
    try {
      await handle(request, response, ...more);
    } catch (error) {
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' });
      response.end('Something went wrong on our side. Please try again in a few minutes.');
      throw error;
    }
  };
