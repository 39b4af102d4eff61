import { z } from 'zod';
import type {
  AskedMessage,
  HonestySample,
  Question,
  QuestionAnswer,
} from '../../core/people/honesty.ts';
import type { Db, Tx } from '../db/tables.ts';

/** What people were asked about, and what each person says of it now. */

const sizesSchema = z.record(z.string(), z.number());

/** The question about a message, and whether its words have changed since it was drawn. */
export async function findQuestion(
  tx: Tx,
  channel: string,
  ts: string,
): Promise<{ category: string; edited: boolean } | undefined> {
  const row = await tx
    .selectFrom('honesty_questions as asked')
    .innerJoin('messages', (join) =>
      join.onRef('messages.channel', '=', 'asked.channel').onRef('messages.ts', '=', 'asked.ts'),
    )
    .select(['asked.category', 'asked.revision', 'messages.revision as now'])
    .where('asked.channel', '=', channel)
    .where('asked.ts', '=', ts)
    .executeTakeFirst();
  return row && { category: row.category, edited: row.revision !== row.now };
}

/** A person's newest answer about a message, perhaps not taken yet. */
export function findOwnAnswer(
  tx: Tx,
  { channel, ts, user }: { channel: string; ts: string; user: string },
): Promise<{ id: number; undone_by: number | null } | undefined> {
  return tx
    .selectFrom('acts')
    .select(['id', 'undone_by'])
    .where('source', '=', 'honesty')
    .where('channel', '=', channel)
    .where('ts', '=', ts)
    .where('user', '=', user)
    .where('kind', '!=', 'undo')
    .where('state', '!=', 'refused')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** The questions of a run's digest, in their order, with what people have answered. */
export async function listAsked(db: Db | Tx, run: number): Promise<AskedMessage[]> {
  const rows = await db
    .selectFrom('honesty_questions as asked')
    .innerJoin('messages', (join) =>
      join.onRef('messages.channel', '=', 'asked.channel').onRef('messages.ts', '=', 'asked.ts'),
    )
    .select([
      'asked.channel',
      'asked.ts',
      'asked.category',
      'asked.revision',
      'messages.thread_ts as threadTs',
      'messages.text',
      'messages.revision as now',
      'messages.deleted_at as deleted',
      'messages.forgotten',
    ])
    .where('asked.run', '=', run)
    .orderBy('asked.place')
    .execute();
  const [first] = rows;
  if (!first) return [];
  const answers = Map.groupBy(await listAnswers(db, first.channel, [run]), ({ ts }) => ts);
  return rows.map(({ ts, category, threadTs, text, revision, now, deleted, forgotten }) => {
    const said = answers.get(ts) ?? [];
    return {
      ...{ ts, category, threadTs },
      text: deleted === null ? text : '',
      over: whyOver({ deleted, forgotten, edited: revision !== now }),
      people: said.map(({ user }) => user),
      last: said.reduce((last, { act }) => Math.max(last, act), 0),
    };
  });
}

function whyOver(message: {
  deleted: number | null;
  forgotten: number | null;
  edited: boolean;
}): AskedMessage['over'] {
  if (message.deleted !== null) return 'deleted';
  if (message.forgotten !== null) return 'forgotten';
  return message.edited ? 'edited' : null;
}

/**
 * All that figures of a channel are counted from.
 * @param from draws from before are left out, in ms
 * @param upTo the run whose draw is the last one that counts; null: the newest
 */
export async function readHonestySample(
  db: Db | Tx,
  channel: string,
  { from, upTo }: { from: number; upTo: number | null },
): Promise<HonestySample> {
  const draws = await db
    .selectFrom('honesty_draws')
    .select(['run', 'drawn_at as drawnAt', 'messages'])
    .where('channel', '=', channel)
    .where('drawn_at', '>=', from)
    .$if(upTo !== null, (query) => query.where('run', '<=', upTo))
    .orderBy('run')
    .execute();
  const runs = draws.map(({ run }) => run);
  if (runs.length === 0) return { draws: [], questions: [], answers: [] };
  const questions: Question[] = await db
    .selectFrom('honesty_questions')
    .select(['ts', 'run', 'category', 'model', 'taxonomy_version as taxonomyVersion'])
    .where('run', 'in', runs)
    .orderBy('run')
    .orderBy('place')
    .execute();
  return {
    draws: draws.map((draw) => ({
      ...draw,
      messages: sizesSchema.parse(JSON.parse(draw.messages)),
    })),
    questions,
    answers: await listAnswers(db, channel, runs),
  };
}

/**
 * What each person says now of the questions of some runs. Their newest answer counts until they take it back
 * themselves: when somebody else undoes it, that is about what the message is, not about what they think.
 */
async function listAnswers(
  db: Db | Tx,
  channel: string,
  runs: number[],
): Promise<(QuestionAnswer & { act: number })[]> {
  const acts = await db
    .selectFrom('honesty_questions as asked')
    .innerJoin('acts', (join) =>
      join.onRef('acts.channel', '=', 'asked.channel').onRef('acts.ts', '=', 'asked.ts'),
    )
    .leftJoin('acts as undoing', 'undoing.id', 'acts.undone_by')
    .select([
      'acts.id as act',
      'acts.ts',
      'acts.user',
      'acts.category',
      'undoing.kind as undone',
      'undoing.user as undoneBy',
    ])
    .where('asked.channel', '=', channel)
    .where('asked.run', 'in', runs)
    .where('acts.source', '=', 'honesty')
    .where('acts.state', '=', 'taken')
    .where('acts.kind', '!=', 'undo')
    .orderBy('acts.id')
    .execute();
  const newest = new Map(acts.map((act) => [`${act.ts} ${act.user}`, act]));
  return [...newest.values()]
    .filter(({ undone, undoneBy, user }) => undone !== 'undo' || undoneBy !== user)
    .flatMap(({ act, ts, user, category }) =>
      category === null ? [] : [{ act, ts, user, category }],
    );
}
