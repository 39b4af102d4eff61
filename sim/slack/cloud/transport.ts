// Sends the events of all workspaces to the Request URL, some at a time.
import type { Transport } from '../delivery.ts';

/**
 * With more, some would wait for a connection, and that would count as time that the app takes: a server's
 * queue of new connections is 511 long in Node.
 */
const MAX_UNDER_WAY = 64;

export function limitTransport(current: () => Transport): Transport {
  const waiting: (() => void)[] = [];
  let underWay = 0;
  return {
    async deliver(outgoing) {
      if (underWay >= MAX_UNDER_WAY) await new Promise<void>((resolve) => waiting.push(resolve));
      else underWay += 1;
      try {
        return await current().deliver(outgoing);
      } finally {
        // The next one takes this one's place.
        const next = waiting.shift();
        if (next) next();
        else underWay -= 1;
      }
    },
  };
}
