import { cutMiddle, noteLeftOut } from '../text.ts';
import { findCards, findIbans } from './accounts.ts';
import { findEmails, findIps } from './addresses.ts';
import { findChains } from './digits.ts';
import { findKeys } from './keys.ts';
import { findDates, findMeasures, findNumbers } from './numbers.ts';
import { findPhones } from './phones.ts';
import { joinSpans, type Kind, liesIn, type Range, type Span } from './span.ts';
import { findSecretsInUrls, findUrls } from './urls.ts';

/**
 * Finds what identifies a person or opens a door, and puts a word for its kind in its place:
 * `[email]`, `[phone]`, `[card]`, `[iban]`, `[key]`, `[ip]`, `[number]`. Names stay.
 */

/** What is to be replaced in a text, in order, without overlaps. */
export function findPrivate(text: string): Span[] {
  const urls = findUrls(text);
  const spans: Span[] = [...findSecretsInUrls(text, urls), ...findKeys(text)];
  if (/@|%40|at/i.test(text)) spans.push(...findEmails(text, urls));
  if (!/\d/.test(text)) return joinSpans(spans);
  const chains = findChains(text);
  spans.push(...findIbans(text), ...findCards(chains), ...findIps(text, urls));
  // An address may have any digits. What is replaced already, or is a part of a date, is not a second thing.
  const outside = chains.filter((chain) => !liesIn(chain, urls) || chain.text.startsWith('+'));
  const dates = findDates(text);
  const taken = sortRanges([...spans, ...dates]);
  const phones = findPhones(text, outside, taken);
  const harmless = sortRanges([...taken, ...phones, ...urls, ...findMeasures(text)]);
  return joinSpans([...spans, ...phones, ...findNumbers(text, outside, harmless)]);
}

/** In order and without overlaps, as `liesIn` needs them. */
function sortRanges(ranges: Range[]): Range[] {
  return joinSpans(ranges.map(({ start, end }) => ({ kind: 'number', start, end })));
}

/** The text with a placeholder for each private part. */
export const redact = (text: string): string =>
  replace(text, findPrivate(text), { start: 0, end: text.length });

/** So far around a cut is looked: a private key in its frame has up to 3,500 characters. */
const AROUND_CUT = 4_000;

/** A placeholder may be longer than what it stands for. */
const NOTE_LENGTH = 50;

/**
 * The same of a text that loses its middle when it is longer than `length`, as by `cutMiddle`. The cut
 * never goes through a private part. What is left out is not searched: forty thousand characters may take
 * a hundred milliseconds.
 */
export function redactAndCut(text: string, length: number): string {
  const cut = text.length <= length ? redact(text) : cutRedacted(text, length);
  return cutMiddle(cut, length + NOTE_LENGTH);
}

function cutRedacted(text: string, length: number): string {
  const afterHead = Math.floor(length * 0.75);
  const beforeTail = text.length - Math.floor(length * 0.25);
  const spans = findPrivateAround(text, afterHead, beforeTail);
  const through = (at: number) => spans.find(({ start, end }) => start < at && at < end);
  const head = { start: 0, end: through(afterHead)?.start ?? afterHead };
  const tail = { start: through(beforeTail)?.end ?? beforeTail, end: text.length };
  return [
    replace(text, spans, head).toWellFormed(),
    noteLeftOut(tail.start - head.end),
    replace(text, spans, tail).toWellFormed(),
  ].join('');
}

function findPrivateAround(text: string, afterHead: number, beforeTail: number): Span[] {
  const headEnd = afterHead + AROUND_CUT;
  const tailStart = beforeTail - AROUND_CUT;
  if (headEnd >= tailStart) return findPrivate(text);
  const inTail = findPrivate(text.slice(tailStart));
  return [
    ...findPrivate(text.slice(0, headEnd)),
    ...inTail.map(({ kind, start, end }) => ({
      kind,
      start: start + tailStart,
      end: end + tailStart,
    })),
  ];
}

/** A part of the text, with a placeholder for each private part that lies in it. */
function replace(text: string, spans: Span[], part: Range): string {
  let result = '';
  let from = part.start;
  for (const { kind, start, end } of spans) {
    if (start < part.start || end > part.end) continue;
    result += `${text.slice(from, start)}[${kind}]`;
    from = end;
  }
  return result + text.slice(from, part.end);
}

/** How many of each kind a text has. */
export function countPrivate(text: string): Map<Kind, number> {
  const kinds = Map.groupBy(findPrivate(text), ({ kind }) => kind);
  return new Map([...kinds].map(([kind, spans]) => [kind, spans.length]));
}
