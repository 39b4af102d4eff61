import { createServer } from 'node:net';
import { z } from 'zod';
import { SERVER_NAME } from '../core/health/server-name.ts';
import type { Slack } from '../slack/client.ts';
import { describeFailure } from '../slack/client.ts';
import { type Finding, fault, ok } from './finding.ts';

/** How Slack's events arrive: over a socket that the bot opens, or over HTTP at a port. */

const openSchema = z.looseObject({ url: z.url() });

const NEW_TOKEN =
  "Make an app-level token with connections:write under Basic Information, App-Level Tokens, on your app's page.";
const NETWORK =
  'Let this machine open WebSockets to Slack (wss, port 443), or set SLACK_SIGNING_SECRET to receive events over HTTP.';

/**
 * @param slack calls with the app-level token
 * @param isRunning no socket is opened beside a bot: Slack might send it a command, which comes only once
 */
export async function checkSocket(
  slack: Slack,
  isRunning: boolean,
  signal: AbortSignal,
): Promise<Finding> {
  const answer = await slack.call('apps.connections.open', {}, openSchema);
  if (answer.kind === 'refused') {
    return fault(`Slack refuses SLACK_APP_TOKEN (${answer.error}).`, NEW_TOKEN);
  }
  if (answer.kind !== 'ok') {
    return fault(`Slack gives no socket (${describeFailure(answer)}).`, NETWORK);
  }
  if (isRunning) return ok('Slack gives a socket, and Winnow has one.');
  const opened = await opens(answer.value.url, signal);
  return opened ? ok('A socket to Slack opens.') : fault('No socket to Slack opens.', NETWORK);
}

/**
 * Whether the socket says hello. It is closed at once, because Slack may send an event to any socket of the
 * app; an event that is not acknowledged comes again on another.
 */
function opens(url: string, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url);
    const end = (opened: boolean) => {
      socket.close();
      resolve(opened);
    };
    signal.addEventListener('abort', () => end(false));
    socket.addEventListener('message', () => end(true));
    socket.addEventListener('error', () => end(false));
    socket.addEventListener('close', () => end(false));
  });
}

/** Slack's signing secrets are 32 hexadecimal digits. */
const SIGNING_SECRET = /^[0-9a-f]{32}$/;

export function checkSigningSecret(secret: string): Finding {
  if (SIGNING_SECRET.test(secret)) {
    return ok('SLACK_SIGNING_SECRET looks like one; only an event of Slack can prove it.');
  }
  return fault(
    'SLACK_SIGNING_SECRET is no signing secret: these have 32 characters, 0 to 9 and a to f.',
    "Copy the Signing Secret (not the Client Secret) from Basic Information on your app's page.",
  );
}

/** @param isRunning whether a Winnow has the database, and so should have the port */
export async function checkPort(
  setting: 'PORT' | 'HEALTH_PORT',
  port: number,
  isRunning: boolean,
): Promise<Finding> {
  const code = await listenOnce(port);
  const name = `${setting} ${port}`;
  if (code === null) return ok(`${name} is free.`);
  if (code === 'EADDRINUSE') {
    const isWinnow = await answersAsWinnow(port);
    if (isWinnow && isRunning) return ok(`${name} is in use: Winnow is running.`);
    return fault(
      `${name} is in use by another ${isWinnow ? 'Winnow' : 'program'}.`,
      `Stop that ${isWinnow ? 'one' : 'program'}, or set ${setting} to another number.`,
    );
  }
  return fault(
    `${name} cannot be listened on (${code}).`,
    `Set ${setting} to a number above 1023, or give this user the right to lower ones.`,
  );
}

/** The bot answers at once, even if it does not know what was asked for. */
const ANSWER_MS = 2_000;

async function answersAsWinnow(port: number): Promise<boolean> {
  const signal = AbortSignal.timeout(ANSWER_MS);
  const answer = await fetch(`http://localhost:${port}/livez`, { signal }).catch(() => undefined);
  await answer?.body?.cancel();
  return answer?.headers.get('server') === SERVER_NAME;
}

/** @returns what went wrong; null when nothing did */
function listenOnce(port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(port, () => server.close(() => resolve(null)));
  });
}
