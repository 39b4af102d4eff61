import type { Hosted } from '../settings/hosted.ts';

/** How far a hosted bot is set up, as one person sees it on their Home tab. */
export interface SetUp {
  key: Hosted['key'];
  installedBy: string;
  /** Whether this person may set the key. */
  maySetKey: boolean;
  /** When summaries come: a cron pattern. */
  summarySchedule: string;
  /** Somebody has saved settings, or left them until the first summary came. */
  scheduleSettled: boolean;
}

export interface Step {
  kind: 'invite' | 'key' | 'schedule';
  done: boolean;
}

/**
 * What has to be done before the bot works, in order.
 * @param watching whether it is in a channel that it watches
 * @returns nothing once all is done
 */
export function listSteps(setUp: SetUp, watching: boolean): Step[] {
  const { key, scheduleSettled } = setUp;
  const steps: Step[] = [
    { kind: 'invite', done: watching },
    ...(key === 'shared' ? [] : [{ kind: 'key' as const, done: key === 'own' }]),
    { kind: 'schedule', done: scheduleSettled },
  ];
  return steps.every(({ done }) => done) ? [] : steps;
}
