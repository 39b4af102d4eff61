import type { Range } from '../../core/intake/ranges.ts';
import type { Db } from '../db/tables.ts';

/** Timestamps of the stored messages in a range that are not deleted. */
export async function listMessagesBetween(
  db: Db,
  channel: string,
  { oldest, latest }: Range,
): Promise<string[]> {
  const rows = await db
    .selectFrom('messages')
    .select('ts')
    .where('channel', '=', channel)
    .where('deleted_at', 'is', null)
    .where('ts', '>=', oldest)
    .where('ts', '<=', latest)
    // A reply that a person added is not part of the channel's history.
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('replies')
            .select('replies.ts')
            .whereRef('replies.channel', '=', 'messages.channel')
            .whereRef('replies.ts', '=', 'messages.ts'),
        ),
      ),
    )
    .execute();
  return rows.map(({ ts }) => ts);
}
