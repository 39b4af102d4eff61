import type pg from 'pg';
import type { Layout } from './layouts.ts';

/** Rows of a workspace: three channels with ten finished runs each, and one that is open. */
export const CHANNELS = 3;
export const RUNS = 30;
export const BATCHES = 3;

interface Filled {
  into: string;
  /** SQL of each column; `i` counts from 1. */
  columns: Record<string, string>;
  count: number;
}

const START = 1_764_000_000;
const channelOf = (run: string) => `'C' || (${run} % ${CHANNELS} + 1)`;
const ts = `(${START} + i * 600) || '.' || lpad(i::text, 6, '0')`;

function rowsOf(messages: number): Filled[] {
  const run = `((i - 1) * ${RUNS} / ${messages} + 1)`;
  const at = `(${START} + i * 600) * 1000::bigint`;
  const judged = Math.floor(messages * 0.97);
  const text = `'The export of report ' || i || ' fails with a timeout when I choose more than '
    || i % 90 || ' days, and the page has to be loaded again. ' || repeat(md5(i::text) || ' ', i % 8)`;
  const openRun = `i > ${RUNS}`;
  const effect = {
    channel: channelOf(run),
    attempts: '1',
    state: `'done'`,
    next_at: at,
    created_at: at,
    ended_at: at,
  };
  return [
    {
      into: 'channels',
      count: CHANNELS,
      columns: { id: `'C' || i`, name: `'feedback-' || i`, state: `'member'`, offer: `'none'` },
    },
    {
      into: 'users',
      count: 40,
      columns: { id: `'U' || i`, name: `'Person ' || i`, fetched_at: '0', role: `'member'` },
    },
    {
      into: 'runs',
      count: RUNS + CHANNELS,
      columns: {
        id: 'i',
        channel: channelOf('i'),
        stage: `case when ${openRun} then 'judging' else 'done' end`,
        cause: `'schedule'`,
        with_digest: '1',
        taxonomy_version: '1',
        model: `'claude-haiku-5-5'`,
        claim_until: '0',
        created_at: '0',
        ended_at: `case when ${openRun} then null else i end`,
        published_at: `case when ${openRun} then null else i end`,
      },
    },
    {
      into: 'batches',
      count: (RUNS + CHANNELS) * BATCHES,
      columns: {
        id: 'i',
        run: `(i - 1) / ${BATCHES} + 1`,
        stage: `case when i > ${RUNS * BATCHES} then 'submitted' else 'collected' end`,
        claude_id: `'msgbatch_' || md5(i::text)`,
        submitted_at: 'i',
        ended_at: `case when i > ${RUNS * BATCHES} then null else i end`,
        next_at: 'i',
      },
    },
    {
      into: 'messages',
      count: messages,
      columns: {
        channel: channelOf(run),
        ts,
        author: `'U' || (i % 40 + 1)`,
        text,
        revision: '1',
        posted_at: at,
        collected_at: at,
        state: `case when i > ${judged} then 'pending' else 'judged' end`,
        run: `case when i > ${judged} then null else ${run} end`,
        verdict: `case when i > ${judged} then null else i end`,
        digest: `case when i > ${judged} then null else ${run} end`,
      },
    },
    {
      into: 'requests',
      count: judged,
      columns: {
        batch: `(${run} - 1) * ${BATCHES} + i % ${BATCHES} + 1`,
        channel: channelOf(run),
        ts,
        revision: '1',
        outcome: `'judged'`,
      },
    },
    {
      into: 'verdicts',
      count: judged,
      columns: {
        id: 'i',
        channel: channelOf(run),
        ts,
        revision: '1',
        run,
        taxonomy_version: '1',
        category: `'bug'`,
        sentiment: `'negative'`,
        urgency: `'medium'`,
        gist: `'Export of report ' || i || ' times out for long ranges'`,
        language: `'en'`,
        confidence: '0.9',
        flagged: '0',
        model: `'claude-haiku-5-5'`,
        created_at: at,
      },
    },
    {
      into: 'outbox',
      count: judged,
      columns: {
        ...effect,
        id: 'i',
        key: `'react-' || i`,
        lane: `'reaction'`,
        priority: '5',
        effect: `'{"kind":"react","ts":"' || ${ts} || '","name":"bug"}'`,
        about: ts,
        needs: `'reaction'`,
        emoji: `'bug'`,
        // The newest few are still to be sent.
        ended_at: `case when i > ${judged - 5} then null else ${at} end`,
        state: `case when i > ${judged - 5} then 'waiting' else 'done' end`,
      },
    },
    {
      into: 'outbox',
      count: RUNS,
      columns: {
        ...effect,
        id: '500000 + i',
        channel: channelOf('i'),
        key: `'digest-r' || i`,
        lane: `'post ' || ${channelOf('i')}`,
        priority: '0',
        effect: `'{"kind":"post","text":"' || repeat(md5(i::text), 80) || '"}'`,
        posted_ts: ts,
        needs: `'post'`,
      },
    },
    {
      into: 'holds',
      count: 1,
      columns: {
        needs: `'reaction'`,
        channel: `'C9'`,
        emoji: `''`,
        reason: `'not_in_channel'`,
        since: '0',
        tries: '1',
        try_at: '0',
      },
    },
  ];
}

/** Fills workspaces that are new. Rows of shared tables are mixed, as if they had come over time. */
export async function fill(
  client: pg.Client,
  { begin, teamColumn }: Layout,
  teams: string[],
  messages: number,
): Promise<void> {
  const statements = rowsOf(messages).map(({ into, columns, count }) => {
    const names = Object.keys(columns);
    const values = Object.values(columns);
    if (teamColumn === null) {
      return `insert into ${into} (${names}) select ${values} from generate_series(1, ${count}) i;`;
    }
    return `insert into ${into} (${teamColumn}, ${names}) select w, ${values}
      from generate_series(1, ${count}) as s(i) cross join unnest('{${teams}}'::text[]) as t(w)
      order by s.i, t.w;`;
  });
  statements.push(`analyze ${[...new Set(rowsOf(messages).map(({ into }) => into))]};`);
  if (teamColumn !== null) {
    await client.query(statements.join('\n'));
    return;
  }
  for (const team of teams) {
    await client.query(`${begin(team)} ${statements.join('\n')} commit`);
  }
}
