import { type Selectable, type SqlBool, sql } from 'kysely';
import { DAY_MS } from '../../core/durations.ts';
import type { IncomingMessage } from '../../core/intake/message.ts';
import { tsToMs } from '../../core/timestamps.ts';
import type { Db, Tables, Tx } from '../db/tables.ts';
import { fingerprint } from '../privacy/forgettings.ts';

/**
 * Posts that an integration makes several times: the first one, the original, stands for all; the others
 * are its copies (`copy_of`, in state `copy`), which nobody judges and no digest counts.
 */

export type MessageRow = Selectable<Tables['messages']>;

/** Posts further apart than this are different feedback. */
const WITHIN_MS = DAY_MS;

export function findMessageRow(
  tx: Tx,
  { channel, ts }: { channel: string; ts: string },
): Promise<MessageRow | undefined> {
  return tx
    .selectFrom('messages')
    .selectAll()
    .where('channel', '=', channel)
    .where('ts', '=', ts)
    .executeTakeFirst();
}

/**
 * A post that says the same, by the same integration, for the same person, within a day. One that was forgotten
 * is known by its fingerprints.
 */
export function findOriginal(tx: Tx, row: MessageRow): Promise<MessageRow | undefined> {
  const at = tsToMs(row.ts);
  return (
    tx
      .selectFrom('messages')
      .selectAll()
      .where('channel', '=', row.channel)
      .where('bot', '=', row.bot)
      .where('essence', 'in', [row.essence ?? '', fingerprint(row.essence ?? '')])
      .where('ts', '!=', row.ts)
      .where('state', '!=', 'copy')
      .where('deleted_at', 'is', null)
      .where((eb) =>
        eb.or([
          eb.and([
            eb('reporter', 'is not distinct from', row.reporter),
            eb('author_name', 'is not distinct from', row.author_name),
            eb('forgotten', 'is', null),
          ]),
          eb.and([
            eb.or([
              eb('reporter', 'is not distinct from', row.reporter),
              eb('reporter', '=', fingerprint(row.reporter ?? '')),
            ]),
            eb('forgotten', 'is not', null),
          ]),
        ]),
      )
      .where('posted_at', '>=', at - WITHIN_MS)
      .where('posted_at', '<=', at + WITHIN_MS)
      // By `ts` alone, SQLite would read the whole channel in that order.
      .orderBy('posted_at')
      .orderBy('ts')
      .limit(1)
      .executeTakeFirst()
  );
}

/** Whether nothing has followed from a message yet. */
export async function isUntouched(tx: Tx, row: MessageRow): Promise<boolean> {
  if (row.state !== 'pending' || row.verdict !== null) return false;
  const act = await tx
    .selectFrom('acts')
    .select('id')
    .where('channel', '=', row.channel)
    .where('ts', '=', row.ts)
    .limit(1)
    .executeTakeFirst();
  return act === undefined;
}

/** Makes a message a copy of another. What it was the original of becomes a copy of that as well. */
export async function markCopy(
  tx: Tx,
  { channel, ts }: Pick<IncomingMessage, 'channel' | 'ts'>,
  original: string,
): Promise<void> {
  // Each finds its rows by an index; one statement for both would read the whole channel.
  for (const column of ['ts', 'copy_of'] as const) {
    await tx
      .updateTable('messages')
      .set({ state: 'copy', copy_of: original })
      .where('channel', '=', channel)
      .where(column, '=', ts)
      .execute();
  }
}

/** The live copies of each of these messages, in the order in which they were posted. */
export async function readCopies(
  db: Db | Tx,
  channel: string,
  originals: string[],
): Promise<Map<string, string[]>> {
  if (originals.length === 0) return new Map();
  const rows = await db
    .selectFrom('messages')
    .select(['ts', 'copy_of'])
    .where('channel', '=', channel)
    .where('copy_of', 'in', originals)
    .where('deleted_at', 'is', null)
    // Sorted below: SQLite would read the whole channel in that order.
    .execute();
  const copies = Map.groupBy(rows, (row) => row.copy_of ?? '');
  return new Map([...copies].map(([one, posts]) => [one, posts.map(({ ts }) => ts).toSorted()]));
}

/** The message that stands for this one: the original of a copy, otherwise itself. */
export async function resolveCopy(db: Db | Tx, channel: string, ts: string): Promise<string> {
  const row = await db
    .selectFrom('messages')
    .select('copy_of')
    .where('channel', '=', channel)
    .where('ts', '=', ts)
    .executeTakeFirst();
  return row?.copy_of ?? ts;
}

/**
 * A copy takes the place of its original, with everything that followed from that: verdicts, acts, flag,
 * cards, theme, digest.
 * @param original as it was before it was edited or deleted
 */
export async function replaceOriginal(tx: Tx, original: MessageRow, heir: string): Promise<void> {
  const { channel, ts } = original;
  const { state, run, verdict, digest, first_digest, tries, trouble, revision } = original;
  for (const table of ['verdicts', 'acts', 'flags', 'cards', 'theme_members'] as const) {
    await tx
      .updateTable(table)
      .set({ ts: heir })
      .where('channel', '=', channel)
      .where('ts', '=', ts)
      .execute();
  }
  // It is asked about once.
  await tx
    .updateTable('honesty_questions')
    .set({ ts: heir })
    .where('channel', '=', channel)
    .where('ts', '=', ts)
    .where(({ eb, selectFrom }) =>
      eb.not(
        eb.exists(
          selectFrom('honesty_questions as own')
            .select('own.ts')
            .where('own.channel', '=', channel)
            .where('own.ts', '=', heir),
        ),
      ),
    )
    .execute();
  for (const table of ['acts', 'flags'] as const) {
    await tx
      .updateTable(table)
      .set({ duplicate_of: heir })
      .where('channel', '=', channel)
      // SQLite uses no index of a column for changing that column.
      .where(
        sql<SqlBool>`ts in (select duplicate.ts from ${sql.table(table)} as duplicate
          where duplicate.channel = ${channel} and duplicate.duplicate_of = ${ts})`,
      )
      .where('duplicate_of', '=', ts)
      .execute();
  }
  await tx
    .updateTable('themes')
    .set({ named_by: heir })
    .where('channel', '=', channel)
    .where('named_by', '=', ts)
    .execute();
  await tx
    .updateTable('messages')
    .set({
      copy_of: null,
      // What is being judged is judged as the original; the next run judges the heir.
      state: state === 'claimed' ? 'pending' : state,
      ...{ run, verdict, digest, first_digest, tries, trouble, revision },
    })
    .where('channel', '=', channel)
    .where('ts', '=', heir)
    .execute();
  await tx
    .updateTable('messages')
    .set({ copy_of: heir })
    .where('channel', '=', channel)
    .where('copy_of', '=', ts)
    .execute();
}

/** What was an original starts anew, as an edited message, or follows its heir when it is deleted. */
export async function leavePlace(
  tx: Tx,
  { channel, ts }: MessageRow,
  follows: string | null,
): Promise<void> {
  await tx
    .updateTable('messages')
    .set({
      ...{ verdict: null, digest: null, first_digest: null, tries: 0, again: 0, copy_of: follows },
      ...(follows !== null && { state: 'copy' as const }),
    })
    .where('channel', '=', channel)
    .where('ts', '=', ts)
    .execute();
}
