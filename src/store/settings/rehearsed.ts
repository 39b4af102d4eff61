import type { RehearsedMessage } from '../../core/settings/rehearsal.ts';
import type { Db, Tx } from '../db/tables.ts';
import { toJudged } from './rehearsal-verdicts.ts';

/** What came of a rehearsal, with the messages as they are now. */

/** A message as the result shows it, with its text as it is now. */
export interface ShownMessage extends RehearsedMessage {
  threadTs: string | null;
  text: string;
}

/** The messages of a rehearsal with their outcomes, without those that are edited, deleted or forgotten now. */
export async function readRehearsed(db: Db | Tx, rehearsal: number): Promise<ShownMessage[]> {
  const rows = await db
    .selectFrom('rehearsal_verdicts as after')
    .innerJoin('rehearsal_verdicts as before', (join) =>
      join
        .onRef('before.rehearsal', '=', 'after.rehearsal')
        .onRef('before.channel', '=', 'after.channel')
        .onRef('before.ts', '=', 'after.ts')
        .on('before.side', '=', 'before'),
    )
    .innerJoin('messages', (join) =>
      join
        .onRef('messages.channel', '=', 'after.channel')
        .onRef('messages.ts', '=', 'after.ts')
        .onRef('messages.revision', '=', 'after.revision'),
    )
    .leftJoin('verdicts', (join) =>
      join.onRef('verdicts.id', '=', 'messages.verdict').on('verdicts.person', 'is not', null),
    )
    .where('after.rehearsal', '=', rehearsal)
    .where('after.side', '=', 'after')
    .where('messages.deleted_at', 'is', null)
    .where('messages.forgotten', 'is', null)
    .select([
      ...(['after.channel', 'after.ts', 'messages.thread_ts', 'messages.text'] as const),
      ...(['after.category', 'after.urgency', 'after.sentiment'] as const),
      'before.category as beforeCategory',
      'before.urgency as beforeUrgency',
      'before.sentiment as beforeSentiment',
      'verdicts.category as people',
    ])
    .orderBy('after.ts', 'desc')
    .orderBy('after.channel')
    .execute();
  return rows.map(({ channel, ts, thread_ts, text, people, ...row }) => ({
    ...{ channel, ts, threadTs: thread_ts, text, people },
    before: toJudged({
      category: row.beforeCategory,
      urgency: row.beforeUrgency,
      sentiment: row.beforeSentiment,
    }),
    after: toJudged(row),
  }));
}
