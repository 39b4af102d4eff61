import { MOST_ASKED, type UnsureMessage } from '../../core/digest/unsure.ts';
import type { Db, Tx } from '../db/tables.ts';
import type { Run } from '../runs/runs.ts';
import { selectClaudesCategory } from '../runs/verdicts.ts';

/**
 * The messages of a digest that Claude is least sure of, without those that a person had judged before it was
 * published: the same ones whenever it is written again, with what people have answered since.
 * @param below the confidence under which a verdict is unsure
 * @param now when the digest is published, if it is not yet; in ms
 */
export async function listUnsure(
  db: Db | Tx,
  { id, channel, published_at }: Run,
  below: number,
  now: number,
): Promise<UnsureMessage[]> {
  const rows = await db
    .selectFrom('messages')
    // A person's verdict is Claude's with another category: as sure, and with the same runner-up.
    .innerJoin('verdicts', 'verdicts.id', 'messages.verdict')
    .select([
      'messages.ts',
      'messages.thread_ts as threadTs',
      'messages.text',
      'verdicts.gist',
      'verdicts.runner_up as runnerUp',
      'verdicts.category as counts',
      'verdicts.person',
      selectClaudesCategory().as('claudes'),
    ])
    .where('messages.channel', '=', channel)
    .where('messages.digest', '=', id)
    .where('messages.state', '=', 'judged')
    .where('messages.deleted_at', 'is', null)
    .where('messages.forgotten', 'is', null)
    .where('verdicts.confidence', '<', below)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('acts')
            .select('acts.id')
            .whereRef('acts.channel', '=', 'messages.channel')
            .whereRef('acts.ts', '=', 'messages.ts')
            .where('acts.category', 'is not', null)
            .where('acts.state', '=', 'taken')
            .where('acts.undone_by', 'is', null)
            .where('acts.at', '<', published_at ?? now),
        ),
      ),
    )
    .orderBy('verdicts.confidence')
    .orderBy('messages.ts')
    .limit(MOST_ASKED)
    .execute();
  return rows.map(({ counts, claudes, person, ...message }) => ({
    ...message,
    category: claudes ?? counts,
    answer: person === null ? null : { category: counts, person },
  }));
}
