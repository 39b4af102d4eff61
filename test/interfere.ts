import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { engineOf } from '../src/store/db/engine.ts';
import type { Db } from '../src/store/db/tables.ts';

/** What happens to a change of a row, at a moment that no test could hit: a trigger. */
interface Interference {
  /** Such as `before update of stage on batches`. */
  on: string;
  /** Of which changes; `old` and `new` are the row. */
  when?: string;
  /** A statement that is executed as well. */
  act?: string;
  /** Why the change fails. */
  fails?: string;
}

/** @returns ends it */
export async function interfere(
  db: Db,
  { on, when = '1 = 1', act, fails = 'the disk is full' }: Interference,
): Promise<() => Promise<void>> {
  const name = `meanwhile_${randomUUID().replaceAll('-', '')}`;
  const run = (text: string) => sql.raw(text).execute(db);
  if (engineOf(db) === 'sqlite') {
    const body = act ?? `select raise(abort, '${fails}')`;
    await run(`create trigger ${name} ${on} when ${when} begin ${body}; end`);
    return async () => void (await run(`drop trigger ${name}`));
  }
  const { rows } = await sql<{ mine: string }>`
    select current_setting('winnow.team') as mine`.execute(db);
  // Other workspaces have the same tables.
  await run(`create function ${name}() returns trigger language plpgsql as $$ begin
    if new.team = '${rows[0]?.mine}' and (${when}) then ${act ?? `raise exception '${fails}'`}; end if;
    return new; end $$`);
  await run(`create trigger ${name} ${on} for each row execute function ${name}()`);
  return async () => void (await run(`drop function ${name} cascade`));
}
