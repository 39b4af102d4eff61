// A moment as a local date and time of a zone, and back.

/** `2026-11-23T09:30` in that zone. */
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

/** The seconds since 1970 of a local time of that zone; of one that a clock change skips, the one after. */
export function localToSeconds(local: string, timeZone: string): number {
  const wanted = Date.parse(`${local}Z`) / 1000;
  let guess = wanted;
  // The offset at the guess leads to a better guess; twice is enough across one change of the clock.
  for (let round = 0; round < 2; round += 1) {
    const shown = Date.parse(`${secondsToLocal(guess, timeZone)}Z`) / 1000;
    guess += wanted - shown;
  }
  return guess;
}
