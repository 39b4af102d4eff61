import { createHash } from 'node:crypto';

/** A sealing key, the same each time for the same name. */
export const keyOf = (name: string) => createHash('sha256').update(name).digest('base64');
