import type { Clock } from '../core/clock.ts';
import { MINUTE_MS, SECOND_MS } from '../core/durations.ts';
import { formatDuration } from '../core/text.ts';
import { type Finding, fault, ok, warning } from './finding.ts';

/** What the headers of a service's answers say: its time, and the scopes of the token that asked. */
export interface HeaderWatch {
  fetch: typeof globalThis.fetch;
  /** How far this machine's clock is ahead of the service's, in ms; null before the first answer. */
  aheadMs(): number | null;
  scopes(): string[] | null;
}

export function watchHeaders(clock: Clock): HeaderWatch {
  let aheadMs: number | null = null;
  let scopes: string[] | null = null;
  return {
    async fetch(input, init) {
      const before = clock.now();
      const response = await fetch(input, init);
      const date = Date.parse(response.headers.get('date') ?? '');
      // A date is cut off at its second.
      if (date) aheadMs = (before + clock.now()) / 2 - (date + SECOND_MS / 2);
      scopes = response.headers.get('x-oauth-scopes')?.split(/\s*,\s*/) ?? scopes;
      return response;
    },
    aheadMs: () => aheadMs,
    scopes: () => scopes,
  };
}

/** Slack refuses what was signed five minutes ago, and dates its messages by its own clock. */
const WRONG_MS = 2 * MINUTE_MS;

export function checkClock(services: { name: string; aheadMs: number | null }[]): Finding[] {
  const known = services.flatMap(({ name, aheadMs }) =>
    aheadMs === null ? [] : [{ name, aheadMs }],
  );
  if (known.length === 0) {
    return [
      warning(
        'No service has said what time it is.',
        'Run npm run doctor again once Slack or Claude can be reached.',
      ),
    ];
  }
  const wrong = known.filter(({ aheadMs }) => Math.abs(aheadMs) > WRONG_MS);
  if (wrong.length === 0) {
    return [ok(`The clock agrees with ${known.map(({ name }) => name).join(' and ')}.`)];
  }
  return wrong.map(({ name, aheadMs }) =>
    fault(
      `The clock of this machine is ${formatDuration(Math.abs(aheadMs))} ${aheadMs > 0 ? 'ahead of' : 'behind'} ${name}'s.`,
      'Let the system set its clock (NTP), for instance by: timedatectl set-ntp true',
    ),
  );
}
