// The codes that Slack sends to a Redirect URL: each can be exchanged once, within ten minutes.
import { randomBytes, randomInt } from 'node:crypto';
import { ApiError } from '../types.ts';

const LIFETIME_MS = 10 * 60 * 1000;

/** What a person has approved. */
interface Approval {
  /** A workspace or an Enterprise Grid. */
  place: string;
  user: string;
  scopes: string[];
  /** As it was sent to /oauth/v2/authorize. */
  redirectUri: string | undefined;
}

export interface Codes {
  issue(approval: Approval): string;
  /** Throws invalid_code, code_already_used, bad_redirect_uri. */
  redeem(code: string | undefined, redirectUri: string | undefined): Approval;
}

export function createCodes(now: () => number): Codes {
  const codes = new Map<string, { approval: Approval; expires: number; isUsed: boolean }>();
  return {
    issue(approval) {
      const number = () => randomInt(10 ** 9, 10 ** 10);
      const code = `${number()}.${number()}.${randomBytes(33).toString('hex')}`;
      codes.set(code, { approval, expires: now() + LIFETIME_MS, isUsed: false });
      return code;
    },
    redeem(code = '', redirectUri) {
      const known = codes.get(code);
      if (!known || known.expires <= now()) throw new ApiError('invalid_code');
      if (known.isUsed) throw new ApiError('code_already_used');
      if (known.approval.redirectUri !== redirectUri) throw new ApiError('bad_redirect_uri');
      known.isUsed = true;
      return known.approval;
    },
  };
}
