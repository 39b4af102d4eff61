import { cleanText } from '../text.ts';

/**
 * What a text says, without what integrations keep up to date in it: the status of a ticket, counters,
 * times, who works on it. Only parts that consist of nothing else are left out: a label with a value of
 * its kind (`Status: open`), or a phrase (`3 votes`, `updated 5 min ago`). Everything else counts, word
 * by word.
 */

/** Whether an edit leaves what is said the same. Transitive, so many small edits add up to nothing. */
export function saysSame(one: string, other: string): boolean {
  return one === other || (essenceOf(one) !== '' && essenceOf(one) === essenceOf(other));
}

/** The words of a text that count; '' when it has no others than those that change by themselves. */
export function essenceOf(text: string): string {
  const lines = text
    .replace(DATE_TOKEN, ' 00:00 ')
    .replace(GAPS, shortenGap)
    .replace(STATE_BEFORE, '')
    .split('\n');
  const kept: string[] = [];
  for (let n = 0; n < lines.length; n++) {
    const line = lines[n] ?? '';
    // A field shows its label and its value in two lines.
    const kind = kindOfLabel(plainOf(line).replace(/\s*[:：]$/, ''));
    if (kind && holds(kind, plainOf(lines[n + 1] ?? ''))) {
      n++;
      continue;
    }
    if (isField(line)) continue;
    const parts = splitLine(line.replace(BRACKETED, keepWords).replace(COUNT_FIELD, keepOthers));
    // `It crashes | Open`
    const isTable = parts.length > 1 && /[|·•\t]/.test(line);
    kept.push(
      ...parts.filter(
        (part, n) => !changesByItself(part) && !(isTable && n > 0 && isStatus(plainOf(part))),
      ),
    );
  }
  return cleanText(kept.join(' ')).replace(FORMATTING, '').replace(/\s+/g, ' ').trim();
}

/**
 * Ten thousand spaces in a row would keep the patterns below busy for minutes: they try each way to
 * divide them. One says the same.
 */
const GAPS = /[^\S\n]{2,}/g;
const shortenGap = (gap: string) => (gap.includes('\t') ? '\t' : ' ');

/** `🟢 It crashes`, `Closed: It crashes`: how a title begins. */
const STATE_BEFORE =
  /^(?:\s|[*_~`]|[🟢🔴🟡🟠⚪🔵⚫🟣✅⏳⌛🚧🆕☑✔]\ufe0f?|:(?:large_)?(?:green|red|yellow|orange|white|blue|black|purple)_circle:|:(?:white_check_mark|heavy_check_mark|hourglass|hourglass_flowing_sand|construction|new):)*(?:(?:open|closed|re-?opened|resolved|solved|fixed|done|pending|acknowledged|triggered|investigating|identified|monitoring|in progress)\s*:\s+)?/iu;

/** Signs that only format. */
const FORMATTING = /(?<![\p{L}\p{N}])[*_~`]+|[*_~`]+(?![\p{L}\p{N}])/gu;

/** `Status → open`, `Status open` */
function isField(line: string): boolean {
  const words = plainOf(line).split(/\s+(?:(?:→|->|=>|[-–—=])\s+)?/);
  return [1, 2, 3].some((n) => {
    const kind = kindOfLabel(words.slice(0, n).join(' '));
    return kind !== undefined && holds(kind, words.slice(n).join(' '));
  });
}

/** `Comments: 3` among other words. */
const COUNT_FIELD =
  /(?<![\p{L}\p{N}])(\p{L}[\p{L} ]{1,18}?):\s*\d[\d.,]*[km]?(?![\p{L}\p{N}/%])/giu;

const keepOthers = (whole: string, label: string): string =>
  kindOfLabel(label.trim()) === 'count' ? ' ' : whole;

/** `<!date^1790000000^{date}|fallback>` */
const DATE_TOKEN = /<!date\^[^<>]*>/g;

/** `(3 votes)`, `[Open]` */
const BRACKETED = /\(([^()[\]]*)\)|\[([^()[\]]*)\]/g;

function keepWords(whole: string, round: string | undefined, square: string | undefined): string {
  const inner = plainOf(round ?? square ?? '');
  const status = inner !== '' && isStatus(inner);
  return status || changesByItself(inner) ? ' ' : whole;
}

/**
 * Parts between separators; a separator in a link (`<url|label>`) is none. A line that begins with a field
 * may have more of them: `Status: *Open*   Assignee: Jane`.
 */
function splitLine(line: string): string[] {
  const hidden = line.replace(/<[^<>]*>/g, (token) =>
    token.replace(/[|·•\s]/g, (sign) => HIDDEN[sign] ?? sign),
  );
  return hidden
    .split(FIELD.test(plainOf(line)) ? BETWEEN_FIELDS : BETWEEN_PARTS)
    .map((part) => part.replace(/[\ue000-\ue003]/g, (sign) => SHOWN[sign] ?? sign).trim())
    .filter(Boolean);
}
const BETWEEN_PARTS = /[|·•\t]|\s[-–—]\s|(?<=[.!?])\s+/;
const FIELD = /^[\p{L}][\p{L}' -]{1,38}[:：]/u;
const BETWEEN_FIELDS =
  /[|·•\t]|\s[-–—]\s|(?<=[.!?])\s+|[,;]\s+(?=[*_]*\p{L}[\p{L}' -]{1,38}[*_]*[:：])|\s+(?=[*_]*\p{Lu}[\p{L}']*[*_]*[:：])/u;
const HIDDEN: Record<string, string> = {
  '|': '\ue000',
  '·': '\ue001',
  '•': '\ue002',
  ' ': '\ue003',
};
const SHOWN = Object.fromEntries(Object.entries(HIDDEN).map(([sign, hidden]) => [hidden, sign]));

/** As a person reads it: links by their labels, without formatting and the signs before it. */
function plainOf(part: string): string {
  return part
    .replace(/<([^<>|]*)\|([^<>]*)>/g, '$2')
    .replace(/[*_~`]/g, '')
    .replace(LEADING_SIGNS, '')
    .replace(TRAILING_SIGNS, '')
    .trim()
    .replace(/[.!;,]+$/, '');
}

const LEADING_SIGNS = /^(?:\s|:[a-z0-9_+-]+:|\p{Extended_Pictographic}|\ufe0f|[•◦▪>]|[-–—]\s)+/u;

const TRAILING_SIGNS = /(?:\s|:[a-z0-9_+-]+:|\p{Extended_Pictographic}|\ufe0f)+$/u;

type Kind = 'status' | 'time' | 'count' | 'worker';

const list = (words: string): Set<string> => new Set(words.trim().split(/\s*,\s*/));

const LABELS: Record<Kind, Set<string>> = {
  status: list(
    `status, state, stage, resolution, ticket status, issue status, current status, new status,
    request status, workflow status, column, statut, état, estado, stato, zustand`,
  ),
  time: list(
    `updated, last updated, updated at, last update, modified, last modified, edited, last edited,
    changed, last changed, last seen, last activity, last reply, last response, last comment, last sync,
    last synced, last checked, refreshed, synced, as of, generated, generated at, checked, age, time open,
    open for, open since, time in status, created, created at, opened, opened at, closed at, resolved at,
    first seen, time, date, timestamp, updated on, created on, submitted at, received at, sent at,
    posted at, due, due in, due date, sla, time left, expires, zuletzt aktualisiert, aktualisiert, mis à jour, actualizado`,
  ),
  count: list(
    `views, votes, upvotes, downvotes, likes, dislikes, comments, replies, reactions, followers,
    watchers, subscribers, participants, events, occurrences, hits, duplicates, shares, vote count,
    view count, comment count, event count, count, total, retries, attempts, attempt, progress, run, users,
    affected users, users affected, number of votes, aufrufe, stimmen, kommentare`,
  ),
  worker: list(
    `assignee, assigned, assigned to, owner, handled by, agent, responsible, updated by,
    last updated by, edited by, changed by, resolved by, closed by, zugewiesen an, bearbeiter`,
  ),
};

const KINDS = Object.keys(LABELS) as Kind[];

const kindOfLabel = (label: string): Kind | undefined =>
  KINDS.find((kind) => LABELS[kind].has(label.toLowerCase().replace(/\s+/g, ' ').trim()));

function holds(kind: Kind, value: string): boolean {
  if (value === '') return false;
  if (NOTHING.has(value.toLowerCase())) return true;
  switch (kind) {
    case 'status':
      return value
        .split(/\s*[,;]\s*/)
        .every((one) => isStatus(one) || isWorker(/^assigned to (.+)$/i.exec(one)?.[1] ?? ''));
    case 'time':
      return isTime(value);
    case 'count':
      return NUMBERS.test(value);
    case 'worker':
      return isWorker(value);
    default:
      return kind satisfies never;
  }
}

const NOTHING = list('-, –, —, none, n/a, unassigned, nobody, no one, empty, unknown, tbd');

/** `12`, `1,204`, `+3`, `3/5`, `40 %`, `1.2k` */
const NUMBERS = /^[+-]?\d[\d.,' ]*[km]?\s*%?(?:\s*(?:\/|of)\s*\d[\d.,]*)?$/i;

const STATUS_WORDS = list(
  `open, opened, reopened, re-opened, close, closed, new, pending, waiting, wait, for, on, in, to, not,
  is, now, progress, in-progress, working, started, unstarted, start, active, inactive, done, todo, do,
  to-do, backlog, triage, triaged, untriaged, review, reviewed, reviewing, under, qa, test, testing,
  ready, release, released, deployed, shipped, merged, fix, fixed, unfixed, resolved, unresolved, solved,
  unsolved, wontfix, won't, duplicate, invalid, rejected, declined, accepted, approved, acknowledged,
  planned, scheduled, queued, assigned, unassigned, blocked, hold, on-hold, paused, snoozed, muted,
  ignored, archived, cancelled, canceled, completed, complete, incomplete, investigating, identified,
  monitoring, confirmed, verified, selected, development, escalated, replied, answered, unanswered, read,
  unread, customer, customer's, support, engineering, response, reply, us, them, third, party, 3rd, of,
  the, →, ->, and, by, re, awaiting, needs, need, info, information, more, eng, dev, ops, triggered,
  firing, recovered, stale, expired, draft, published, failed, passed, processing, processed, received,
  submitted, offen, geschlossen, neu, erledigt, bearbeitung, wartend, gelöst, ouvert, fermé,
  nouveau, résolu, cours, en, attente, abierto, cerrado, nuevo, resuelto, curso`,
);

const wordsOf = (value: string): string[] =>
  value
    .toLowerCase()
    .replace(/’/g, "'")
    .split(/[\s/_,-]+|(?=[→>])/)
    .filter(Boolean);

function isStatus(value: string): boolean {
  const words = wordsOf(value.replace(LEADING_SIGNS, '').trim());
  return words.length > 0 && words.length <= 6 && words.every((word) => STATUS_WORDS.has(word));
}

const TIME_WORDS = list(
  `ago, at, on, the, about, just, now, today, yesterday, am, pm, a.m, p.m, a, an, few, utc, gmt, cet,
  cest, est, edt, cst, cdt, mst, mdt, pst, pdt, bst, ist, jst, s, sec, secs, second, seconds, m, min, mins,
  minute, minutes, h, hr, hrs, hour, hours, d, day, days, w, week, weeks, mo, month, months, y, year,
  years, less, than, over, mon, tue, wed, thu, fri, sat, sun, monday, tuesday, wednesday, thursday, friday,
  saturday, sunday, left, remaining, overdue, in, jan, feb, mar, apr, may, jun, jul, aug, sep, sept, oct, nov, dec, january, february,
  march, april, june, july, august, september, october, november, december, vor, minuten, stunden, tagen,
  uhr, heute, gestern, hace, il, y, jours, heures`,
);

/** `10:45`, `2026-11-23`, `23.11.2026`, `5h`, `3rd`, `2026-11-23T10:45:00Z`, `+02:00` */
const TIME_NUMBER =
  /^[+~]?\d+(?:[:./-]\d+)*(?:t\d+(?::\d+)*(?:\.\d+)?(?:z|[+-]\d+(?::\d+)?)?)?(?:st|nd|rd|th|s|sec|m|min|h|d|w|mo|am|pm|y)?$/;

function isTime(value: string): boolean {
  const words = value
    .toLowerCase()
    .replace(/[()]/g, ' ')
    .split(/[\s,]+/)
    .filter(Boolean);
  return (
    words.length > 0 &&
    words.every((word) => TIME_WORDS.has(word) || TIME_NUMBER.test(word)) &&
    words.some((word) => /\d/.test(word) || word === 'now' || /day$/.test(word) || word === 'ago')
  );
}

/** A mention, an address, a handle, or a name of up to four capitalized words. */
const isWorker = (value: string): boolean =>
  /^(?:<@[UW][A-Z0-9]+>|@[\w.-]+|[\w.-]+@[\w.-]+|\p{Lu}[\p{L}'.-]*(?: \p{Lu}[\p{L}'.-]*){0,3})$/u.test(
    value,
  );

const COUNTED =
  /^[+]?\d[\d.,]*[km]?\s*(?:new |more )?(?:views?|votes?|upvotes?|downvotes?|likes?|comments?|replies|reply|reactions?|followers?|watchers?|subscribers?|participants?|events?|occurrences?|hits?|duplicates?|shares?|users? affected|affected users?|(?:people|users?|persons?|customers?) (?:have )?(?:voted|upvoted|liked|reacted|commented|watching|following|affected))(?: so far| in the last (?:\d+ )?(?:minute|hour|day|week|month)s?)?$/i;
const COUNTED_AFTER =
  /^(?:views|votes|upvotes|downvotes|likes|comments|replies|reactions|followers|watchers|events|occurrences|hits|run|attempt|retry)\s*[(#]?\s*\d[\d.,]*\)?$/i;
const SEEN_TIMES =
  /^(?:(?:seen|viewed|read|voted|occurred|happened so far)\s+\d[\d.,]*\s*(?:times|x|×)|(?:seen|viewed|read|liked|up ?voted|voted|affects|affecting)(?: for)? (?:by )?\d[\d.,]*[km]? (?:people|users?|persons?|customers?))$/i;

const isCount = (part: string): boolean =>
  COUNTED.test(part) || COUNTED_AFTER.test(part) || SEEN_TIMES.test(part);

/** `Resolved by Jane`, `Assigned to <@U1>` */
const HANDLED =
  /^(?:(?:resolved|closed|re-?opened|claimed|picked up|triaged|merged|fixed|acknowledged|snoozed|handled|edited|updated) by|(?:re)?assigned to) (.+)$/i;

/** `👍 3`, `:eyes: 12`; no stars, which rate. */
const REACTED =
  /^(?:(?::(?:\+1|-1|thumbsup|thumbsdown|eyes|heart|arrow_up|arrow_up_small|speech_balloon|busts_in_silhouette):|[👍👎👀❤⬆🔼💬👥]\ufe0f?)\s*\d[\d.,]*\s*)+$/u;

const TIMED =
  /^(?:(?:last )?(?:updated?|edited|modified|changed|seen|refreshed|synced|checked|generated)|as of|due(?: in)?|expires(?: in)?|open(?:ed)? (?:for|since)|(?:open|clos|creat|resolv|reopen)ed|zuletzt aktualisiert|aktualisiert)\s*(?:on |at )?(.+)$/i;

/** Whether a part of a line consists of nothing that somebody says. */
function changesByItself(part: string): boolean {
  const unformatted = part.replace(/[*_~`]/g, '').trim();
  if (REACTED.test(unformatted)) return true;
  const plain = plainOf(part);
  if (plain === '') return false;
  const signed =
    LEADING_SIGNS.test(unformatted) && /^[:\p{Extended_Pictographic}]/u.test(unformatted);
  if (signed && isStatus(plain)) return true;
  // `3 comments, 2 votes`
  if (plain.split(/\s*[,;&+]\s*|\s+and\s+/).every(isCount)) return true;
  if (/^edited$/i.test(plain) || isWorker(HANDLED.exec(plain)?.[1] ?? '')) return true;
  const [, label, value = ''] = /^([^:：=]{2,40}?)\s*[:：=]\s*(.*)$/.exec(plain) ?? [];
  const kind = label === undefined ? undefined : kindOfLabel(label);
  if (kind && holds(kind, value.replace(/^[*_~`\s]+/, ''))) return true;
  const [, when] = TIMED.exec(plain) ?? [];
  if (when !== undefined) {
    const [time = '', by] = when.split(/\s+by\s+/);
    return isTime(time) && (by === undefined || isWorker(by));
  }
  // A time alone: the moment of a post, not an answer such as "yesterday" or "3 days".
  return isTime(plain) && /\d[:./-]\d|\bago\b/i.test(plain);
}
