import { sql } from 'kysely';
import { aboutBot, aboutRefresh } from './installations.ts';
import { SealError, type Sealer } from './seal.ts';
import type { ControlDb } from './tables.ts';
import { aboutKey } from './workspaces.ts';

const SEALED = [
  { table: 'installations', key: 'id', column: 'bot_token', about: aboutBot },
  { table: 'installations', key: 'id', column: 'refresh_token', about: aboutRefresh },
  { table: 'workspaces', key: 'team', column: 'anthropic_key', about: aboutKey },
];

/**
 * Seals with the newest key what older ones have sealed: then the older ones may go. Other processes may read and
 * write meanwhile.
 * @returns how many tokens and keys it has sealed
 * @throws SealError when one of them does not open: the others are sealed all the same
 */
export async function resealAll(db: ControlDb, sealer: Sealer): Promise<number> {
  let count = 0;
  let trouble: SealError | undefined;
  for (const place of SEALED) {
    for (const { id, sealed } of await listSealed(db, place)) {
      if (!sealer.isOld(sealed)) continue;
      try {
        const about = place.about(id);
        const again = sealer.seal(sealer.open(sealed, about), about);
        count += await replace(db, place, { id, sealed, again });
      } catch (error) {
        if (!(error instanceof SealError)) throw error;
        trouble ??= error;
      }
    }
  }
  if (trouble) throw trouble;
  return count;
}

export interface Sealed {
  /** All tokens and keys. */
  all: number;
  /** Those that need an older key than the newest. */
  old: number;
  /** What is wrong with each that does not open. */
  troubles: string[];
}

/** Tries whether all tokens and keys open. Nothing is written. */
export async function tryAll(db: ControlDb, sealer: Sealer): Promise<Sealed> {
  const found: Sealed = { all: 0, old: 0, troubles: [] };
  for (const place of SEALED) {
    for (const { id, sealed } of await listSealed(db, place)) {
      found.all += 1;
      try {
        sealer.open(sealed, place.about(id));
        if (sealer.isOld(sealed)) found.old += 1;
      } catch (error) {
        if (!(error instanceof SealError)) throw error;
        found.troubles.push(error.message);
      }
    }
  }
  return found;
}

type Place = (typeof SEALED)[number];

async function listSealed(db: ControlDb, { table, key, column }: Place) {
  const { rows } = await sql<{ id: string; sealed: string }>`
    select ${sql.ref(key)} as id, ${sql.ref(column)} as sealed from ${sql.table(table)}
    where ${sql.ref(column)} is not null`.execute(db);
  return rows;
}

/** @returns 0 when it was replaced by another one meanwhile */
async function replace(
  db: ControlDb,
  { table, key, column }: Place,
  { id, sealed, again }: { id: string; sealed: string; again: string },
): Promise<number> {
  const { numAffectedRows } = await sql`
    update ${sql.table(table)} set ${sql.ref(column)} = ${again}
    where ${sql.ref(key)} = ${id} and ${sql.ref(column)} = ${sealed}`.execute(db);
  return Number(numAffectedRows);
}
