// The one app of the cloud: what its settings say, and the checks that follow from them.
import type { IncomingMessage } from 'node:http';
import { ApiError, type JsonObject } from '../types.ts';
import { readText } from '../web-api/arguments.ts';

export interface AppOptions {
  clientId: string;
  clientSecret: string;
  signingSecret: string;
  /** Default `A0CLOUD`. */
  appId?: string;
  /** HTTPS, or HTTP on this machine; without an anchor. */
  redirectUrls: readonly string[];
  /** The bot's scopes that the app may ask for. */
  scopes: readonly string[];
  /** Tokens expire after twelve hours; default false. */
  tokenRotation?: boolean;
}

/** Throws when the app's settings would not take this Redirect URL. */
export function checkRedirectUrl(url: string): void {
  const { protocol, hostname, hash } = new URL(url);
  const isHere = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
  if (protocol !== 'https:' && !(protocol === 'http:' && isHere))
    throw new Error(`Slack takes Redirect URLs with HTTPS only, not ${url}.`);
  if (hash !== '' || url.endsWith('#'))
    throw new Error(`Slack takes no Redirect URL with an anchor: ${url}.`);
}

/** A Redirect URL of the settings, or anything beneath one. */
export function isRedirectAllowed({ redirectUrls }: AppOptions, uri: string): boolean {
  if (!URL.canParse(uri)) return false;
  const { origin, pathname, hash } = new URL(uri);
  return redirectUrls.some((allowed) => {
    const known = new URL(allowed);
    const folder = known.pathname.replace(/\/$/, '');
    const isBeneath = pathname === known.pathname || pathname.startsWith(`${folder}/`);
    return origin === known.origin && isBeneath && hash === '';
  });
}

/**
 * The app proves itself by its id and secret, in the arguments or by HTTP Basic.
 * Throws invalid_client_id, bad_client_secret.
 */
export function checkClient(app: AppOptions, request: IncomingMessage, args: JsonObject): void {
  const basic = /^Basic (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const pair = basic === undefined ? '' : Buffer.from(basic, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  const id = colon < 0 ? readText(args, 'client_id') : pair.slice(0, colon);
  const secret = colon < 0 ? readText(args, 'client_secret') : pair.slice(colon + 1);
  if (id !== app.clientId) throw new ApiError('invalid_client_id');
  if (secret !== app.clientSecret) throw new ApiError('bad_client_secret');
}
