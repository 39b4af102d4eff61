/** What a sealing key has to be, behind the name of its setting. */
export const KEY_FORM = 'has to be 32 bytes as base64 or hex; make one: openssl rand -base64 32';

const HEX = /^[0-9a-f]{64}$/i;
/** Also as written in URLs, and without the `=` at the end. */
const BASE64 = /^[\w+/-]{43}=?$/;

/** @returns the 32 bytes of a sealing key; undefined when the text is none (see KEY_FORM) */
export function parseKey(text: string): Uint8Array | undefined {
  const encoding = HEX.test(text) ? 'hex' : BASE64.test(text) ? 'base64' : undefined;
  return encoding && Buffer.from(text, encoding);
}
