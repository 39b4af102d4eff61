import { type App, HTTPReceiver, type ReceiverEvent } from '@slack/bolt';
import type { Logger } from '@slack/logger';
import type { Log } from '../core/log.ts';

export const HELD_BACK = 'Slack holds back events for now; history is read instead';

/** Events by signed HTTP requests. @param port 0 takes any free one */
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
  /** Events may have been missed: time for a sweep. */
  onHeldBack: () => void;
}): HTTPReceiver {
  const receiver = new HTTPReceiver({
    signingSecret,
    port,
    logger,
    // Answered after the listener: one that fails is not acknowledged, and Slack sends it again.
    processBeforeResponse: true,
  });
  const init = receiver.init.bind(receiver);
  receiver.init = (app: App) => {
    // Bolt knows no listener for what is not an event, and would answer 404.
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
