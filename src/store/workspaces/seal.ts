import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { KEY_FORM, parseKey } from '../../core/workspaces/sealing-key.ts';

/** Seals what must not be read from the database alone: see docs/decisions/tokens-are-sealed.md. */
export interface Sealer {
  /** @param about what it is and whose, such as `installation T1 bot_token`; it does not open as anything else */
  seal(plain: string, about: string): string;
  /** @throws SealError, whose message has nothing of the content */
  open(sealed: string, about: string): string;
  /** Whether it has to be sealed anew before the older keys may go. */
  isOld(sealed: string): boolean;
}

/** There is no key to seal with, or what is sealed does not open. */
export class SealError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SealError';
  }
}

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Version, fingerprint of the key, and in base64url: nonce, tag, content. */
const SEALED = /^v1\.([0-9a-f]{12})\.([\w-]+)$/;

/**
 * @param keys as `parseKey` takes them: the first one seals, all of them open
 * @throws SealError when there is none, or one of them is no key
 */
export function createSealer(keys: readonly string[]): Sealer {
  const known = new Map(keys.map((text, index) => readKey(text, index + 1)));
  const [newest] = known;
  if (!newest) throw new SealError('there is no key to seal with');
  const [name, key] = newest;
  const beginning = `v1.${name}.`;
  return {
    seal(plain, about) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(Buffer.from(about));
      const content = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      const sealed = Buffer.concat([nonce, cipher.getAuthTag(), content]);
      return `${beginning}${sealed.toString('base64url')}`;
    },
    open(sealed, about) {
      const [, named = '', text = ''] = SEALED.exec(sealed) ?? [];
      const bytes = Buffer.from(text, 'base64url');
      if (bytes.length < NONCE_BYTES + TAG_BYTES) {
        throw new SealError(`${about} is not sealed in a way that this version of Winnow knows`);
      }
      const its = known.get(named);
      if (!its) {
        throw new SealError(
          `${about} was sealed with the key ${named}, which is not among the keys; add it behind the first one`,
        );
      }
      const nonce = bytes.subarray(0, NONCE_BYTES);
      const decipher = createDecipheriv(ALGORITHM, its, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(about));
      decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      try {
        const content = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES));
        return Buffer.concat([content, decipher.final()]).toString('utf8');
      } catch {
        throw new SealError(
          `${about} does not open with its key ${named}: it was changed, or sealed as something else`,
        );
      }
    },
    isOld: (sealed) => !sealed.startsWith(beginning),
  };
}

/** @returns a key behind its fingerprint, which says which key it is and nothing of what it is */
function readKey(text: string, place: number): [fingerprint: string, key: Uint8Array] {
  const key = parseKey(text);
  if (!key) throw new SealError(`key ${place} ${KEY_FORM}`);
  return [createHash('sha256').update(key).digest('hex').slice(0, 12), key];
}
