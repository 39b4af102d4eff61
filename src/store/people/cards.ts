import type { CardFacts, Explanation, WhyDismissed } from '../../core/people/card.ts';
import type { Lane, LaneReason } from '../../core/runs/lane.ts';
import type { Sentiment, Urgency } from '../../core/runs/taxonomy.ts';
import type { Db, Tx } from '../db/tables.ts';
import { readCopies } from '../intake/copies.ts';
import { findClaudesVerdict, selectClaudesAlso, selectClaudesCategory } from '../runs/verdicts.ts';
import { findThemeOf } from '../themes/acts.ts';
import { findLastUndo } from './acts.ts';

/** What cards, the list of open flags and *Why?* show of a message. */

/**
 * Facts for the cards of these messages, in the order of their ts. A message that nobody has
 * judged, but a person has flagged, has no category and no gist.
 */
export async function readCards(db: Db | Tx, channel: string, ts: string[]): Promise<CardFacts[]> {
  const rows = await db
    .selectFrom('messages')
    .leftJoin('verdicts', 'verdicts.id', 'messages.verdict')
    .leftJoin('flags', (join) =>
      join.onRef('flags.channel', '=', 'messages.channel').onRef('flags.ts', '=', 'messages.ts'),
    )
    .select((eb) => [
      'messages.ts',
      'messages.thread_ts as threadTs',
      'messages.author',
      'messages.author_name as authorName',
      'messages.text',
      'messages.deleted_at',
      eb.fn.coalesce('verdicts.category', eb.val('')).as('category'),
      'verdicts.also',
      eb.fn.coalesce('verdicts.sentiment', eb.val('neutral')).as('sentiment'),
      eb.fn.coalesce('verdicts.urgency', eb.val('low')).as('urgency'),
      eb.fn.coalesce('verdicts.gist', eb.val('')).as('gist'),
      'verdicts.person',
      // Without a flag nothing needs attention.
      eb.fn.coalesce('flags.state', eb.val('withdrawn' as const)).as('state'),
      'flags.by',
      'flags.reason',
      'flags.duplicate_of',
      selectClaudesCategory().as('claudeCategory'),
      selectClaudesAlso().as('claudeAlso'),
      eb.fn.coalesce('flags.changed_at', 'messages.collected_at').as('changedAt'),
      eb.fn.coalesce('flags.opened_at', 'messages.collected_at').as('openedAt'),
      eb
        .selectFrom('acts')
        .select('acts.user')
        .whereRef('acts.channel', '=', 'messages.channel')
        .whereRef('acts.ts', '=', 'messages.ts')
        .where('acts.kind', '=', 'flag')
        .where('acts.state', '=', 'taken')
        .where('acts.undone_by', 'is', null)
        .orderBy('acts.id', 'desc')
        .limit(1)
        .as('flaggedBy'),
    ])
    .where('messages.channel', '=', channel)
    .where('messages.ts', 'in', ts)
    .orderBy('messages.ts')
    .execute();
  const copies = await readCopies(db, channel, ts);
  const originals = await readOriginals(
    db,
    channel,
    rows.flatMap(({ duplicate_of: original }) => original ?? []),
  );
  const cards: CardFacts[] = [];
  for (const { deleted_at, sentiment, urgency, claudeCategory, claudeAlso, ...rest } of rows) {
    const { reason, duplicate_of, ...row } = rest;
    const undo = await findLastUndo(db, channel, row.ts);
    cards.push({
      ...row,
      channel,
      copies: copies.get(row.ts) ?? [],
      why: reason && { reason, original: originals.get(duplicate_of ?? '') ?? null },
      sentiment: sentiment as Sentiment,
      urgency: urgency as Urgency,
      deleted: deleted_at !== null,
      confirmed: row.person !== null && row.category === claudeCategory && row.also === claudeAlso,
      takenBack: undo,
    });
  }
  return cards;
}

/** The messages that others repeat. */
async function readOriginals(
  db: Db | Tx,
  channel: string,
  ts: string[],
): Promise<Map<string, WhyDismissed['original']>> {
  if (ts.length === 0) return new Map();
  const rows = await db
    .selectFrom('messages')
    .leftJoin('verdicts', 'verdicts.id', 'messages.verdict')
    .select((eb) => [
      'messages.ts',
      'messages.thread_ts as threadTs',
      eb.fn.coalesce('verdicts.gist', eb.val('')).as('gist'),
    ])
    .where('messages.channel', '=', channel)
    .where('messages.ts', 'in', ts)
    .where('messages.deleted_at', 'is', null)
    .execute();
  return new Map(rows.map((row) => [row.ts, row]));
}

/** What *Why?* shows; undefined when the message has no verdict. */
export async function readExplanation(
  db: Db,
  channel: string,
  ts: string,
): Promise<{ explanation: Explanation; exampleTs: string[] } | undefined> {
  const row = await db
    .selectFrom('messages')
    .innerJoin('verdicts', 'verdicts.id', 'messages.verdict')
    .select([
      'messages.thread_ts as threadTs',
      'messages.text',
      'messages.revision as revisionNow',
      'verdicts.revision',
      'verdicts.run',
      'verdicts.category',
      'verdicts.also',
      'verdicts.sentiment',
      'verdicts.urgency',
      'verdicts.gist',
      'verdicts.confidence',
      'verdicts.model',
      'verdicts.taxonomy_version as taxonomyVersion',
      'verdicts.created_at as judgedAt',
      'verdicts.person',
    ])
    .where('messages.channel', '=', channel)
    .where('messages.ts', '=', ts)
    .executeTakeFirst();
  if (!row) return undefined;
  const claude = await findClaudesVerdict(db, channel, ts);
  const request = await db
    .selectFrom('requests')
    .innerJoin('batches', 'batches.id', 'requests.batch')
    .innerJoin('runs', 'runs.id', 'batches.run')
    .select([
      'requests.examples',
      'batches.lane',
      'runs.lane as began',
      'runs.lane_reason',
      'runs.hurry_reason',
      'runs.hurried_by',
    ])
    .where('batches.run', '=', row.run)
    .where('requests.ts', '=', ts)
    .orderBy('batches.id', 'desc')
    .limit(1)
    .executeTakeFirst();
  const [card] = await readCards(db, channel, [ts]);
  const { run: _, revision, revisionNow, sentiment, urgency, ...rest } = row;
  return {
    explanation: {
      ...rest,
      channel,
      ts,
      sentiment: sentiment as Sentiment,
      urgency: urgency as Urgency,
      edited: revision !== revisionNow,
      claudeCategory: claude?.category ?? null,
      claudeAlso: claude?.also ?? null,
      flaggedBy: card?.flaggedBy ?? null,
      dismissed:
        card?.state === 'dismissed' ? { by: card.by, reason: card.why?.reason ?? null } : null,
      theme: await findThemeOf(db, channel, ts),
      lane: request ? toLane(request) : null,
      examples: [],
    },
    exampleTs: request?.examples ? (JSON.parse(request.examples) as string[]) : [],
  };
}

/** A run that began with batches may have ended express: that says why only for what was asked so. */
function toLane(request: {
  lane: Lane;
  began: Lane;
  lane_reason: LaneReason;
  hurry_reason: LaneReason | null;
  hurried_by: string | null;
}): NonNullable<Explanation['lane']> {
  const { lane, began, lane_reason, hurry_reason, hurried_by } = request;
  if (lane === began) return { lane, reason: lane_reason, by: null };
  return { lane, reason: hurry_reason ?? 'due', by: hurried_by };
}
