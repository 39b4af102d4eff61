import type { Candidate } from '../../core/people/honesty.ts';
import type { Db, Tx } from '../db/tables.ts';
import { selectClaudesVerdict } from '../runs/verdicts.ts';

/** What was drawn at random to ask people about, for each run that asked. */

/** The last draw of a channel; undefined when there was none. */
export function findLastDraw(
  db: Db,
  channel: string,
): Promise<{ run: number; last_verdict: number } | undefined> {
  return db
    .selectFrom('honesty_draws')
    .select(['run', 'last_verdict'])
    .where('channel', '=', channel)
    .orderBy('drawn_at', 'desc')
    .orderBy('run', 'desc')
    .limit(1)
    .executeTakeFirst();
}

export type DrawCandidate = Candidate & {
  verdict: number;
  revision: number;
  taxonomyVersion: number;
  model: string;
};

/**
 * A page of the messages of a channel whose last verdict by Claude came after another one.
 * @param since verdicts from before are left out, in ms
 */
export async function listCandidates(
  db: Db,
  channel: string,
  { after, since, limit }: { after: number; since: number; limit: number },
): Promise<DrawCandidate[]> {
  const rows = await db
    .selectFrom('verdicts')
    .innerJoin('messages', (join) =>
      join
        .onRef('messages.channel', '=', 'verdicts.channel')
        .onRef('messages.ts', '=', 'verdicts.ts'),
    )
    .where('verdicts.id', '>', after)
    .where('verdicts.channel', '=', channel)
    .where('verdicts.person', 'is', null)
    .where('verdicts.created_at', '>=', since)
    .where('messages.state', '=', 'judged')
    .where('messages.deleted_at', 'is', null)
    .whereRef('verdicts.id', '=', selectClaudesVerdict())
    .select((eb) => [
      'verdicts.id as verdict',
      'verdicts.ts',
      'verdicts.category',
      'verdicts.revision',
      'verdicts.taxonomy_version as taxonomyVersion',
      'verdicts.model',
      eb
        .and([
          eb('verdicts.revision', '=', eb.ref('messages.revision')),
          eb('messages.forgotten', 'is', null),
          eb.not(
            eb.exists(
              eb
                .selectFrom('acts')
                .select('acts.id')
                .whereRef('acts.channel', '=', 'messages.channel')
                .whereRef('acts.ts', '=', 'messages.ts')
                .where('acts.kind', 'in', ['correct', 'confirm', 'dismiss'])
                // A dismissal says something of the category only when it says that it is noise.
                .where((or) =>
                  or.or([or('acts.kind', '!=', 'dismiss'), or('acts.category', 'is not', null)]),
                )
                .where('acts.state', '!=', 'refused')
                .where('acts.undone_by', 'is', null),
            ),
          ),
          eb.not(
            eb.exists(
              eb
                .selectFrom('honesty_questions')
                .select('honesty_questions.ts')
                .whereRef('honesty_questions.channel', '=', 'messages.channel')
                .whereRef('honesty_questions.ts', '=', 'messages.ts'),
            ),
          ),
        ])
        .as('open'),
    ])
    .orderBy('verdicts.id')
    .limit(limit)
    .execute();
  return rows.map(({ open, ...row }) => ({ ...row, open: Boolean(open) }));
}

/** @param questions in the order in which they are asked */
export async function addDraw(
  tx: Tx,
  draw: {
    run: number;
    channel: string;
    lastVerdict: number;
    messages: Record<string, number>;
    questions: DrawCandidate[];
  },
  now: number,
): Promise<void> {
  const { run, channel, lastVerdict, messages, questions } = draw;
  await tx
    .insertInto('honesty_draws')
    .values({
      ...{ run, channel, drawn_at: now, last_verdict: lastVerdict },
      messages: JSON.stringify(messages),
    })
    .execute();
  if (questions.length === 0) return;
  await tx
    .insertInto('honesty_questions')
    .values(
      questions.map(({ ts, revision, category, taxonomyVersion, model }, place) => ({
        ...{ channel, ts, run, place, revision, category, model },
        taxonomy_version: taxonomyVersion,
      })),
    )
    .execute();
}

export async function hasDraw(db: Db | Tx, run: number): Promise<boolean> {
  const row = await db
    .selectFrom('honesty_draws')
    .select('run')
    .where('run', '=', run)
    .executeTakeFirst();
  return row !== undefined;
}

/** Takes a draw back, because nobody has seen its questions: the next one may ask them. */
export async function deleteDraw(tx: Tx, run: number): Promise<void> {
  await tx.deleteFrom('honesty_questions').where('run', '=', run).execute();
  await tx.deleteFrom('honesty_draws').where('run', '=', run).execute();
}
