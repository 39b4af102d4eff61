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
export function redact(text: string): string {
  let result = '';
  let from = 0;
  for (const { kind, start, end } of findPrivate(text)) {
    result += `${text.slice(from, start)}[${kind}]`;
    from = end;
  }
  return result + text.slice(from);
}

/** How many of each kind a text has. */
export function countPrivate(text: string): Map<Kind, number> {
  const kinds = Map.groupBy(findPrivate(text), ({ kind }) => kind);
  return new Map([...kinds].map(([kind, spans]) => [kind, spans.length]));
}
