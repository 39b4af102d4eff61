import type { Selectable } from 'kysely';
import type { Cost } from '../../core/runs/verdict.ts';
import { notFirst } from '../db/engine.ts';
import type { Db, Tables, Tx } from '../db/tables.ts';
import type { Batch } from '../runs/batches.ts';

/**
 * How far the new messages of a run are grouped: assigning (the themes named in the verdicts) →
 * asking (Claude which of the rest belong together) → closing (each that is left becomes a theme of
 * its own) → naming (Claude which themes are sides of a topic) → done.
 */

export type Grouping = Selectable<Tables['groupings']>;

/** Begins or continues it. */
export async function openGrouping(db: Db, run: number, now: number): Promise<Grouping> {
  await db
    .insertInto('groupings')
    .values({ run, stage: 'assigning', since: now, next_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return db.selectFrom('groupings').selectAll().where('run', '=', run).executeTakeFirstOrThrow();
}

export async function updateGrouping(
  db: Db | Tx,
  run: number,
  change: Partial<Pick<Grouping, 'stage' | 'next_at' | 'attempts'>>,
): Promise<void> {
  await db.updateTable('groupings').set(change).where('run', '=', run).execute();
}

export async function addGroupingCost(tx: Tx, run: number, cost: Cost): Promise<void> {
  await tx
    .updateTable('groupings')
    .set((eb) => ({
      requests: eb('requests', '+', 1),
      input_tokens: eb('input_tokens', '+', cost.inputTokens),
      output_tokens: eb('output_tokens', '+', cost.outputTokens),
      // Unknown plus anything is unknown.
      nano_usd: eb('nano_usd', '+', cost.nanoUsd),
    }))
    .where('run', '=', run)
    .execute();
}

export interface Ungrouped {
  ts: string;
  revision: number;
  gist: string;
  /** The theme that Claude named in its verdict; it was offered. */
  theme: number | null;
  /** Themes that people took the message out of. */
  takenFrom: number | null;
}

/**
 * The next judged messages of a batch without a theme, or with one from before their edit; without
 * noise.
 */
export async function listUngrouped(
  db: Db | Tx,
  batch: Pick<Batch, 'id'>,
  after: string,
  limit: number,
): Promise<Ungrouped[]> {
  return db
    .selectFrom('requests')
    .innerJoin('messages', (join) =>
      join
        .onRef('messages.channel', '=', 'requests.channel')
        // SQLite would use the bound of the timestamps on the other table and read everything above
        // it.
        .on('messages.ts', '=', notFirst(db, 'requests.ts')),
    )
    .innerJoin('verdicts', 'verdicts.id', 'messages.verdict')
    .leftJoin('theme_members', (join) =>
      join
        .onRef('theme_members.channel', '=', 'messages.channel')
        .onRef('theme_members.ts', '=', 'messages.ts'),
    )
    .select([
      'messages.ts',
      'messages.revision',
      'verdicts.gist',
      'verdicts.theme',
      'theme_members.taken_from as takenFrom',
    ])
    .where('requests.batch', '=', batch.id)
    .where('requests.ts', '>', after)
    .where('requests.outcome', '=', 'judged')
    .where('messages.state', '=', 'judged')
    .where('messages.deleted_at', 'is', null)
    .where('messages.forgotten', 'is', null)
    .where('verdicts.emoji', 'is not', null)
    .where('verdicts.gist', '!=', '')
    .whereRef('verdicts.revision', '=', 'messages.revision')
    .where((eb) =>
      eb.or([
        eb('theme_members.ts', 'is', null),
        eb('theme_members.revision', '!=', eb.ref('messages.revision')),
      ]),
    )
    .orderBy('requests.ts')
    .limit(limit)
    .execute();
}
