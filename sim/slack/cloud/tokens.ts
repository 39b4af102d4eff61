// The tokens of the app: of each installation one that lasts, or, with token rotation, pairs of an access
// token for twelve hours and a refresh token for one use.
// https://docs.slack.dev/authentication/using-token-rotation, November 2026
import { randomBytes, randomInt } from 'node:crypto';
import { ApiError } from '../types.ts';
import type { Grant } from '../web-api/access.ts';

const LIFETIME_S = 43_200;
const MAX_ACTIVE = 2;
/** What bot tokens and refresh tokens were seen to measure, in characters. */
const ACCESS_LENGTH = 176;
const REFRESH_LENGTH = 153;

export interface Installation extends Grant {
  /** Of the workspace, or of the Enterprise Grid. */
  readonly id: string;
  readonly scopes: Set<string>;
  isUninstalled: boolean;
}

export interface AccessToken {
  readonly value: string;
  readonly installation: Installation;
  /** ms since 1970; undefined: never. */
  expiresAt: number | undefined;
  isRevoked: boolean;
  isExchanged: boolean;
}

interface RefreshToken {
  readonly installation: Installation;
  usedAt: number | undefined;
  isRevoked: boolean;
}

/** The part of an answer that has the tokens. */
export interface IssuedTokens {
  access_token: string;
  refresh_token?: string;
  /** Seconds. */
  expires_in?: number;
}

export interface Tokens {
  /** Without rotation, an installation keeps its token for as long as that is good. */
  issue(installation: Installation): IssuedTokens;
  find(value: string | undefined): AccessToken | undefined;
  /** Throws token_revoked, account_inactive, token_expired. */
  check(token: AccessToken): void;
  /** The newest token of an installation that is good. */
  current(installation: Installation): string | undefined;
  /** A new pair for a refresh token. Throws invalid_refresh_token. */
  refresh(value: string | undefined): { installation: Installation; issued: IssuedTokens };
  /** A pair for a token that lasts. Throws what oauth.v2.exchange answers. */
  exchange(value: string | undefined): { installation: Installation; issued: IssuedTokens };
  /** Revokes one access or refresh token. */
  revoke(value: string): void;
  /** Lets all access tokens that can expire do so now. */
  expire(installation: Installation): void;
  isRefreshToken(value: string): boolean;
}

function draw(start: string, length: number): string {
  return (
    start +
    randomBytes(length)
      .toString('hex')
      .slice(0, length - start.length)
  );
}

function drawLasting(): string {
  const number = () => randomInt(10 ** 12, 10 ** 13);
  return `xoxb-${number()}-${number()}-${randomBytes(18).toString('base64url').replace(/[-_]/g, 'x')}`;
}

export function createTokens(options: {
  now(): number;
  /** How long a refresh token can be used again. */
  refreshGraceMs: number;
  isRotating(): boolean;
}): Tokens {
  const { now } = options;
  const access = new Map<string, AccessToken>();
  const refreshes = new Map<string, RefreshToken>();
  /** Oldest first. */
  const byInstallation = new WeakMap<Installation, AccessToken[]>();

  const isGood = ({ isRevoked, expiresAt, installation }: AccessToken) =>
    !isRevoked && !installation.isUninstalled && (expiresAt === undefined || expiresAt > now());
  const goodTokens = (installation: Installation) =>
    (byInstallation.get(installation) ?? []).filter(isGood);

  const add = (installation: Installation, value: string, expiresAt?: number): void => {
    const token = { value, installation, expiresAt, isRevoked: false, isExchanged: false };
    access.set(value, token);
    const known = byInstallation.get(installation);
    if (known) known.push(token);
    else byInstallation.set(installation, [token]);
  };

  const issuePair = (installation: Installation): IssuedTokens => {
    const pair = {
      access_token: draw('xoxe.xoxb-1-', ACCESS_LENGTH),
      refresh_token: draw('xoxe-1-', REFRESH_LENGTH),
      expires_in: LIFETIME_S,
    };
    add(installation, pair.access_token, now() + LIFETIME_S * 1000);
    refreshes.set(pair.refresh_token, { installation, usedAt: undefined, isRevoked: false });
    const expiring = goodTokens(installation).filter((token) => token.expiresAt !== undefined);
    for (const token of expiring.slice(0, -MAX_ACTIVE)) token.isRevoked = true;
    return pair;
  };

  return {
    issue(installation) {
      if (options.isRotating()) return issuePair(installation);
      const known = goodTokens(installation)[0];
      if (known) return { access_token: known.value };
      const value = drawLasting();
      add(installation, value);
      return { access_token: value };
    },
    find: (value) => (value === undefined ? undefined : access.get(value)),
    check({ isRevoked, installation, expiresAt }) {
      if (isRevoked) throw new ApiError('token_revoked');
      if (installation.isUninstalled) throw new ApiError('account_inactive');
      if (expiresAt !== undefined && expiresAt <= now()) throw new ApiError('token_expired');
    },
    current: (installation) => goodTokens(installation).at(-1)?.value,
    refresh(value = '') {
      const token = refreshes.get(value);
      const isOver = token?.usedAt !== undefined && now() - token.usedAt >= options.refreshGraceMs;
      if (!token || token.isRevoked || isOver || token.installation.isUninstalled)
        throw new ApiError('invalid_refresh_token');
      token.usedAt ??= now();
      const { installation } = token;
      for (const old of byInstallation.get(installation) ?? []) {
        if (old.isExchanged) old.expiresAt ??= now();
      }
      return { installation, issued: issuePair(installation) };
    },
    exchange(value = '') {
      const token = access.get(value);
      if (!options.isRotating()) throw new ApiError('token_rotation_not_enabled');
      if (!token || token.expiresAt !== undefined) throw new ApiError('invalid_token');
      if (!isGood(token)) throw new ApiError('authorization_not_found');
      if (token.isExchanged) throw new ApiError('token_already_exchanged');
      token.isExchanged = true;
      const { installation } = token;
      return { installation, issued: issuePair(installation) };
    },
    revoke(value) {
      const token = access.get(value) ?? refreshes.get(value);
      if (token) token.isRevoked = true;
    },
    expire(installation) {
      for (const token of goodTokens(installation)) {
        if (token.expiresAt !== undefined) token.expiresAt = now();
      }
    },
    isRefreshToken: (value) => refreshes.has(value),
  };
}
