import type { Selectable } from 'kysely';
import type { Cost } from '../../core/runs/verdict.ts';
import { type Settings, savedSettingsSchema } from '../../core/settings/settings.ts';
import type { Db, Tables, Tx } from '../db/tables.ts';

/**
 * Rehearsals: settings that a person tries on recent messages. A person has at most one that is offered,
 * and one that is judging or done. The texts of the messages are never stored with them.
 */

export interface Rehearsal extends Omit<Selectable<Tables['rehearsals']>, 'content'> {
  /** The settings that are tried; null when an earlier version of the bot stored them otherwise. */
  content: Settings | null;
}

export interface NewRehearsal {
  person: string;
  content: Settings;
  /** The settings change that the person saw; 0 for none. */
  shown: number;
  taxonomyVersion: number;
  model: string;
  /** What it costs at most, in US dollars; null when the price of the model is not known. */
  usd: number | null;
}

const OPEN = ['judging', 'done'] as const;

/** Offers a rehearsal in place of the one that was offered to the person before. @returns its id */
export async function offerRehearsal(
  tx: Tx,
  { person, content, shown, taxonomyVersion, model, usd }: NewRehearsal,
  now: number,
): Promise<number> {
  const former = await findOne(tx, person, ['offered']);
  if (former) {
    await deleteVerdicts(tx, former.id);
    await tx.deleteFrom('rehearsals').where('id', '=', former.id).execute();
  }
  const { id } = await tx
    .insertInto('rehearsals')
    .values({
      ...{ person, shown, model, stage: 'offered', content: JSON.stringify(content) },
      taxonomy_version: taxonomyVersion,
      expected_nano_usd: usd === null ? null : Math.ceil(usd * 1e9),
      ...{ offered_at: now, next_at: now },
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

/**
 * offered → judging. The person's earlier rehearsal is discarded.
 * @returns false when it is no longer offered
 */
export async function beginRehearsal(tx: Tx, id: number, now: number): Promise<boolean> {
  const offered = await findRehearsal(tx, id);
  if (offered?.stage !== 'offered') return false;
  const former = await findOpenRehearsal(tx, offered.person);
  if (former) await endRehearsal(tx, former.id, 'discarded', now);
  await updateRehearsal(tx, id, { stage: 'judging', asked_at: now, next_at: now });
  return true;
}

/**
 * It is adopted or discarded, and what its messages were judged as is deleted. Its cost stays.
 * @returns false when it has ended before
 */
export async function endRehearsal(
  tx: Tx,
  id: number,
  stage: 'adopted' | 'discarded',
  now: number,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('rehearsals')
    .set({ stage, ended_at: now })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  await deleteVerdicts(tx, id);
  return numUpdatedRows > 0n;
}

export async function findRehearsal(db: Db | Tx, id: number): Promise<Rehearsal | undefined> {
  const row = await db.selectFrom('rehearsals').selectAll().where('id', '=', id).executeTakeFirst();
  return row && read(row);
}

/** The rehearsal of a person that is judging or done. */
export const findOpenRehearsal = (db: Db | Tx, person: string): Promise<Rehearsal | undefined> =>
  findOne(db, person, OPEN);

async function findOne(
  db: Db | Tx,
  person: string,
  stages: readonly Rehearsal['stage'][],
): Promise<Rehearsal | undefined> {
  const row = await db
    .selectFrom('rehearsals')
    .selectAll()
    .where('person', '=', person)
    .where('stage', 'in', stages)
    .executeTakeFirst();
  return row && read(row);
}

/** Other people who are trying settings now, the first to ask first. */
export async function listOthersRehearsing(db: Db | Tx, person: string): Promise<string[]> {
  const rows = await db
    .selectFrom('rehearsals')
    .select('person')
    .where('person', '!=', person)
    .where('stage', 'in', OPEN)
    .orderBy('asked_at')
    .orderBy('id')
    .execute();
  return rows.map((row) => row.person);
}

export async function listJudgingRehearsals(db: Db): Promise<number[]> {
  const rows = await db
    .selectFrom('rehearsals')
    .select('id')
    .where('stage', '=', 'judging')
    .orderBy('id')
    .execute();
  return rows.map(({ id }) => id);
}

export async function updateRehearsal(
  tx: Tx,
  id: number,
  change: Partial<Pick<Rehearsal, 'stage' | 'asked_at' | 'judged_at' | 'attempts' | 'next_at'>>,
): Promise<void> {
  await tx.updateTable('rehearsals').set(change).where('id', '=', id).execute();
}

/** Adds what an answer has cost, also after the end. */
export async function addRehearsalCost(tx: Tx, id: number, cost: Cost): Promise<void> {
  await tx
    .updateTable('rehearsals')
    .set((eb) => ({
      input_tokens: eb('input_tokens', '+', cost.inputTokens),
      output_tokens: eb('output_tokens', '+', cost.outputTokens),
      // An unknown price makes the sum unknown: null plus anything is null.
      nano_usd: cost.nanoUsd === null ? null : eb('nano_usd', '+', cost.nanoUsd),
    }))
    .where('id', '=', id)
    .execute();
}

async function deleteVerdicts(tx: Tx, id: number): Promise<void> {
  await tx.deleteFrom('rehearsal_verdicts').where('rehearsal', '=', id).execute();
}

function read({ content, ...row }: Selectable<Tables['rehearsals']>): Rehearsal {
  const parsed = savedSettingsSchema.safeParse(JSON.parse(content));
  return { ...row, content: parsed.success ? parsed.data : null };
}
