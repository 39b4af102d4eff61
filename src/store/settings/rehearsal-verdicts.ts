import type { Selectable } from 'kysely';
import type { Judged } from '../../core/settings/rehearsal.ts';
import type { Db, Tables, Tx } from '../db/tables.ts';
import { selectClaudesVerdict } from '../runs/verdicts.ts';

/** The messages of a rehearsal, and what they are judged as by the settings before the change and after it. */

type Row = Selectable<Tables['rehearsal_verdicts']>;
export type Side = Row['side'];

/** A message that can be in a sample. */
export interface SampledMessage {
  channel: string;
  ts: string;
  revision: number;
  /** The category that counts. */
  category: string;
  corrected: boolean;
  /** Claude's verdict on its text under the categories in force; null: there is none. */
  known: Judged | null;
}

/**
 * The newest judged messages of these channels, without those that are deleted or forgotten; the newest first.
 * @param taxonomyVersion of the categories in force
 */
export async function listSampleCandidates(
  db: Db | Tx,
  channels: string[],
  newest: { taxonomyVersion: number; limit: number },
): Promise<SampledMessage[]> {
  const found: SampledMessage[] = [];
  // In one statement, SQLite would read and sort all messages of several channels.
  for (const channel of channels) found.push(...(await listNewest(db, channel, newest)));
  return found
    .sort((one, other) => compare(other.ts, one.ts) || compare(one.channel, other.channel))
    .slice(0, newest.limit);
}

const compare = (one: string, other: string) => (one === other ? 0 : one < other ? -1 : 1);

async function listNewest(
  db: Db | Tx,
  channelId: string,
  { taxonomyVersion, limit }: { taxonomyVersion: number; limit: number },
): Promise<SampledMessage[]> {
  const rows = await db
    .selectFrom('messages')
    .innerJoin('verdicts', 'verdicts.id', 'messages.verdict')
    .leftJoin('verdicts as claudes', (join) =>
      join
        .on('claudes.id', '=', selectClaudesVerdict())
        .onRef('claudes.revision', '=', 'messages.revision')
        .on('claudes.taxonomy_version', '=', taxonomyVersion),
    )
    .where('messages.channel', '=', channelId)
    .where('messages.state', '=', 'judged')
    .where('messages.deleted_at', 'is', null)
    .where('messages.forgotten', 'is', null)
    .orderBy('messages.ts', 'desc')
    .limit(limit)
    .select([
      ...(['messages.channel', 'messages.ts', 'messages.revision'] as const),
      ...(['verdicts.category', 'verdicts.person'] as const),
      'claudes.category as knownCategory',
      'claudes.urgency as knownUrgency',
      'claudes.sentiment as knownSentiment',
    ])
    .execute();
  return rows.map(({ channel, ts, revision, category, person, ...known }) => ({
    ...{ channel, ts, revision, category, corrected: person !== null },
    known: toJudged({
      category: known.knownCategory,
      urgency: known.knownUrgency as Row['urgency'],
      sentiment: known.knownSentiment as Row['sentiment'],
    }),
  }));
}

/** A judgement from its columns; null when there is none. */
export function toJudged({
  category,
  urgency,
  sentiment,
}: Pick<Row, 'category' | 'urgency' | 'sentiment'>): Judged | null {
  return category === null || urgency === null || sentiment === null
    ? null
    : { category, urgency, sentiment };
}

export async function addSample(
  tx: Tx,
  rehearsal: number,
  sample: SampledMessage[],
): Promise<void> {
  if (sample.length === 0) return;
  await tx
    .insertInto('rehearsal_verdicts')
    .values(
      sample.flatMap(({ channel, ts, revision, known }) => {
        const place = { rehearsal, channel, ts, revision };
        const unknown = { outcome: null, category: null, urgency: null, sentiment: null };
        return [
          {
            ...place,
            side: 'before' as const,
            ...(known ? { outcome: 'known', ...known } : unknown),
          },
          { ...place, side: 'after' as const, ...unknown },
        ] as const;
      }),
    )
    .execute();
}

/** The channel of the newest message of a sample. */
export async function findSampledChannel(
  db: Db | Tx,
  rehearsal: number,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('rehearsal_verdicts')
    .select('channel')
    .where('rehearsal', '=', rehearsal)
    .orderBy('ts', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.channel;
}

/** A question of a rehearsal: how one side judges a message. */
export interface Question {
  side: Side;
  channel: string;
  ts: string;
}

/** Lists the questions without an outcome, those of the changed settings first. */
export function listOpenQuestions(db: Db | Tx, rehearsal: number): Promise<Question[]> {
  return db
    .selectFrom('rehearsal_verdicts')
    .select(['side', 'channel', 'ts'])
    .where('rehearsal', '=', rehearsal)
    .where('outcome', 'is', null)
    .orderBy('side')
    .orderBy('ts', 'desc')
    .orderBy('channel')
    .execute();
}

/**
 * A message that was edited, deleted or forgotten since it was chosen is left out.
 * @returns how many answers are no longer needed
 */
export async function leaveOutGone(tx: Tx, rehearsal: number): Promise<number> {
  const { numUpdatedRows } = await tx
    .updateTable('rehearsal_verdicts')
    .set({ outcome: 'gone' })
    .where('rehearsal', '=', rehearsal)
    .where((eb) => eb.or([eb('outcome', 'is', null), eb('outcome', '!=', 'gone')]))
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('messages')
            .select('messages.ts')
            .whereRef('messages.channel', '=', 'rehearsal_verdicts.channel')
            .whereRef('messages.ts', '=', 'rehearsal_verdicts.ts')
            .whereRef('messages.revision', '=', 'rehearsal_verdicts.revision')
            .where('messages.deleted_at', 'is', null)
            .where('messages.forgotten', 'is', null),
        ),
      ),
    )
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

/** Commits, before the calls, that they begin: each may be billed from now on. */
export async function beginQuestions(
  tx: Tx,
  rehearsal: number,
  questions: Question[],
): Promise<(Question & { text: string })[]> {
  const begun = [];
  for (const { side, channel, ts } of questions) {
    const { numUpdatedRows } = await tx
      .updateTable('rehearsal_verdicts')
      .set((eb) => ({ asks: eb('asks', '+', 1) }))
      .where('rehearsal', '=', rehearsal)
      .where('side', '=', side)
      .where('channel', '=', channel)
      .where('ts', '=', ts)
      .where('outcome', 'is', null)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) continue;
    const { text } = await tx
      .selectFrom('messages')
      .select('text')
      .where('channel', '=', channel)
      .where('ts', '=', ts)
      .executeTakeFirstOrThrow();
    begun.push({ side, channel, ts, text });
  }
  return begun;
}

/** How often a message is asked about before it counts as failed. */
const MOST_TRIES = 3;

/**
 * Records an answer. A question that has an outcome already, or whose rehearsal has ended, is left alone.
 * @param judged null: the answer was not usable
 */
export async function recordAnswer(
  tx: Tx,
  rehearsal: number,
  { side, channel, ts }: Question,
  judged: Judged | null,
): Promise<void> {
  await tx
    .updateTable('rehearsal_verdicts')
    .set((eb) =>
      judged
        ? {
            outcome: 'judged' as const,
            ...{ category: judged.category, urgency: judged.urgency, sentiment: judged.sentiment },
          }
        : {
            tries: eb('tries', '+', 1),
            outcome: eb
              .case()
              .when('tries', '>=', MOST_TRIES - 1)
              .then('failed' as const)
              .else(null)
              .end(),
          },
    )
    .where('rehearsal', '=', rehearsal)
    .where('side', '=', side)
    .where('channel', '=', channel)
    .where('ts', '=', ts)
    .where('outcome', 'is', null)
    .execute();
}

/** Counts the questions without an outcome as failed. */
export async function giveUpQuestions(tx: Tx, rehearsal: number): Promise<void> {
  await tx
    .updateTable('rehearsal_verdicts')
    .set({ outcome: 'failed' })
    .where('rehearsal', '=', rehearsal)
    .where('outcome', 'is', null)
    .execute();
}

/** How many calls a rehearsal takes, and for how many messages. */
export async function countQuestions(
  db: Db | Tx,
  rehearsal: number,
): Promise<{ messages: number; calls: number; open: number }> {
  const { messages, calls, open } = await db
    .selectFrom('rehearsal_verdicts')
    .where('rehearsal', '=', rehearsal)
    .select((eb) => [
      eb.fn.countAll<number>().filterWhere('side', '=', 'after').as('messages'),
      eb.fn
        .countAll<number>()
        .filterWhere(eb.fn.coalesce('outcome', eb.val('')), '!=', 'known')
        .as('calls'),
      eb.fn.countAll<number>().filterWhere('outcome', 'is', null).as('open'),
    ])
    .executeTakeFirstOrThrow();
  return { messages, calls, open };
}
