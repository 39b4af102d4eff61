import { type Kysely, sql } from 'kysely';
import type pg from 'pg';
import { z } from 'zod';

/**
 * Processes tell each other that there is something for them in the control database. A notice does not say
 * what: who hears it looks. Nobody hears what was told while they did not listen: they look once they do.
 */

const noticeSchema = z.discriminatedUnion('kind', [
  /** An envelope came for a workspace. */
  z.object({ kind: z.literal('inbox'), team: z.string() }),
  /** Slack holds events of a workspace back. */
  z.object({ kind: z.literal('missed'), team: z.string() }),
  /** An envelope was answered. */
  z.object({ kind: z.literal('answer'), id: z.string() }),
  /** Something has changed in the installations or their workspaces. */
  z.object({ kind: z.literal('workspaces') }),
]);

export type Notice = z.infer<typeof noticeSchema>;

const CHANNEL = 'winnow';

/** Tells all processes that listen; from a transaction, once it is committed. */
export async function notify<T>(db: Kysely<T>, notice: Notice): Promise<void> {
  await sql`select pg_notify(${CHANNEL}, ${JSON.stringify(notice)})`.execute(db);
}

/**
 * Hears what processes tell, this one too, until the connection ends.
 * @param client is connected, and not one of a pool
 */
export async function listen(client: pg.Client, onNotice: (notice: Notice) => void): Promise<void> {
  client.on('notification', ({ channel, payload = '' }) => {
    const notice = channel === CHANNEL ? parseNotice(payload) : undefined;
    if (notice) onNotice(notice);
  });
  await client.query(`listen ${CHANNEL}`);
}

/** @returns undefined for what another version tells and this one does not know */
export function parseNotice(payload: string): Notice | undefined {
  try {
    return noticeSchema.safeParse(JSON.parse(payload)).data;
  } catch {
    return undefined;
  }
}
