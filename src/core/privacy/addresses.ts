import ip from 'validator/lib/isIP.js';
import { liesIn, type Range, type Span, wordsBefore } from './span.ts';
import type { Address } from './urls.ts';

/** E-mail addresses and IP addresses. */

const LOCAL = String.raw`[\p{Script=Latin}\p{N}_][\p{Script=Latin}\p{N}._%+'’-]{0,63}`;
const LABEL = String.raw`[\p{Script=Latin}\p{N}](?:[\p{Script=Latin}\p{N}-]{0,62})`;
const TLD = String.raw`\p{Script=Latin}{2,24}(?![\p{Script=Latin}\p{N}])`;

/** Also within an address: `email=ann%40example.com`. */
const EMAIL = new RegExp(`${LOCAL}(?:@|%40)(?:${LABEL}\\.){1,8}${TLD}`, 'gu');

/** `ann (at) example [dot] com` */
const SPELLED = new RegExp(
  `${LOCAL}\\s?[[({]\\s?at\\s?[\\])}]\\s?${LABEL}(?:\\s?(?:\\.|[[({]\\s?dot\\s?[\\])}])\\s?${LABEL}){1,5}`,
  'giu',
);

/** The e-mail addresses of a text. */
export function findEmails(text: string, urls: Address[]): Span[] {
  const userInfos = urls.map(({ userInfo: { start, end } }) => ({ start, end: end + 1 }));
  return [...text.matchAll(EMAIL), ...text.matchAll(SPELLED)].flatMap(({ 0: address, index }) => {
    const at = index + address.search(/@|%40|[[({]/);
    if (liesIn({ start: at, end: at + 1 }, userInfos)) return [];
    return [{ kind: 'email' as const, start: index, end: index + address.length }];
  });
}

const V4 = /(?<![\p{L}\p{N}_.])\d{1,3}(?:\.\d{1,3}){3}(?![\p{L}\p{N}_]|\.[\p{L}\p{N}])/gu;
/** IPv6 next to letters of other scripts is still one; its own letters are those of hexadecimal numbers. */
const V6 =
  /(?<![\p{Script=Latin}\p{N}_:.+])(?=[\da-f]{0,4}:[\da-f]{0,4}:)[\da-f:]{3,39}(?:(?<=:)\d{1,3}(?:\.\d{1,3}){3})?(?![\p{Script=Latin}\p{N}_])/giu;

/** The IP addresses of a text. */
export function findIps(text: string, urls: Address[]): Span[] {
  const paths: Range[] = urls.map(({ hostEnd, end }) => ({ start: hostEnd, end }));
  const spans: Span[] = [];
  const add = (start: number, length: number) => {
    const span: Span = { kind: 'ip', start, end: start + length };
    if (!liesIn(span, paths)) spans.push(span);
  };
  for (const { 0: address, index } of text.matchAll(V4)) {
    const inUrl = liesIn({ start: index, end: index + 1 }, urls);
    if (ip.default(address, 4) && (inUrl || isMeantAsIp(text, index, address)))
      add(index, address.length);
  }
  for (const { 0: matched, index } of text.matchAll(V6)) {
    const address = matched.startsWith('::') ? matched : matched.replace(/(?<!:):$/, '');
    if (/\d/.test(address) && ip.default(address, 6)) add(index, address.length);
  }
  return spans;
}

const PRIVATE = /^(?:10|127|192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01]))\./;

/** Words before four numbers; the one that is nearest to them says what they are. */
const IP_WORD =
  /(?<!\p{L})(?:ip(?:v4)?s?|adresse ip|server|serveur|servidor|servers|host|hosts|ping|dns|gateway|router|proxy|vpn|port|subnet|client|connect(?:ing|ed)?|blocked|login|network|réseau|netzwerk)(?!\p{L})/giu;
const VERSION_WORD =
  /(?:(?<!\p{L})(?:vers?|version\p{L}*|versión|versão|versione|wersja|release\p{L}*|build|firmware|app|update[ds]?|upgraded?|downgraded?|patch|sdk|driver|ios|android|windows|macos|linux|chrome|firefox|safari|edge|ui|os|since|seit|depuis|desde|верси\p{L}*)(?!\p{L})|バージョン|版本|버전)/giu;

/**
 * Four numbers are a version right after a word for one. Otherwise the nearest word says what they are;
 * without any, they are a version if all are small.
 */
function isMeantAsIp(text: string, start: number, address: string): boolean {
  const after = text.slice(start + address.length, start + address.length + 7);
  if (/^(?::\d{2,5}|\/\d{1,2})(?![\d.])/.test(after)) return true;
  const before = wordsBefore(text, start, 48);
  const last = (pattern: RegExp) => [...before.matchAll(pattern)].at(-1);
  const [word, version] = [last(IP_WORD), last(VERSION_WORD)];
  const versionEnds = version ? version.index + version[0].length : -1;
  if (version && /^[\s:=.]{0,3}$/.test(before.slice(versionEnds))) return false;
  if (word && word.index > versionEnds) return true;
  return PRIVATE.test(address) || address.split('.').some((part) => Number(part) >= 32);
}
