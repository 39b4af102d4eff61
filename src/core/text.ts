/**
 * Makes text from outside harmless. Slack's incoming text is escaped (`&amp; &lt; &gt;`) and contains
 * tokens (`<@U1>`, `<#C1|name>`, `<!here>`, `<url|label>`). People and Claude read plain text; it is
 * escaped again only for a place that Slack parses.
 */

// Every control character except tab and line feed. NUL ends a string in C; the others are invisible.
// biome-ignore lint/suspicious/noControlCharactersInRegex: this removes them
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

// Direction overrides and isolates can make the text around them read backwards.
const DIRECTION_CONTROLS = /[\u202a-\u202e\u2066-\u2069]/g;

/** Returns well-formed text without control characters: safe for SQLite, JSON and form encoding. */
export function cleanText(text: string): string {
  return text.toWellFormed().replace(CONTROLS, '').replace(DIRECTION_CONTROLS, '');
}

const ENTITIES: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>' };

const unescapeEntities = (text: string) =>
  text.replace(/&(?:amp|lt|gt);/g, (entity) => ENTITIES[entity] ?? entity);

/** Escapes text for a place where Slack parses mrkdwn tokens (a top-level `text`). */
export function escapeMrkdwn(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

/**
 * Slack's escaped, tokenised text as a person would read it.
 * @param nameOf returns the name of a user id, if it is known
 */
export function toPlainText(raw: string, nameOf: (user: string) => string | undefined): string {
  const resolved = raw.replace(/<([^<>]*)>/g, (_whole, inner: string) => {
    const bar = inner.indexOf('|');
    const target = bar < 0 ? inner : inner.slice(0, bar);
    const label = bar < 0 ? '' : inner.slice(bar + 1);
    if (target.startsWith('@')) return `@${nameOf(target.slice(1)) ?? (label || 'someone')}`;
    if (target.startsWith('#')) return `#${label || 'a-channel'}`;
    if (target.startsWith('!date^')) return label || 'a date';
    if (target.startsWith('!subteam^')) return label || '@a-group';
    if (target.startsWith('!')) return `@${label.replace(/^@/, '') || target.slice(1)}`;
    if (target.startsWith('tel:')) return label || target.slice('tel:'.length);
    const url = target.replace(/^mailto:/, '');
    return label && label !== url ? `${label} (${url})` : url;
  });
  return unescapeEntities(resolved).trim();
}

/** Puts a text on one line: a dot stands where a line ends without a mark. */
export const foldLines = (text: string): string =>
  text.replace(/(\S)[^\S\n]*\n\s*/gu, (_end, last: string) =>
    /\p{P}/u.test(last) ? `${last} ` : `${last} · `,
  );

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * Puts the text on one line of at most `length` UTF-16 units. Cuts between whole characters (an emoji
 * with its skin tone is one), or between words if there is a space near the end.
 */
export function shorten(text: string, length: number): string {
  const line = text.replace(/\s+/g, ' ').trim();
  if (line.length <= length) return line;
  let end = 0;
  for (const { index, segment } of graphemes.segment(line.slice(0, length + 40))) {
    if (index + segment.length > length - 1) break;
    end = index + segment.length;
  }
  const cut = line.slice(0, end);
  const space = cut.lastIndexOf(' ');
  // Not “morning;…”.
  return `${(space > length * 0.7 ? cut.slice(0, space) : cut).replace(/[\s,;:]+$/, '')}…`;
}

/** Keeps the beginning and the end of a long text, with a note of how much is left out between them. */
export function cutMiddle(text: string, length: number): string {
  if (text.length <= length) return text;
  const head = text.slice(0, Math.floor(length * 0.75)).toWellFormed();
  const tail = text.slice(-Math.floor(length * 0.25)).toWellFormed();
  return `${head}${noteLeftOut(text.length - head.length - tail.length)}${tail}`;
}

/** Stands where so many characters were left out of a text. */
export const noteLeftOut = (characters: number) => `\n[… ${characters} characters left out …]\n`;

/** A number as a language writes it: `2,000`. @param locale a language tag */
export const formatNumber = (n: number, locale = 'en') => n.toLocaleString(locale);

/** `1 message`, `2,000 messages`: a count with its noun. */
export function count(n: number, noun: string, plural = `${noun}s`, locale = 'en'): string {
  return `${formatNumber(n, locale)} ${n === 1 ? noun : plural}`;
}

/** An amount in US dollars, to a useful precision: `$0.0031`, `$1.20`, `less than $0.0001`. */
export function formatUsd(usd: number): string {
  if (usd > 0 && usd < 0.0001) return 'less than $0.0001';
  return `$${usd.toFixed(usd >= 1 || usd === 0 ? 2 : 4)}`;
}

/** A price that is said before it is spent: `at most about $0.0043`. */
export const formatAtMost = (usd: number) => `at most about ${formatUsdUp(usd)}`;

/** A price, rounded up. */
export function formatUsdUp(usd: number): string {
  const digits = usd >= 1 ? 2 : 4;
  // 0.0043 is not a little more than itself.
  const up = Math.ceil(Number((usd * 10 ** digits).toPrecision(12))) / 10 ** digits;
  return formatUsd(up);
}

/** A duration in at most two units: `45 s`, `7 min`, `2 h 5 min`, `3 days`. */
export function formatDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  return count(Math.round(hours / 24), 'day');
}
