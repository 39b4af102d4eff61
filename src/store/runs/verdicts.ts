import { expressionBuilder, type Selectable } from 'kysely';
import type { Verdict } from '../../core/runs/verdict.ts';
import type { Db, Tables, Tx } from '../db/tables.ts';

/** Verdicts by Claude and by people. Rows are never changed; the message says which one counts. */

/** Claude's last verdict on a message. */
export function findClaudesVerdict(
  db: Db | Tx,
  channel: string,
  ts: string,
): Promise<Selectable<Tables['verdicts']> | undefined> {
  return db
    .selectFrom('verdicts')
    .selectAll()
    .where('channel', '=', channel)
    .where('ts', '=', ts)
    .where('person', 'is', null)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
}

const selectClaudes = (which: 'category' | 'also') =>
  expressionBuilder<Tables, 'messages'>()
    .selectFrom('verdicts as claude')
    .select(`claude.${which}`)
    .whereRef('claude.channel', '=', 'messages.channel')
    .whereRef('claude.ts', '=', 'messages.ts')
    .where('claude.person', 'is', null)
    .orderBy('claude.id', 'desc')
    .limit(1);

/** The category of Claude's last verdict, in a query of messages; and its second one. */
export const selectClaudesCategory = () => selectClaudes('category');
export const selectClaudesAlso = () => selectClaudes('also');

/** The id of Claude's last verdict, in a query of messages. */
export const selectClaudesVerdict = () =>
  expressionBuilder<Tables, 'messages'>()
    .selectFrom('verdicts as claude')
    .select((eb) => eb.fn.max<number>('claude.id').as('id'))
    .whereRef('claude.channel', '=', 'messages.channel')
    .whereRef('claude.ts', '=', 'messages.ts')
    .where('claude.person', 'is', null);

/** All verdicts on each of these messages, in order. */
export async function readVerdicts(
  tx: Tx,
  channel: string,
  ts: string[],
): Promise<Map<string, Verdict[]>> {
  const rows = await tx
    .selectFrom('verdicts')
    .selectAll()
    .where('channel', '=', channel)
    .where('ts', 'in', ts)
    .orderBy('id')
    .execute();
  return Map.groupBy(rows as Verdict[], (row) => row.ts);
}

/** @param verdicts on different messages @returns their ids, by ts */
export async function addVerdicts(
  tx: Tx,
  verdicts: Omit<Verdict, 'id'>[],
): Promise<Map<string, number>> {
  if (verdicts.length === 0) return new Map();
  const rows = await tx.insertInto('verdicts').values(verdicts).returning(['id', 'ts']).execute();
  return new Map(rows.map(({ id, ts }) => [ts, id]));
}
