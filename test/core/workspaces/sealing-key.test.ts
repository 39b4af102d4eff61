import { expect, test } from 'vitest';
import { parseKey } from '../../../src/core/workspaces/sealing-key.ts';

const BYTES = Buffer.from(Array.from({ length: 32 }, (_, n) => 255 - n * 7));

test.each([
  ['base64', BYTES.toString('base64')],
  ['base64 without its end', BYTES.toString('base64').replace('=', '')],
  ['base64 for URLs', BYTES.toString('base64url')],
  ['hex', BYTES.toString('hex')],
  ['hex in capitals', BYTES.toString('hex').toUpperCase()],
])('a key is read as %s', (_, text) => {
  expect(Buffer.from(parseKey(text) ?? []).equals(BYTES)).toBe(true);
});

test.each([
  ['nothing', ''],
  ['a password', 'correct horse battery staple'],
  ['31 bytes', BYTES.subarray(1).toString('base64')],
  ['33 bytes', Buffer.concat([BYTES, Buffer.of(1)]).toString('base64')],
  ['31 bytes as hex', BYTES.subarray(1).toString('hex')],
  ['a line too many', `${BYTES.toString('base64')}\n`],
  ['two keys', `${BYTES.toString('base64')},${BYTES.toString('base64')}`],
])('%s is no key', (_, text) => {
  expect(parseKey(text)).toBeUndefined();
});
