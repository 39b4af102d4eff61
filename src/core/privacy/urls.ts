import type { Range, Span } from './span.ts';

/**
 * Addresses stay, since they say which page or file is meant. What they hold of secrets does not: the
 * name and password before the host, tokens among the parameters, the number of a chat link.
 */

const URL = /(?<![\p{L}\p{N}])[a-z][a-z\d+.-]{1,20}:\/\/[^\s<>"'`|⟨⟩「」]{3,}/giu;
const TRAILING = /[.,;:!?)\]}]+$/;

const PARAMETER = /(?<=[?&#;])([\w.~%-]{1,64})=([^&#;]+)/g;
const SECRET_NAME =
  /^(?:.*[_-]?(?:token|secret|signature|password|passwd|credential|api_?key)|key|auth|authorization|pwd|pass|sig|jwt|sid|session_?id|otp)$/i;
const PHONE_NAME = /^(?:phone|tel|telephone|mobile|msisdn)(?:_?number)?$/i;
const CHAT_LINK = /^https?:\/\/(?:www\.)?wa\.me\/\+?(\d{7,15})/i;

export interface Address extends Range {
  /** Where its host ends: only until there may an IP address be one. */
  hostEnd: number;
  /** The name and password before the host; empty if it has none. */
  userInfo: Range;
}

/** Every address of a text, in order. */
export function findUrls(text: string): Address[] {
  return [...text.matchAll(URL)].map(({ 0: matched, index: start }) => {
    const url = matched.replace(TRAILING, '');
    const hostStart = url.indexOf('://') + 3;
    const path = url.slice(hostStart).search(/[/?#]/);
    const hostLength = path < 0 ? url.length : hostStart + path;
    const at = url.slice(0, hostLength).lastIndexOf('@');
    return {
      start,
      end: start + url.length,
      hostEnd: start + hostLength,
      userInfo: { start: start + hostStart, end: start + Math.max(at, hostStart) },
    };
  });
}

/** What is secret in addresses. */
export function findSecretsInUrls(text: string, urls: Address[]): Span[] {
  return urls.flatMap(({ start, end, hostEnd, userInfo }) => {
    const spans: Span[] = [];
    if (userInfo.end > userInfo.start) spans.push({ kind: 'key', ...userInfo });
    for (const { 1: name = '', 2: value = '', index } of text
      .slice(hostEnd, end)
      .matchAll(PARAMETER)) {
      const from = hostEnd + index + name.length + 1;
      const range = { start: from, end: from + value.length };
      if (PHONE_NAME.test(name) && /\d{7}/.test(value)) spans.push({ kind: 'phone', ...range });
      else if (isSecret(name, value)) spans.push({ kind: 'key', ...range });
    }
    const chat = CHAT_LINK.exec(text.slice(start, end));
    if (chat?.[1]) {
      const from = start + chat[0].length - chat[1].length;
      spans.push({ kind: 'phone', start: from, end: from + chat[1].length });
    }
    return spans;
  });
}

function isSecret(name: string, value: string): boolean {
  if (SECRET_NAME.test(name)) return value.length >= 6;
  return looksRandom(value);
}

/** Whether it is long and mixes letters and digits as only machines do. */
function looksRandom(value: string): boolean {
  if (
    !/^[\w.~+/=%-]{24,}$/.test(value) ||
    /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value)
  )
    return false;
  const changes = value.match(/[a-z](?=[\dA-Z])|\d(?=[a-zA-Z])|[A-Z](?=\d)/g);
  return (changes?.length ?? 0) >= value.length / 5;
}
