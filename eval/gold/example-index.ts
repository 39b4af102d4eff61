import { EXAMPLES_SHOWN } from '../../src/claude/prompt.ts';
import type { Taxonomy } from '../../src/core/runs/taxonomy.ts';
import { toPlainText } from '../../src/core/text.ts';
import { openDatabase } from '../../src/store/db/open.ts';
import type { Db } from '../../src/store/db/tables.ts';
import { type Example, findExamples } from '../../src/store/people/examples.ts';
import { saveTaxonomy } from '../../src/store/runs/taxonomies.ts';
import { addTexts } from '../../src/store/text-index/similar-texts.ts';
import type { GoldMessage, LabelledMessage } from './message.ts';

/**
 * Labelled messages in a database of the bot's own, in memory, as messages that people have corrected:
 * the bot's own search finds those that are similar to another message, and never that message itself.
 */
export interface ExampleIndex {
  add(messages: GoldMessage[]): Promise<void>;
  /** Those that the bot would show with the message. */
  find(message: LabelledMessage): Promise<Example[]>;
  /** The message that is most like it; undefined when none has enough in common. */
  findNearest(message: LabelledMessage): Promise<GoldMessage | undefined>;
  close(): Promise<void>;
}

/** Rows in one statement: SQLite takes about 32,000 values. */
const CHUNK = 500;

export async function openExampleIndex(taxonomy: Taxonomy): Promise<ExampleIndex> {
  const db = await openDatabase(':memory:');
  const version = await saveTaxonomy(db, taxonomy, 0);
  const added = new Map<string, GoldMessage>();
  /** By channel. */
  const runs = new Map<string, number>();
  const nameOf = (message: Pick<LabelledMessage, 'channel' | 'ts'>) =>
    `${message.channel} ${message.ts}`;
  // Mentioning the same person does not make messages similar.
  const plainOf = ({ text }: Pick<LabelledMessage, 'text'>) => toPlainText(text, () => '');
  const find = (message: LabelledMessage, limit: number) =>
    findExamples(db, { ...message, text: plainOf(message) }, limit);
  return {
    async add(messages) {
      for (const channel of new Set(messages.map((message) => message.channel))) {
        if (!runs.has(channel)) runs.set(channel, await addChannel(db, channel, version));
      }
      for (let from = 0; from < messages.length; from += CHUNK) {
        const some = messages.slice(from, from + CHUNK).map((message, index) => ({
          ...message,
          id: added.size + index + 1,
          run: runs.get(message.channel) ?? 0,
        }));
        await addCorrected(db, some, version);
        await db.transaction().execute((tx) =>
          addTexts(
            tx,
            'examples',
            some.map((message) => {
              const { id, channel, ts } = message;
              return { id, channel, ts, text: plainOf(message) };
            }),
          ),
        );
        for (const message of messages.slice(from, from + CHUNK)) {
          added.set(nameOf(message), message);
        }
      }
    },
    find: (message) => find(message, EXAMPLES_SHOWN),
    async findNearest(message) {
      const [nearest] = await find(message, 1);
      return nearest && added.get(nameOf({ channel: message.channel, ts: nearest.ts }));
    },
    close: () => db.destroy(),
  };
}

/** @returns its run */
async function addChannel(db: Db, channel: string, version: number): Promise<number> {
  await db
    .insertInto('channels')
    .values({
      id: channel,
      name: null,
      state: 'member',
      since_ts: null,
      swept_ts: null,
      invited_by: null,
      offer: 'none',
    })
    .execute();
  const { id } = await db
    .insertInto('runs')
    .values({
      channel,
      stage: 'done',
      cause: 'command',
      requested_by: null,
      with_digest: 0,
      taxonomy_version: version,
      model: '',
      claim_until: 0,
      created_at: 0,
      ended_at: 0,
      canceled_by: null,
      trouble: null,
      stale_since: null,
      stale_at: null,
      expected_nano_usd: null,
      published_at: null,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

/** Messages with a person's verdict, each of the id of its message. */
async function addCorrected(
  db: Db,
  messages: (Omit<GoldMessage, 'id'> & { id: number; run: number })[],
  version: number,
): Promise<void> {
  await db
    .insertInto('messages')
    .values(
      messages.map(({ id, channel, ts, run, text }) => ({
        channel,
        ts,
        thread_ts: null,
        author: null,
        author_name: null,
        text,
        revision: 1,
        edited_ts: null,
        posted_at: 0,
        collected_at: 0,
        deleted_at: null,
        state: 'judged' as const,
        run,
        trouble: null,
        verdict: id,
        digest: null,
      })),
    )
    .execute();
  await db
    .insertInto('verdicts')
    .values(
      messages.map(({ id, channel, ts, run, category, second }) => ({
        id,
        channel,
        ts,
        revision: 1,
        run,
        taxonomy_version: version,
        category,
        also: second[0] ?? null,
        emoji: null,
        sentiment: 'neutral',
        urgency: 'low',
        gist: '',
        language: 'und',
        confidence: 1,
        flagged: 0,
        model: '',
        created_at: 0,
        person: 'U0EVAL',
      })),
    )
    .execute();
}
