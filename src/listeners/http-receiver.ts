import { HTTPReceiver } from '@slack/bolt';
import type { Logger } from '@slack/logger';

/** Events by signed HTTP requests. @param port 0 takes any free one */
export function createHttpReceiver({
  signingSecret,
  port,
  logger,
}: {
  signingSecret: string;
  port: number;
  logger: Logger;
}): HTTPReceiver {
  return new HTTPReceiver({
    signingSecret,
    port,
    logger,
    // Answered after the listener: one that fails is not acknowledged, and Slack sends it again.
    processBeforeResponse: true,
  });
}
