import type { Messages, Privacy } from '../../src/claude/outgoing.ts';
import type { Log } from '../../src/core/log.ts';
import type { Taxonomy } from '../../src/core/runs/taxonomy.ts';
import { groupRun } from '../../src/jobs/themes/group.ts';
import { openDatabase } from '../../src/store/db/open.ts';
import type { Db } from '../../src/store/db/tables.ts';
import { findRun } from '../../src/store/runs/runs.ts';
import { saveTaxonomy } from '../../src/store/runs/taxonomies.ts';
import { FIRST_TS } from '../gold/read-data.ts';

/**
 * Groups messages by the bot's own code, in a database of its own, in memory: each channel has one run
 * that has just been judged.
 */

/** A message as the bot has judged it. */
export interface Judged {
  id: string;
  channel: string;
  ts: string;
  gist: string;
}

export interface Grouped {
  /** By the id of the message: the id of its theme. */
  themes: Map<string, number>;
  /** The same for topics: that which the bot would propose, or else the theme. */
  topics: Map<string, string>;
  requests: number;
  tokens: { input: number; output: number };
  /** What the answers cost, kept or not; null: the price of the model is not known. */
  usd: number | null;
}

interface Grouping {
  claude: Messages;
  model: string;
  taxonomy: Taxonomy;
  privacy: Privacy;
}

/** A day after the first messages, in ms: those of the last 30 days are named. */
const NOW = (FIRST_TS + 86_400) * 1000;

const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} };

export async function groupAsBot(messages: Judged[], grouping: Grouping): Promise<Grouped> {
  const { claude, model, taxonomy, privacy } = grouping;
  const db = await openDatabase(':memory:');
  try {
    const version = await saveTaxonomy(db, taxonomy, 0);
    for (const [channel, members] of Map.groupBy(messages, (one) => one.channel)) {
      const id = await addRun(db, channel, version, model);
      await addJudged(db, members, { run: id, version });
      const run = await findRun(db, id);
      if (!run) throw new Error('the run was added just now');
      // Time stands still while Claude answers, so that no answer is too late.
      let now = NOW;
      const clock = { now: () => now, sleep: async () => {} };
      const context = { db, claude, clock, log: SILENT, settings: privacy };
      for (let next = await groupRun(context, run); next !== null; ) {
        now = Math.max(now, next);
        next = await groupRun(context, run);
      }
    }
    return await readGrouped(db, messages);
  } finally {
    await db.destroy();
  }
}

async function readGrouped(db: Db, messages: Judged[]): Promise<Grouped> {
  const members = await db.selectFrom('theme_members').select(['channel', 'ts', 'theme']).execute();
  const themeOf = new Map(members.map(({ channel, ts, theme }) => [`${channel} ${ts}`, theme]));
  const above = await db.selectFrom('topic_themes').selectAll().execute();
  const topicOf = new Map(above.map(({ topic, theme }) => [theme, topic]));
  const spent = await db.selectFrom('groupings').selectAll().execute();
  const add = (part: (one: (typeof spent)[number]) => number) =>
    spent.reduce((sum, one) => sum + part(one), 0);
  const known = spent.every(({ nano_usd }) => nano_usd !== null);
  const grouped = messages.flatMap(({ id, channel, ts }): [string, number][] => {
    const theme = themeOf.get(`${channel} ${ts}`);
    return theme === undefined ? [] : [[id, theme]];
  });
  return {
    themes: new Map(grouped),
    topics: new Map(
      grouped.map(([id, theme]) => {
        const topic = topicOf.get(theme);
        return [id, topic === undefined ? `theme ${theme}` : `topic ${topic}`];
      }),
    ),
    requests: add(({ requests }) => requests),
    tokens: {
      input: add(({ input_tokens }) => input_tokens),
      output: add(({ output_tokens }) => output_tokens),
    },
    usd: known ? add(({ nano_usd }) => nano_usd ?? 0) / 1e9 : null,
  };
}

/** @returns its id */
async function addRun(db: Db, channel: string, version: number, model: string): Promise<number> {
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
      stage: 'judging',
      cause: 'command',
      requested_by: null,
      with_digest: 1,
      taxonomy_version: version,
      model,
      claim_until: 0,
      created_at: 0,
      ended_at: null,
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

/** Rows in one statement: SQLite takes about 32,000 values. */
const CHUNK = 500;

async function addJudged(
  db: Db,
  messages: Judged[],
  { run, version }: { run: number; version: number },
): Promise<void> {
  const { id: batch } = await db
    .insertInto('batches')
    .values({
      run,
      stage: 'collected',
      claude_id: null,
      submitted_at: 0,
      ended_at: 0,
      next_at: 0,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  for (let from = 0; from < messages.length; from += CHUNK) {
    const some = messages.slice(from, from + CHUNK);
    const { last } = await db
      .selectFrom('verdicts')
      .select((eb) => eb.fn.coalesce(eb.fn.max('id'), eb.lit(0)).as('last'))
      .executeTakeFirstOrThrow();
    await db
      .insertInto('messages')
      .values(
        some.map(({ channel, ts, gist }, index) => ({
          channel,
          ts,
          thread_ts: null,
          author: null,
          author_name: null,
          text: gist,
          revision: 1,
          edited_ts: null,
          posted_at: 0,
          collected_at: 0,
          deleted_at: null,
          state: 'judged' as const,
          run,
          trouble: null,
          verdict: last + 1 + index,
          digest: null,
        })),
      )
      .execute();
    await db
      .insertInto('verdicts')
      .values(
        some.map(({ channel, ts, gist }, index) => ({
          id: last + 1 + index,
          channel,
          ts,
          revision: 1,
          run,
          taxonomy_version: version,
          category: '',
          // Whatever it is, it is no noise.
          emoji: 'speech_balloon',
          sentiment: 'neutral',
          urgency: 'low',
          gist,
          language: 'und',
          confidence: 1,
          flagged: 0,
          model: '',
          created_at: 0,
          person: null,
        })),
      )
      .execute();
    await db
      .insertInto('requests')
      .values(
        some.map(({ channel, ts }) => ({
          batch,
          channel,
          ts,
          revision: 1,
          outcome: 'judged',
          examples: null,
        })),
      )
      .execute();
  }
}
