import { type Logger, LogLevel } from '@slack/logger';
import type { Log } from '../core/log.ts';

/**
 * Slack's packages log through ours. What they call an error is thrown to us as well and logged
 * with its ids there, so it is a warning here; their details, with texts of messages in them, are
 * for debugging only.
 */
export function toSlackLogger(log: Log, debug: boolean): Logger {
  const join = (parts: unknown[]) => parts.map(String).join(' ');
  return {
    debug: (...parts) => {
      if (debug) log.debug({}, join(parts));
    },
    info: (...parts) => log.debug({}, join(parts)),
    warn: (...parts) => log.debug({}, join(parts)),
    error: (...parts) => log.warn({}, join(parts)),
    getLevel: () => (debug ? LogLevel.DEBUG : LogLevel.INFO),
    setLevel: () => {},
    setName: () => {},
  };
}
