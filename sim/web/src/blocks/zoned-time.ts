// Converts between seconds since 1970 and the local date and time of a zone.

/** The local time in the zone, such as `2026-11-23T09:30`. */
export function secondsToLocal(seconds: number, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(seconds * 1000);
  const part = (type: string) => parts.find((p) => p.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}`;
}

/** The seconds since 1970 of a local time; a time that a clock change skips becomes the one after. */
export function localToSeconds(local: string, timeZone: string): number {
  const wanted = Date.parse(`${local}Z`) / 1000;
  let guess = wanted;
  // Corrects the guess by its offset; two rounds are enough across a clock change.
  for (let round = 0; round < 2; round += 1) {
    const shown = Date.parse(`${secondsToLocal(guess, timeZone)}Z`) / 1000;
    guess += wanted - shown;
  }
  return guess;
}
