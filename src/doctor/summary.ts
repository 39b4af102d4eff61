import type { Settings } from '../core/settings/settings.ts';
import { nextTime } from '../jobs/runs/schedule.ts';
import { type Finding, fault, ok } from './finding.ts';

/** When the next summary is there. */
export function checkSummary(
  { summarySchedule, timeZone }: Pick<Settings, 'summarySchedule' | 'timeZone'>,
  now: number,
): Finding {
  const at = nextTime(summarySchedule, timeZone, now);
  if (at === null) {
    return fault(
      `SUMMARY_SCHEDULE (${summarySchedule}) never comes.`,
      'Write five fields such as 0 9 * * 1-5: nine o’clock from Monday to Friday.',
    );
  }
  const when = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  }).format(at);
  return ok(`The next summary is there on ${when} (${timeZone}).`);
}
