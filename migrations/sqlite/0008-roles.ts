import type { Kysely } from 'kysely';

/**
 * People of other organizations were taken for members: Slack is asked again who everybody is.
 * Their names stay until then.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await (db as Kysely<{ users: { role: string | null; fetched_at: number | null } }>)
    .updateTable('users')
    .set({ role: null, fetched_at: null })
    .execute();
}
