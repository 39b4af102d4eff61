import { rules as preset } from '@secretlint/secretlint-rule-preset-recommend';
import type { Span } from './span.ts';

/**
 * Keys and tokens: by secretlint's rules, which know how those of many services look, and by what people
 * write before a secret. The rules are called directly: secretlint's own runner is asynchronous and keeps
 * a record of each text, which takes thirty times as long for a short message and never ends.
 */

interface Report {
  range: readonly [number, number];
}

interface Rule {
  meta: { id: string; type: string };
  create(context: object, options: object): { file?(source: object): unknown };
}

/** They look at files, or at addresses, which `urls.ts` does for every scheme. */
const LEFT_OUT = /-(?:gcp|basicauth|database-connection-string|filter-comments)$/;

const found: Report[] = [];
const context = {
  sharedOptions: {},
  createTranslator: () => () => ({ message: '', messageId: '' }),
  ignore() {},
  report: (report: Report) => found.push(report),
};
const scanners = (preset as readonly Rule[])
  .filter(({ meta }) => !LEFT_OUT.test(meta.id))
  .map((rule) => rule.create(context, { enableIDScanRule: true }));

const JWT = /(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{4,}/g;
const GOOGLE = /(?<![\w-])AIza[\w-]{35}(?![\w-])/g;
const BEARER = /(?<=\b(?:Bearer|Basic)\s)(?=[^\s]{0,200}\d)[\w.~+/-]{16,}=*/gi;
const PRIVATE_KEY =
  /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^-]{0,20000}(?:-----END [A-Z ]{0,30}-----)?/g;

const KEY_END = /-----END [A-Z ]{0,30}PRIVATE KEY-----/g;
const KEY_LETTER = /[A-Za-z\d+/=\r\n]/;

/** A private key of which the beginning was not copied, or is cut out. */
function findKeyEnds(text: string): Span[] {
  return [...text.matchAll(KEY_END)].map(({ 0: frame, index }) => {
    let start = index;
    while (start > 0 && KEY_LETTER.test(text[start - 1] ?? '')) start--;
    return toSpan(start, index + frame.length);
  });
}

/** `password: …`, `API_KEY=…`, `"client_secret": "…"`. */
const NAMED =
  /(?<!\p{L})(?:(pass(?:word|wort|code|phrase|wd)|pwd|kennwort|mot de passe|mdp|contraseña|clave|senha|wachtwoord|hasło|lösenord|пароль|パスワード|密码|비밀번호)|(?:secret|token|key))["'`]{0,2}\s{0,2}(?:[:=：]|\sis\s)\s{0,2}["'`]?([^\s"'`<>,;)\]}|]{6,400})/giu;

/** The keys and tokens of a text. */
export function findKeys(text: string): Span[] {
  const spans: Span[] = [JWT, GOOGLE, BEARER, PRIVATE_KEY].flatMap((pattern) =>
    [...text.matchAll(pattern)].map(({ 0: key, index }) => toSpan(index, index + key.length)),
  );
  for (const { 0: whole, 1: password, 2: value = '', index } of text.matchAll(NAMED)) {
    const secret = value.replace(/[.,!?:]+$/, '');
    const end = index + whole.length - value.length + (password ? value : secret).length;
    if (password ? isPassword(secret) : isKey(secret)) {
      spans.push(toSpan(index + whole.length - value.length, end));
    }
  }
  spans.push(...findKeyEnds(text));
  for (const { range } of scan(text)) spans.push(toSpan(range[0], range[1]));
  return spans;
}

const toSpan = (start: number, end: number): Span => ({ kind: 'key', start, end });

/** A word says what is wrong with a password; with a digit or a sign in it, it is one. */
const isPassword = (value: string) => /[\d#$%^&*!@]/.test(value) && /\p{L}/u.test(value);

const isKey = (value: string) =>
  value.length >= 12 && /\d/.test(value) && /[a-z]/i.test(value) && !/[:/]{2}/.test(value);

function scan(content: string): Report[] {
  found.length = 0;
  const source = { content, filePath: 'message.txt', ext: '.txt', contentType: 'text' };
  for (const scanner of scanners) scanner.file?.(source);
  return found.splice(0);
}
