import { type Logger, LogLevel } from '@slack/logger';
import type { Log } from '../core/log.ts';

/** A key of Anthropic, which a person has typed. */
const KEY = /sk-ant-[\w-]+/g;

/**
 * Sends the logs of Slack's packages to ours. Their errors become warnings: they are thrown too, and
 * the code that catches them logs them with ids. The other levels may contain texts of messages, so
 * they are for debugging only.
 */
export function toSlackLogger(log: Log, debug: boolean): Logger {
  const join = (parts: unknown[]) => parts.map(String).join(' ').replaceAll(KEY, 'sk-ant-…');
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
