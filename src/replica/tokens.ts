import type { InstallProvider } from '@slack/oauth';
import type { Clock } from '../core/clock.ts';
import { HOUR_MS, MINUTE_MS } from '../core/durations.ts';
import type { Log } from '../core/log.ts';
import type { Installation } from '../store/workspaces/installations.ts';

/** Slack's own library renews a token that ends sooner than this. */
const RENEWED_MS = 2 * HOUR_MS;

/** Between two tries while Slack does not renew it. */
const RETRY_MS = MINUTE_MS;

/**
 * @returns the workspace's token of now. Those of apps that rotate their tokens are renewed in time, once for everybody
 * who waits; while Slack does not renew one, the old one is used for as long as it lasts.
 */
export function createTokenSupply(
  { installer, clock, log }: { installer: InstallProvider; clock: Clock; log: Log },
  { id, isOrg, enterprise, tokens }: Pick<Installation, 'id' | 'isOrg' | 'enterprise' | 'tokens'>,
): () => Promise<string> {
  let { bot: token, expiresAt } = tokens;
  let renewing: Promise<void> | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;
  const isDue = () => {
    const now = clock.now();
    return expiresAt !== null && expiresAt - now <= RENEWED_MS && now - triedAt >= RETRY_MS;
  };
  const renew = async () => {
    triedAt = clock.now();
    const source = {
      ...{ teamId: isOrg ? undefined : id, enterpriseId: enterprise ?? undefined },
      isEnterpriseInstall: isOrg,
    };
    const renewed = await installer.authorize(source);
    if (renewed.botToken) token = renewed.botToken;
    if (renewed.botTokenExpiresAt) expiresAt = renewed.botTokenExpiresAt * 1000;
  };
  return async () => {
    if (isDue()) {
      renewing ??= renew()
        .catch((error: unknown) => {
          log.warn({ err: error, expiresAt }, "the workspace's token could not be renewed");
        })
        .finally(() => {
          renewing = undefined;
        });
    }
    await renewing;
    return token;
  };
}
