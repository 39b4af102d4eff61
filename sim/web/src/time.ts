// Formats times in the person's time zone.
const formats = new Map<string, Intl.DateTimeFormat>();

function format(at: Date, timeZone: string, options: Intl.DateTimeFormatOptions): string {
  const key = timeZone + JSON.stringify(options);
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat('en-US', { ...options, timeZone });
    formats.set(key, found);
  }
  return found.format(at);
}

export function dateOfTs(ts: string): Date {
  return new Date(Number(ts) * 1000);
}

export function formatTime(at: Date, timeZone: string): string {
  return format(at, timeZone, { hour: 'numeric', minute: '2-digit' });
}

export function formatMoment(at: Date, timeZone: string): string {
  const day = format(at, timeZone, { weekday: 'long', month: 'long', day: 'numeric' });
  return `${day} at ${format(at, timeZone, { hour: 'numeric', minute: '2-digit', second: '2-digit' })}`;
}

/** Equal for two times on the same day. */
export function dayOf(at: Date, timeZone: string): string {
  return format(at, timeZone, { year: 'numeric', month: '2-digit', day: '2-digit' });
}

export function nameDay(at: Date, timeZone: string, now: Date): string {
  const day = dayOf(at, timeZone);
  if (day === dayOf(now, timeZone)) return 'Today';
  if (day === dayOf(new Date(now.getTime() - 86_400_000), timeZone)) return 'Yesterday';
  return nameDate(at, timeZone, { weekday: 'long', month: 'long', day: 'numeric' });
}

function nameDate(at: Date, timeZone: string, options: Intl.DateTimeFormatOptions): string {
  return format(at, timeZone, options);
}

export function formatClock(at: number): string {
  return new Date(at).toLocaleTimeString('en-GB');
}

/** Slack's date tokens (docs.slack.dev/messaging/formatting-message-text, 2026-11). */
export function formatSlackDate(seconds: number, pattern: string, timeZone: string): string {
  const at = new Date(seconds * 1000);
  const long = { year: 'numeric', month: 'long', day: 'numeric' } as const;
  const short = { year: 'numeric', month: 'short', day: 'numeric' } as const;
  const nearOr = (options: Intl.DateTimeFormatOptions) => {
    const near = nameDay(at, timeZone, new Date());
    return near === 'Today' || near === 'Yesterday'
      ? near.toLowerCase()
      : nameDate(at, timeZone, options);
  };
  const tokens: Record<string, () => string> = {
    date_num: () => {
      const [month, day, year] = dayOf(at, timeZone).split('/');
      return `${year}-${month}-${day}`;
    },
    date: () => nameDate(at, timeZone, long),
    date_short: () => nameDate(at, timeZone, short),
    date_long: () => nameDate(at, timeZone, { weekday: 'long', ...long }),
    date_pretty: () => nearOr(long),
    date_short_pretty: () => nearOr(short),
    date_long_pretty: () => nearOr({ weekday: 'long', ...long }),
    time: () => formatTime(at, timeZone),
    time_secs: () =>
      format(at, timeZone, { hour: 'numeric', minute: '2-digit', second: '2-digit' }),
    ago: () => sayAgo(seconds),
  };
  return pattern.replace(/\{(\w+)\}/g, (all, name: string) => tokens[name]?.() ?? all);
}

function sayAgo(seconds: number): string {
  const past = Date.now() / 1000 - seconds;
  const units = [
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
  ] as const;
  const relative = new Intl.RelativeTimeFormat('en-US', { numeric: 'auto' });
  for (const [unit, length] of units)
    if (Math.abs(past) >= length) return relative.format(-Math.round(past / length), unit);
  return 'just now';
}
