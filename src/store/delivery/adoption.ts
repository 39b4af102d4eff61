import { sql } from 'kysely';
import type { OwnPost, Told } from '../../core/delivery/adoption.ts';
import { type Effect, laneOf, needOf, PRIORITY } from '../../core/delivery/effects.ts';
import { isOpen } from '../../core/people/acts.ts';
import type { Taxonomy } from '../../core/runs/taxonomy.ts';
import { GIST_LENGTH } from '../../core/runs/verdict.ts';
import { shorten, toPlainText } from '../../core/text.ts';
import { tsToMs } from '../../core/timestamps.ts';
import { engineOf } from '../db/engine.ts';
import type { Db, Tx } from '../db/tables.ts';
import { recordCards, updateFlag, upsertFlags } from '../people/flags.ts';
import { addVerdicts } from '../runs/verdicts.ts';

/** Takes over posts of the bot that its database does not know. */

/**
 * @param posts at most a page
 * @returns those that the database does not know; one whose try may have reached Slack is known
 */
export async function listUnknown(db: Db, channel: string, posts: OwnPost[]): Promise<OwnPost[]> {
  if (posts.length === 0) return [];
  const rows = await db
    .selectFrom('outbox')
    .select(['key', 'posted_ts'])
    .where((eb) =>
      eb.or([
        eb.and([
          eb('channel', '=', channel),
          eb(
            'posted_ts',
            'in',
            posts.map(({ ts }) => ts),
          ),
        ]),
        eb.and([
          eb(
            'key',
            'in',
            posts.map(({ metadata }) => metadata.event_payload.key),
          ),
          eb.or([eb('state', '!=', 'waiting'), eb('sending_since', 'is not', null)]),
        ]),
      ]),
    )
    .execute();
  const known = new Set(rows.flatMap(({ key, posted_ts }) => [key, posted_ts]));
  return posts.filter(
    ({ ts, metadata }) => !known.has(ts) && !known.has(metadata.event_payload.key),
  );
}

/**
 * Gives later runs higher numbers than this one: the posts of lost runs are not taken over yet, and the number of a
 * run is in the keys of its posts.
 */
export async function reserveRuns(db: Db, last: number): Promise<void> {
  if (engineOf(db) === 'postgres') {
    await sql`select setval('runs_id_seq', greatest((select last_value from runs_id_seq), ${last}))`.execute(
      db,
    );
    return;
  }
  await db.transaction().execute(async (tx) => {
    await sql`insert into sqlite_sequence (name, seq)
      select 'runs', 0 where not exists (select 1 from sqlite_sequence where name = 'runs')`.execute(
      tx,
    );
    await sql`update sqlite_sequence set seq = max(seq, ${last}) where name = 'runs'`.execute(tx);
  });
}

/** Records posts as delivered. @param parent the key of the post in whose thread they are */
export async function adoptPosts(
  tx: Tx,
  channel: string,
  posts: OwnPost[],
  parent: string | null,
): Promise<void> {
  for (const { ts, metadata, text, blocks } of posts) {
    const { key } = metadata.event_payload;
    const effect = {
      kind: 'post',
      ...(parent !== null && { parent }),
      metadata,
      text,
      blocks,
    } as Effect;
    const entry = { key, channel, priority: PRIORITY.reply, effect };
    const delivered = { state: 'done' as const, posted_ts: ts, ended_at: tsToMs(ts) };
    await tx
      .insertInto('outbox')
      .values({
        key,
        lane: laneOf(entry),
        channel,
        priority: entry.priority,
        effect: JSON.stringify(effect),
        parent,
        about: null,
        next_at: tsToMs(ts),
        sending_since: null,
        trouble: null,
        created_at: tsToMs(ts),
        needs: needOf(effect),
        emoji: null,
        ...delivered,
      })
      // It was waiting when the copy was made.
      .onConflict((conflict) => conflict.column('key').doUpdateSet(delivered))
      .execute();
  }
  const cards = posts.flatMap(({ metadata: { event_type, event_payload } }) =>
    event_type === 'winnow_card' && event_payload.ts !== undefined
      ? { ts: event_payload.ts, key: event_payload.key }
      : [],
  );
  await recordCards(tx, channel, cards);
}

/**
 * Adds the run of a summary that was found, unless the database has a run of that number.
 * @param facts `goesOn`: it was under way, and classifies what is pending; `dueAt`: the time of the schedule that it
 * was posted for
 */
export async function adoptRun(
  tx: Tx,
  run: number,
  facts: {
    channel: string;
    postedAt: number;
    dueAt: number | null;
    taxonomyVersion: number;
    model: string;
    goesOn: boolean;
    now: number;
  },
): Promise<void> {
  const { channel, postedAt, dueAt, taxonomyVersion, model, goesOn, now } = facts;
  await tx
    .insertInto('runs')
    .values({
      id: run,
      channel,
      cause: goesOn ? 'command' : 'schedule',
      requested_by: null,
      with_digest: 1,
      taxonomy_version: taxonomyVersion,
      model,
      // What it was opened for was collected by this database just now.
      claim_until: now,
      created_at: postedAt,
      canceled_by: null,
      trouble: null,
      stale_since: null,
      stale_at: null,
      expected_nano_usd: null,
      due_at: dueAt,
      ...(goesOn
        ? { stage: 'claiming', ended_at: null, published_at: null }
        : { stage: 'done', ended_at: postedAt, published_at: postedAt, adopted: 1 }),
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}

/**
 * Publishes messages in the summary that told of them. What nobody has judged keeps the category and the words
 * that the summary shows; what needs attention is judged again by the next run, for its urgency.
 * @returns how many messages
 */
export async function adoptTold(
  tx: Tx,
  told: Told[],
  facts: {
    channel: string;
    run: number;
    taxonomy: Taxonomy;
    taxonomyVersion: number;
    nameOf: (user: string) => string | undefined;
    now: number;
  },
): Promise<number> {
  const { channel, run, taxonomy, taxonomyVersion, nameOf, now } = facts;
  let adopted = 0;
  for (let start = 0; start < told.length; start += ROWS_AT_ONCE) {
    const some = new Map(told.slice(start, start + ROWS_AT_ONCE).map((one) => [one.ts, one]));
    const messages = await tx
      .updateTable('messages')
      .set((eb) => ({ digest: run, first_digest: eb.fn.coalesce('first_digest', eb.val(run)) }))
      .where('channel', '=', channel)
      .where('ts', 'in', [...some.keys()])
      .where('digest', 'is', null)
      .where('deleted_at', 'is', null)
      .where('forgotten', 'is', null)
      .where((eb) =>
        eb.or([
          eb('state', 'in', ['judged', 'dead']),
          // The run that has claimed one publishes it.
          eb.and([eb('state', '=', 'pending'), eb('ts', 'in', listJudged([...some.values()]))]),
        ]),
      )
      .returning(['ts', 'text', 'revision', 'state'])
      .execute();
    adopted += messages.length;
    const pending = messages.filter(({ state }) => state === 'pending');
    const verdicts = pending.map(({ ts, text, revision }) => {
      const { category, gist } = some.get(ts) ?? { category: null, gist: '' };
      return {
        channel,
        ts,
        revision,
        run,
        taxonomy_version: taxonomyVersion,
        category: category ?? '',
        emoji: taxonomy.categories.find(({ key }) => key === category)?.emoji ?? null,
        sentiment: 'neutral' as const,
        urgency: 'low' as const,
        gist: gist || shorten(toPlainText(text, nameOf), GIST_LENGTH),
        language: 'und',
        confidence: 1,
        runner_up: null,
        also: null,
        flagged: needsAttention(some.get(ts)) ? 1 : 0,
        // Nobody knows which one it was.
        model: '',
        created_at: now,
        person: null,
        theme: null,
      };
    });
    for (const [ts, verdict] of await addVerdicts(tx, verdicts)) {
      const again = needsAttention(some.get(ts)) ? 1 : 0;
      await tx
        .updateTable('messages')
        .set({ state: 'judged', verdict, again })
        .where('channel', '=', channel)
        .where('ts', '=', ts)
        .execute();
    }
    const flags = pending.flatMap(({ ts }) => {
      const state = some.get(ts)?.flag;
      return state ? { ts, state, by: null, changedAt: now, why: null } : [];
    });
    await upsertFlags(tx, channel, flags, now);
    // There may have been a reminder.
    for (const { ts } of flags) await updateFlag(tx, { channel, ts }, { reminded_at: now });
  }
  return adopted;
}

/** SQLite takes 32,766 variables a statement. */
const ROWS_AT_ONCE = 500;

const needsAttention = (told: Told | undefined) => told?.flag != null && isOpen(told.flag);

const listJudged = (told: Told[]) =>
  told.flatMap(({ ts, category }) => (category === null ? [] : ts));
