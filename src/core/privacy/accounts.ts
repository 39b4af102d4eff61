import { countrySpecs, isValidIBAN } from 'ibantools';
import card from 'validator/lib/isCreditCard.js';
import { type Chain, windowsOf } from './digits.ts';
import type { Span } from './span.ts';

/** Cards and bank accounts. Both have check digits, so that hardly any other number is taken for one. */

const IBAN_START = /(?<![A-Za-z\d])[A-Za-z]{2}\d{2}(?=[ \u00a0-]?[A-Za-z\d])/g;

const specs: Record<string, { chars?: number | null } | undefined> = countrySpecs;

/** The IBANs of a text, whose length is that of their country. */
export function findIbans(text: string): Span[] {
  return [...text.matchAll(IBAN_START)].flatMap(({ 0: { length }, index: start }) => {
    const country = text.slice(start, start + 2).toUpperCase();
    const chars = specs[country]?.chars;
    if (!chars) return [];
    let iban = text.slice(start, start + length).toUpperCase();
    let end = start + length;
    while (iban.length < chars) {
      if (/[ \u00a0-]/.test(text[end] ?? '')) end++;
      if (!/[A-Za-z\d]/.test(text[end] ?? '')) return [];
      iban += text[end++]?.toUpperCase();
    }
    const whole = !/[A-Za-z\d]/.test(text[end] ?? '');
    return whole && isValidIBAN(iban) ? [{ kind: 'iban' as const, start, end }] : [];
  });
}

/** The most groups that a card's digits are written in. */
const CARD_GROUPS = 5;

/** The card numbers of a text, of any of the big networks. */
export function findCards(chains: Chain[]): Span[] {
  return chains.flatMap((chain) =>
    [...windowsOf(chain, CARD_GROUPS, [13, 19])].flatMap(({ end, text }) => {
      const number = text.replace(/^\D+/, '');
      const plausible = /^(?:\d{13,19}|\d{3,}(?:[ \u00a0-]\d{3,})+)$/.test(number);
      return plausible && card.default(number.replace(/\D/g, ''))
        ? [{ kind: 'card' as const, start: end - number.length, end }]
        : [];
    }),
  );
}
