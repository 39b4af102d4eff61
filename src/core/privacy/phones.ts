import { type CountryCode, isValidPhoneNumber } from 'libphonenumber-js/min';
import { type Chain, windowsOf } from './digits.ts';
import { liesIn, type Range, type Span, wordsBefore } from './span.ts';

/**
 * Phone numbers. libphonenumber decides, number by number: its own search of a text takes a minute for
 * 40,000 digits with signs between them. A number without its country's code has to be written as people
 * write phone numbers there, or stand after a word for one.
 */

const PHONE_GROUPS = 7;

const PHONE_WORD =
  /(?:(?<!\p{L})(?:phone|telephone|tel|tél|téléphone|telefon\p{L}*|telefoon|teléfono|cell(?:phone|ulare)?|celular|mobile?|móvil|mobil|telemóvel|portable|handy\p{L}*|fax|whatsapp|sms|call|ring|dial|text|appel\p{L}*|joindre|joignable|anrufen|erreichbar|bel|llám\p{L}*|chiam\p{L}*|numéro|número|numero|my number|nummer|телефон\p{L}*|звон\p{L}*|тел)|電話番号?|電話|电话|手机号?码?|携帯|연락처|전화(?:번호)?)[^\d]{0,16}$/iu;

/** Words after which a number is another one of somebody's. */
const OTHER_NUMBER =
  /(?:client\p{L}*|customer|cliente|kunde\p{L}*|account|konto\p{L}*|commande|order|pedido|card|carte|sécu\p{L}*|serial|série|version)[^\d]{0,16}$/iu;

/** Countries whose numbers begin with a 0 within the country. */
const WITH_TRUNK: CountryCode[] = [
  ...(['FR', 'DE', 'GB', 'IT', 'CH', 'NL', 'AU', 'JP', 'KR', 'TR', 'SE', 'BE', 'AT'] as const),
  ...(['IE', 'IN', 'CN', 'NZ', 'ZA'] as const),
];

/** Numbers of persons in the United States. */
const NO_PHONE = /^\d{3}-\d{2}-\d{4}$/;

/** How numbers without such a 0 are grouped, and where. */
const SHAPES: [RegExp, CountryCode[]][] = [
  [/^(?:1[ .-])?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}$/, ['US', 'IT']],
  [/^\d{3} \d{2} \d{2} \d{2}$/, ['ES']],
  [/^\d{5} \d{5}$/, ['IN']],
  [/^\(\d{2}\) ?\d{4,5}[ -]\d{4}$/, ['BR']],
  [/^\d{2} \d{4} \d{4}$/, ['MX']],
  [/^1\d{2}[ -]\d{4}[ -]\d{4}$/, ['CN']],
  [/^8[ -]?\(?\d{3}\)?[ -]\d{3}[ -]\d{2}[ -]\d{2}$/, ['RU']],
];

/** This many questions to libphonenumber about one text; each takes some tens of microseconds. */
const MOST_QUESTIONS = 500;

/**
 * The phone numbers among the numbers of a text. Where a text has hundreds of numbers, what looks like one
 * is taken for one from some point on, so that it does not keep others waiting.
 * @param dates parts of the text that are none
 */
export function findPhones(text: string, chains: Chain[], dates: Range[]): Span[] {
  const spans: Span[] = [];
  let questions = 0;
  const isValid: Validity = (number, country) =>
    ++questions > MOST_QUESTIONS || isValidPhoneNumber(number, country);
  for (const chain of chains) {
    let from = chain.start;
    for (const { start, end, text: written } of windowsOf(chain, PHONE_GROUPS, [7, 17])) {
      if (start < from || liesIn({ start, end }, dates)) continue;
      const whole = start === chain.start && end === chain.end;
      if (!isPhone(written, isValid) && !(whole && isNamed(text, start, written))) continue;
      spans.push({ kind: 'phone', start, end });
      from = end;
    }
  }
  return spans;
}

type Validity = (number: string, country?: CountryCode) => boolean;

function isPhone(text: string, isValid: Validity): boolean {
  const written = text.replace(/[\u00a0\u202f]/g, ' ').replace(/[‐‑–]/g, '-');
  const digits = written.replace(/\D/g, '');
  // The `(0)` of `+49 (0)89` is not dialled from abroad.
  const abroad = (number: string) => isValid(`+${number.replace(/\(0\)/, '').replace(/\D/g, '')}`);
  if (written.startsWith('+')) return abroad(written);
  const prefix = /^\(?(?:0011|011|00)(?=[1-9 ])/.exec(written)?.[0];
  if (prefix && digits.length > 10 && abroad(written.slice(prefix.length))) return true;
  if (digits.length < 9 || digits.length > 12) return false;
  const trunk = /^\(?0[1-9]/.test(written) && !NO_PHONE.test(written);
  const grouped = SHAPES.flatMap(([shape, countries]) => (shape.test(written) ? countries : []));
  return [...(trunk ? WITH_TRUNK : []), ...grouped].some((country) => isValid(digits, country));
}

/** Whether a word before it says that it is one. */
function isNamed(text: string, start: number, written: string): boolean {
  if (written.replace(/\D/g, '').length > 15) return false;
  const before = wordsBefore(text, start, 40);
  return PHONE_WORD.test(before) && !OTHER_NUMBER.test(before);
}
