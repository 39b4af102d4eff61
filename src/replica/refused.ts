import type { Clock } from '../core/clock.ts';
import { MINUTE_MS, SECOND_MS } from '../core/durations.ts';
import type { Log } from '../core/log.ts';
import type { Installations } from './installations.ts';
import type { Units } from './units.ts';

/** It is known without asking which workspaces Slack refuses. */
const EVERY_MS = 5 * SECOND_MS;

/** Slack is asked about the same one so often. */
const ASKED_AGAIN_MS = 10 * MINUTE_MS;

/**
 * Ends workspaces that have taken the app out while no process could hear of it: Slack refuses their tokens.
 * @returns the job; it says when it wants to run next
 */
export function createRefusedJob({
  units,
  installations,
  clock,
  log,
}: {
  units: Pick<Units, 'list' | 'find'>;
  installations: Pick<Installations, 'endIfRefused'>;
  clock: Clock;
  log: Log;
}): () => Promise<number> {
  const later = new Map<string, number>();
  return async () => {
    const now = clock.now();
    const refused = units.list().filter((team) => units.find(team)?.isRefusedBySlack());
    for (const team of later.keys()) if (!refused.includes(team)) later.delete(team);
    for (const team of refused) {
      if (now < (later.get(team) ?? now)) continue;
      later.set(team, now + ASKED_AGAIN_MS);
      await installations.endIfRefused(team).catch((error: unknown) => {
        log.warn({ err: error, team }, 'it is not known whether a workspace still has the app');
      });
    }
    return clock.now() + EVERY_MS;
  };
}
