import { DAY_MS } from './durations.ts';

/** Time zones and languages by their standard names, as far as this process knows them. */

/** Whether this is an IANA name such as `Europe/Paris`. */
export function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

const HALF_A_YEAR_MS = 182 * DAY_MS;

/** Whether clocks in both zones show the same time, now and in the other half of the year. */
export function haveSameTime(one: string, other: string, now: number): boolean {
  return [now, now + HALF_A_YEAR_MS].every((at) => offsetAt(one, at) === offsetAt(other, at));
}

/** Such as `GMT+02:00`. */
const offsetAt = (timeZone: string, at: number) =>
  new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' })
    .formatToParts(at)
    .find(({ type }) => type === 'timeZoneName')?.value;

const plain = (name: string) => name.toLowerCase().replace(/[\s_]+/g, '_');

/**
 * Finds the time zone that somebody typed: its name, or just a city that only one zone has.
 * @param known the name of a zone that is accepted exactly as written
 */
export function findTimeZone(
  typed: string,
  known: string,
): { kind: 'zone'; zone: string } | { kind: 'several'; zones: string[] } | { kind: 'none' } {
  if (typed === known) return { kind: 'zone', zone: known };
  const wanted = plain(typed);
  const zones = ['UTC', ...Intl.supportedValuesOf('timeZone')];
  const named = zones.find((zone) => plain(zone) === wanted);
  if (named) return { kind: 'zone', zone: named };
  const cities = zones.filter((zone) => plain(zone).split('/').at(-1) === wanted);
  const [city] = cities;
  if (city) {
    return cities.length === 1 ? { kind: 'zone', zone: city } : { kind: 'several', zones: cities };
  }
  // Other names for the same zones, such as US/Eastern or Kolkata. Offsets and abbreviations are not
  // accepted: they have no daylight saving time.
  const areas = new Set(zones.flatMap((zone) => zone.split('/').slice(0, -1).join('/') || []));
  const names = wanted.includes('/') ? [wanted] : [...areas].map((area) => `${area}/${wanted}`);
  const [other] = /^[a-z][\w/-]*$/.test(wanted) ? names.filter(isTimeZone) : [];
  return other ? { kind: 'zone', zone: canonical(other) } : { kind: 'none' };
}

const canonical = (zone: string) =>
  new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone;

/** Whether this is a language tag such as `fr-FR`. */
export function isLocale(tag: string): boolean {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(tag).length > 0;
  } catch {
    return false;
  }
}
