import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSealer, SealError } from '../../../src/store/workspaces/seal.ts';
import { keyOf } from './keys.ts';

const [OLD, NEW] = [keyOf('old'), keyOf('new')];
const ABOUT = 'installation T1 bot_token';
const TOKEN = 'xoxb-1-SECRET';

/** What an error says. */
function refuse(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(SealError);
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
}

test('whatever is sealed opens as it was, and as nothing else', () => {
  const sealer = createSealer([NEW]);
  const text = fc.string({ unit: 'grapheme' });
  fc.assert(
    fc.property(text, text, text, (plain, about, other) => {
      const sealed = sealer.seal(plain, about);
      expect(sealer.open(sealed, about)).toBe(plain);
      fc.pre(other !== about);
      expect(() => sealer.open(sealed, other)).toThrow(SealError);
    }),
  );
});

test('what is sealed says nothing of its content, and differs each time', () => {
  const sealer = createSealer([NEW]);
  const several = Array.from({ length: 50 }, () => sealer.seal(TOKEN, ABOUT));
  expect(new Set(several.map((sealed) => sealed.split('.')[2]?.slice(0, 16))).size).toBe(50);
  for (const sealed of several) {
    expect(sealed).toMatch(/^v1\.[0-9a-f]{12}\.[\w-]+$/);
    expect(Buffer.from(sealed.split('.')[2] ?? '', 'base64url').toString('latin1')).not.toContain(
      'SECRET',
    );
  }
});

describe('with several keys', () => {
  test('the first one seals, and all of them open', () => {
    const before = createSealer([OLD]);
    const sealed = before.seal(TOKEN, ABOUT);
    const now = createSealer([NEW, OLD]);
    expect(now.open(sealed, ABOUT)).toBe(TOKEN);
    expect(now.isOld(sealed)).toBe(true);
    const again = now.seal(TOKEN, ABOUT);
    expect(now.isOld(again)).toBe(false);
    expect(createSealer([NEW]).open(again, ABOUT)).toBe(TOKEN);
    expect(createSealer([OLD, NEW]).isOld(again)).toBe(true);
  });

  test('the one that is missing is named by its fingerprint', () => {
    const sealed = createSealer([OLD]).seal(TOKEN, ABOUT);
    const [, fingerprint] = sealed.split('.');
    const said = refuse(() => createSealer([NEW]).open(sealed, ABOUT));
    expect(said).toBe(
      `installation T1 bot_token was sealed with the key ${fingerprint}, which is not among the keys; add it behind the first one`,
    );
    expect(said).not.toContain(OLD);
  });

  test('each has the fingerprint that an operator can calculate', () => {
    const [, fingerprint] = createSealer([OLD]).seal(TOKEN, ABOUT).split('.');
    const sha256 = createHash('sha256').update(Buffer.from(OLD, 'base64')).digest('hex');
    expect(sha256.slice(0, 12)).toBe(fingerprint);
  });

  test('one that was written differently is the same', () => {
    const hex = Buffer.from(NEW, 'base64').toString('hex');
    const sealed = createSealer([hex]).seal(TOKEN, ABOUT);
    expect(createSealer([NEW]).isOld(sealed)).toBe(false);
    expect(createSealer([NEW]).open(sealed, ABOUT)).toBe(TOKEN);
  });
});

test('what was changed in any place does not open', () => {
  const sealer = createSealer([NEW]);
  const [version, fingerprint, text = ''] = sealer.seal(TOKEN, ABOUT).split('.');
  const bytes = Buffer.from(text, 'base64url');
  for (let n = 0; n < bytes.length; n++) {
    const changed = Buffer.from(bytes);
    changed[n] = (changed[n] ?? 0) ^ 1;
    const sealed = `${version}.${fingerprint}.${changed.toString('base64url')}`;
    const said = refuse(() => sealer.open(sealed, ABOUT));
    expect(said).toMatch(
      /^installation T1 bot_token does not open with its key \w+: it was changed/,
    );
    expect(said).not.toContain('SECRET');
  }
});

test.each([
  ['a token that is not sealed', TOKEN],
  ['nothing', ''],
  ['a later version', `v2.${'0'.repeat(12)}.${'A'.repeat(80)}`],
  ['less than a nonce and a tag', `v1.${'0'.repeat(12)}.${'A'.repeat(36)}`],
])('%s is told from what is sealed', (_, sealed) => {
  const said = refuse(() => createSealer([NEW]).open(sealed, ABOUT));
  expect(said).toBe(
    'installation T1 bot_token is not sealed in a way that this version of Winnow knows',
  );
});

test('a shortened tag does not open', () => {
  const sealer = createSealer([NEW]);
  const sealed = sealer.seal('', ABOUT);
  expect(sealer.open(sealed, ABOUT)).toBe('');
  expect(refuse(() => sealer.open(sealed.slice(0, -2), ABOUT))).toContain('is not sealed in a way');
});

test.each<[string[], string]>([
  [[], 'there is no key to seal with'],
  [['short'], 'key 1 has to be 32 bytes as base64 or hex; make one: openssl rand -base64 32'],
  [
    [NEW, `${OLD}=`],
    'key 2 has to be 32 bytes as base64 or hex; make one: openssl rand -base64 32',
  ],
])('keys that are none are refused, without being shown', (keys, said) => {
  expect(refuse(() => createSealer(keys))).toBe(said);
});
