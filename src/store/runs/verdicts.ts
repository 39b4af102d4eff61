import type { Selectable } from 'kysely';
import type { Db, Tables, Tx } from '../db/tables.ts';

/** Verdicts by Claude and by people. Rows are never changed; the message says which one counts. */

export type Verdict = Selectable<Tables['verdicts']>;

/** What Claude has said last of a message. */
export function findClaudesVerdict(
  db: Db | Tx,
  channel: string,
  ts: string,
): Promise<Verdict | undefined> {
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

export interface MessageStandpoint {
  state: Tables['messages']['state'];
  text: string;
  revision: number;
  threadTs: string | null;
  run: number | null;
  digest: number | null;
  deleted: boolean;
  verdict: Verdict | null;
}

/** A message with the verdict that counts for it now. */
export async function readStandpoint(
  tx: Tx,
  channel: string,
  ts: string,
): Promise<MessageStandpoint | undefined> {
  const message = await tx
    .selectFrom('messages')
    .selectAll()
    .where('channel', '=', channel)
    .where('ts', '=', ts)
    .executeTakeFirst();
  if (!message) return undefined;
  const verdict =
    message.verdict === null
      ? undefined
      : await tx
          .selectFrom('verdicts')
          .selectAll()
          .where('id', '=', message.verdict)
          .executeTakeFirst();
  return {
    state: message.state,
    text: message.text,
    revision: message.revision,
    threadTs: message.thread_ts,
    run: message.run,
    digest: message.digest,
    deleted: message.deleted_at !== null,
    verdict: verdict ?? null,
  };
}

/** A verdict that a person has made of Claude's. @returns its id */
export async function addVerdict(tx: Tx, verdict: Omit<Verdict, 'id'>): Promise<Verdict> {
  return tx.insertInto('verdicts').values(verdict).returningAll().executeTakeFirstOrThrow();
}

export async function setVerdict(
  tx: Tx,
  { channel, ts }: { channel: string; ts: string },
  change: Partial<Pick<Tables['messages'], 'verdict' | 'digest' | 'state' | 'trouble'>>,
): Promise<void> {
  await tx
    .updateTable('messages')
    .set(change)
    .where('channel', '=', channel)
    .where('ts', '=', ts)
    .execute();
}
