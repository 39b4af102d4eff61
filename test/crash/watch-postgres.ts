import pg from 'pg';
import type { Points } from './points.ts';

const WRITES = /^\s*(?:insert\s+into|update|delete\s+from)\s+"?(\w+)/i;
const SCHEMA = /^\s*(?:create|alter|drop)\b/i;

/** What each connection has written since its transaction began. */
const written = new WeakMap<pg.Client, Set<string>>();

/** A commit that has written something, or a writing statement outside of a transaction. */
export function watchPostgres({ passBefore, pass }: Points): void {
  const { query } = pg.Client.prototype;
  const run = query as unknown as (this: pg.Client, ...given: unknown[]) => Promise<unknown>;

  const findCommit = (client: pg.Client, text: string): Set<string> | undefined => {
    if (/^\s*begin\b/i.test(text)) {
      written.set(client, new Set());
      return undefined;
    }
    const tables = written.get(client);
    if (/^\s*(?:commit|rollback)\b/i.test(text)) {
      written.delete(client);
      return /^\s*commit/i.test(text) && tables?.size ? tables : undefined;
    }
    const table = SCHEMA.test(text) ? 'schema' : WRITES.exec(text)?.[1];
    if (!table) return undefined;
    if (!tables) return new Set([table]);
    tables.add(table);
    return undefined;
  };

  pg.Client.prototype.query = async function (this: pg.Client, ...given: unknown[]) {
    const [what] = given;
    const text = typeof what === 'string' ? what : String((what as { text?: unknown })?.text ?? '');
    const tables = findCommit(this, text);
    if (!tables) return run.apply(this, given);
    const label = `commit ${[...tables].sort().join('+')}`;
    const place = passBefore(label);
    const result = await run.apply(this, given);
    pass('after', label, place);
    return result;
  } as unknown as typeof query;
}
