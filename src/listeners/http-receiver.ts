import { type App, HTTPReceiver, type ReceiverEvent } from '@slack/bolt';
import type { Logger } from '@slack/logger';
import type { Log } from '../core/log.ts';

export const HELD_BACK = 'Slack holds back events for now; history is read instead';

/** Receives events as signed HTTP requests. @param port 0 takes any free port */
export function createHttpReceiver({
  signingSecret,
  port,
  logger,
  log,
  onHeldBack,
}: {
  signingSecret: string;
  port: number;
  logger: Logger;
  log: Log;
  /** Called when events may have been missed: a sweep is due. */
  onHeldBack: () => void;
}): HTTPReceiver {
  const receiver = new HTTPReceiver({
    signingSecret,
    port,
    logger,
    // Respond after the listener has run: if it fails, Slack gets no acknowledgement and sends again.
    processBeforeResponse: true,
  });
  const init = receiver.init.bind(receiver);
  receiver.init = (app: App) => {
    // This is not an event, so Bolt would find no listener for it and answer 404.
    const processEvent = async (event: ReceiverEvent) => {
      if (event.body.type !== 'app_rate_limited') return app.processEvent(event);
      log.warn({}, HELD_BACK);
      onHeldBack();
      await event.ack();
    };
    init(Object.create(app, { processEvent: { value: processEvent } }));
  };
  return receiver;
}
