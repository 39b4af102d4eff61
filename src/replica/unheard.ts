import type { Clock } from '../core/clock.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../core/durations.ts';
import type { Log } from '../core/log.ts';
import type { Installations } from './installations.ts';
import type { Units } from './units.ts';

/** It is known without asking Slack which workspaces it may have refused. */
const EVERY_MS = 5 * SECOND_MS;

/** Slack is asked about the same one so often. */
const ASKED_AGAIN_MS = 10 * MINUTE_MS;

/** Slack is asked so often which workspaces orgs have the app in, and once at the start. */
const ORGS_ASKED_MS = HOUR_MS;

/**
 * Learns what no process could hear of: a workspace has taken the app out, and Slack refuses its token; or the admins of
 * an org have added it to workspaces, or taken it out.
 * @returns the job; it says when it wants to run next
 */
export function createUnheardJob({
  units,
  installations,
  clock,
  log,
}: {
  units: Pick<Units, 'list' | 'find' | 'couldNotStart'>;
  installations: Pick<Installations, 'endIfRefused' | 'followOrgs'>;
  clock: Clock;
  log: Log;
}): () => Promise<number> {
  const later = new Map<string, number>();
  let orgsAt = Number.NEGATIVE_INFINITY;
  return async () => {
    const now = clock.now();
    if (Math.abs(now - orgsAt) >= ORGS_ASKED_MS) {
      orgsAt = now;
      await installations.followOrgs();
    }
    // What could not be started may have taken the app out before.
    const doubtful = units
      .list()
      .filter((team) => units.find(team)?.isRefusedBySlack() ?? units.couldNotStart(team));
    for (const team of later.keys()) if (!doubtful.includes(team)) later.delete(team);
    for (const team of doubtful) {
      if (now < (later.get(team) ?? now)) continue;
      later.set(team, now + ASKED_AGAIN_MS);
      await installations.endIfRefused(team).catch((error: unknown) => {
        log.warn({ err: error, team }, 'it is not known whether a workspace still has the app');
      });
    }
    return clock.now() + EVERY_MS;
  };
}
