import type { Chain } from './digits.ts';
import { liesIn, type Range, type Span, wordsBefore } from './span.ts';

/**
 * Long numbers: of customers, accounts, passports, devices. A number that counts or measures something, a
 * moment, and the number of a ticket or an order are none.
 */

/** From this many digits on a number is somebody's. */
const LONG = 9;

/** How some countries write theirs; and four digits at a time. */
const WRITTEN =
  /^(?:\d{3}-\d{2}-\d{4}|\d{3}\.\d{3}\.\d{3}-\d{2}|(?!(?:(?:19|20)\d\d[ -]){2})\d{4,}(?:[ -]\d{4,})+(?:[ -]\d{1,3})?)$/;

/** What a number is that is no secret. */
const PUBLIC_WORD =
  /(?<!\p{L})(?:order|ticket|case|issue|bug|incident|invoice|build|job|run|pr|mr|pull request|revision|error|errno|hresult|commande|facture|bestellung|bestellnummer|auftrag|pedido|ordine|encomenda|bestelling|заказ)s?(?:\s(?:code|number|no|nr|num|id))?[\s:#.,n°º"'=(-]{0,4}$/iu;

const MOMENT_WORD =
  /(?<!\p{L})(?:timestamp|ts|time|epoch|unix|date|iat|exp|nbf|(?:created|updated|expires|deleted|modified)(?:_?(?:at|on))?|since|at)[\s:="'(]{0,4}$/iu;

const UNIT =
  /^\s?(?:(?:bytes?|octets?|bits?|[kmgt]i?b|ms|µs|ns|s|secs?|seconds?|minutes?|hours?|users?|people|rows?|records?|messages?|events?|downloads?|views?|steps?|requests?|lines?|items?|px|pixels?|eur|usd|gbp|euros?|dollars?|pesos?|yen)(?!\p{L})|[€$£¥%円元])/iu;

const CURRENCY_BEFORE = /(?:[€$£¥]|usd|eur|gbp)\s?$/i;

const MS_2015 = 1_420_070_400_000;
const MS_2030 = 1_893_456_000_000;

/** The long numbers among the numbers of a text. @param harmless parts of the text that have none */
export function findNumbers(text: string, chains: Chain[], harmless: Range[]): Span[] {
  return chains.flatMap((chain) =>
    splitAtLongGroups(chain).flatMap(({ start, end }) => {
      const span: Span = { kind: 'number', start, end };
      return liesIn(span, harmless) || isHarmless(text, span) ? [] : [span];
    }),
  );
}

/** The whole, where it is written as one number; otherwise each group that is long on its own. */
function splitAtLongGroups(chain: Chain): Range[] {
  const bare = chain.text.replace(/[\u00a0\u202f]/g, ' ').replace(/^\D+/, '');
  const digits = chain.groups.reduce((sum, { length }) => sum + length, 0);
  const start = chain.end - bare.length;
  if (digits >= LONG && WRITTEN.test(bare)) return [{ start, end: chain.end }];
  return chain.groups
    .filter(({ length }) => length >= LONG)
    .map(({ at, length }) => ({ start: chain.start + at, end: chain.start + at + length }));
}

function isHarmless(text: string, { start, end }: Range): boolean {
  const before = wordsBefore(text, start, 40);
  const number = text.slice(start, end);
  return (
    PUBLIC_WORD.test(before) ||
    CURRENCY_BEFORE.test(before) ||
    /(?:#|(?:^|\s)-)$/.test(before) ||
    UNIT.test(text.slice(end, end + 16)) ||
    isMoment(number, before)
  );
}

/** `20241129102201`, milliseconds since 1970, or seconds after a word for a moment. */
function isMoment(number: string, before: string): boolean {
  if (
    /^20[0-4]\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d){0,1}(?:\d{3})?$/.test(
      number,
    )
  ) {
    return true;
  }
  const isNear = (ms: number) => ms >= MS_2015 && ms < MS_2030;
  if (/^\d{13}$/.test(number)) return isNear(Number(number));
  return /^\d{10}$/.test(number) && isNear(Number(number) * 1000) && MOMENT_WORD.test(before);
}

const DATE =
  /(?<![\d./-])(?:\d{4}([./-])\d{1,2}\1\d{1,2}|\d{1,2}([./-])\d{1,2}\2(?:\d{4}|\d{2}))(?!\d|[./-]\d)/g;

/** `1,234,567,890`, `1 234 567,89`: counts and prices. */
const THOUSANDS =
  /(?<![\d.,])\d{1,3}(?:([ .,'’\u00a0\u202f])\d{3})(?:\1\d{3})+(?:[.,]\d{1,2})?(?![\d]|[.,-]\d)/g;
const DECIMAL = /(?<![\d.,])\d+[.,]\d+(?![.,-]?\d)/g;
const UUID = /(?<![\da-f])[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}(?![\da-f])/gi;

const toRange = ({ 0: found, index }: RegExpExecArray): Range => ({
  start: index,
  end: index + found.length,
});

/** Dates, of which no part is a phone number. */
export const findDates = (text: string): Range[] => [...text.matchAll(DATE)].map(toRange);

/** What has many digits and is no long number. */
export const findMeasures = (text: string): Range[] =>
  [THOUSANDS, DECIMAL, UUID].flatMap((pattern) => [...text.matchAll(pattern)].map(toRange));
