// An Enterprise Grid: what the app hears of it belongs to none of its workspaces.
import { createDelivery } from '../delivery.ts';
import type { Enterprise } from './directory.ts';
import type { Shared } from './mount.ts';

export function createEnterprise(id: string, shared: Shared): Enterprise {
  return {
    id,
    bot: { botUserId: `W0${id}`, botId: `B0${id}` },
    members: new Map(),
    delivery: createDelivery({
      transport: () => shared.transport,
      retryDelaysMs: shared.retryDelaysMs ?? [0, 60_000, 300_000],
      latencyMs: shared.latencyMs,
      isSubscribed: (event) => shared.events.has(event),
      // Seen when the app left a Grid: the event names no workspace (lobu-ai/lobu#1819, July 2026).
      envelope: ({ team_ids: teams }) => ({
        token: 'sim-verification-token',
        enterprise_id: id,
        api_app_id: shared.appId,
        // Not as other events of an installation on the whole of it: so documented in
        // reference/events/team_access_granted, and seen in bolt-js#1778.
        ...(Array.isArray(teams) && {
          authorizations: [
            {
              enterprise_id: id,
              team_id: teams[0],
              is_bot: false,
              is_enterprise_install: false,
            },
          ],
        }),
      }),
      notify: shared.notify,
    }),
    installation: undefined,
    granted: new Set(),
  };
}
