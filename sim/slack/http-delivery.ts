// Delivery over HTTP instead of Socket Mode: signed requests to the app's public address.
import { createHmac } from 'node:crypto';
import type { Answer, Outgoing, Transport } from './delivery.ts';

export interface HttpTarget {
  url: string;
  signingSecret: string;
}

function writeBody(outgoing: Outgoing): { body: string; type: string } {
  if (outgoing.kind === 'events_api') {
    return { body: JSON.stringify(outgoing.payload), type: 'application/json' };
  }
  const fields =
    outgoing.kind === 'slash_commands'
      ? Object.entries(outgoing.payload).map(([key, value]): [string, string] => [
          key,
          String(value),
        ])
      : [['payload', JSON.stringify(outgoing.payload)] as [string, string]];
  return {
    body: new URLSearchParams(fields).toString(),
    type: 'application/x-www-form-urlencoded',
  };
}

async function readResponse(response: Response): Promise<unknown> {
  const text = await response.text();
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export function createHttpDelivery(options: {
  target: HttpTarget;
  ackTimeoutMs: number;
}): Transport {
  return {
    async deliver(outgoing): Promise<Answer> {
      const { body, type } = writeBody(outgoing);
      const timestamp = String(Math.floor(Date.now() / 1000));
      const signature = createHmac('sha256', options.target.signingSecret)
        .update(`v0:${timestamp}:${body}`)
        .digest('hex');
      try {
        const response = await fetch(options.target.url, {
          method: 'POST',
          body,
          headers: {
            'content-type': type,
            'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
            'x-slack-signature': `v0=${signature}`,
            'x-slack-request-timestamp': timestamp,
            ...(outgoing.retry.attempt > 0
              ? {
                  'x-slack-retry-num': String(outgoing.retry.attempt),
                  'x-slack-retry-reason': outgoing.retry.reason,
                }
              : {}),
          },
          signal: AbortSignal.timeout(options.ackTimeoutMs),
        });
        const answer = await readResponse(response);
        if (response.ok) return { kind: 'acked', response: answer };
        return {
          kind: 'failed',
          reason: 'http_error',
          final: response.headers.get('x-slack-no-retry') === '1',
        };
      } catch (error) {
        const timedOut = error instanceof DOMException && error.name === 'TimeoutError';
        return { kind: 'failed', reason: timedOut ? 'http_timeout' : 'connection_failed' };
      }
    },
  };
}
