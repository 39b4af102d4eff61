/**
 * Slack's message timestamps: decimal strings such as `1732272000.123456`, unique in a channel.
 * They are identities, so they stay text. Ten digits before the point (until 2286) and six after it
 * make them sort by time.
 */

export const TS_PATTERN = /^\d{10}\.\d{6}$/;

/** The time of a message in ms since 1970. */
export function tsToMs(ts: string): number {
  // Cut as text: floating-point multiplication would put some a millisecond early.
  return Number(ts.replace('.', '').slice(0, 13));
}

/** The lowest timestamp for a time in ms since 1970, for `oldest` and for comparisons. */
export function msToTs(ms: number): string {
  return `${String(Math.floor(ms / 1000)).padStart(10, '0')}.${String(Math.floor(ms % 1000)).padStart(3, '0')}000`;
}

/** The later of two timestamps. */
export function laterTs(a: string, b: string): string {
  return a > b ? a : b;
}

/**
 * A message's address in the browser and the apps. Slack documents no formula, but chat.getPermalink
 * answers this form, which has been stable for a decade. Building it saves a call for each message.
 * @param workspaceUrl as auth.test gives it, with the slash at the end
 */
export function permalink(
  workspaceUrl: string,
  channel: string,
  ts: string,
  threadTs?: string | null,
): string {
  const url = `${workspaceUrl}archives/${channel}/p${ts.replace('.', '')}`;
  return threadTs && threadTs !== ts ? `${url}?thread_ts=${threadTs}&cid=${channel}` : url;
}

/** The timestamp a microsecond later (1) or earlier (-1), which is as close as two can be. */
export function stepTs(ts: string, by: 1 | -1): string {
  const digits = String(BigInt(ts.replace('.', '')) + BigInt(by)).padStart(16, '0');
  return `${digits.slice(0, 10)}.${digits.slice(10)}`;
}
