import { readFileSync } from 'node:fs';
import path from 'node:path';
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { openFreshDatabase } from '../fresh-database.ts';

/** A column that can hold what people write is in the list of what is forgotten, or here. */

/** Ids, times, states and words of the bot's own; what the team has set; names of categories and emoji. */
const HARMLESS = `
  acts: after also before category channel duplicate_of kind reason refusal source state ts user
  batches: claude_id lane stage
  cards: channel key ts
  channel_ids: former id
  channels: id invited_by name offer since_ts state swept_ts
  examples: channel ts
  exports: channel file format im state trouble user
  file_changes: file
  flags: by channel duplicate_of reason state ts
  foreign_batches: claude_id
  forgettings: by channel kind person stage ts
  groupings: stage
  holds: channel emoji needs reason
  home_filters: category channel user whose
  homes: notice shown user
  honesty_draws: channel messages
  honesty_questions: category channel model ts
  indexed: channel ts
  members: channel user
  messages: author bot channel copy_of edited_ts state thread_ts ts
  outbox: about channel emoji key lane needs parent posted_ts state trouble
  reactions: changed_ts channel item_ts name user
  rehearsal_verdicts: category channel outcome sentiment side ts urgency
  rehearsals: content model person stage
  rejudgements: asked_by channel marked_ts since_ts stage
  replies: author channel edited_ts thread_ts ts
  requests: channel examples themes ts
  runs: canceled_by cause channel hurried_by hurry_reason lane lane_reason model requested_by retried_by stage trouble trouble_cause
  schedules: key pattern
  settings: changed_by content
  taxonomies: content
  theme_acts: channel kind refusal state ts user
  theme_members: channel person ts
  theme_merges: by channel moved state
  theme_words: channel
  themes: channel named_by
  topics: by channel state
  unindexed: channel ts
  unread: channel latest oldest thread_ts
  users: id locale role time_zone
  verdicts: also category channel emoji language model person runner_up sentiment ts urgency
  workspace: team
`;

test('every column that can hold a text is forgotten, or can hold none that people wrote', async () => {
  const db = await openFreshDatabase();
  onTestFinished(() => db.destroy());
  // Tables of FTS5 say no type; their own tables are named after them.
  const { rows } = await sql<{ name: string }>`
    select tables.name || '.' || columns.name as name
    from pragma_table_list as tables, pragma_table_xinfo(tables.name) as columns
    where tables.schema = 'main' and tables.type in ('table', 'virtual')
      and tables.name not like 'sqlite_%' and tables.name not like 'kysely_%'
      and columns.hidden = 0
      and upper(columns.type) not in ('INTEGER', 'REAL')
    order by name`.execute(db);
  const harmless = HARMLESS.trim()
    .split('\n')
    .flatMap((line) => {
      const [table = '', columns = ''] = line.trim().split(': ');
      return columns.split(' ').map((column) => `${table}.${column}`);
    });
  const page = path.join(import.meta.dirname, '../../docs/decisions/what-is-forgotten.md');
  const cells = [...readFileSync(page, 'utf8').matchAll(/^\| (`.*?) \|/gm)].map(([, cell]) => cell);
  const forgotten = cells.flatMap((cell) =>
    [...(cell ?? '').matchAll(/`(\w+\.\w+)`/g)].map(([, column]) => column ?? ''),
  );
  expect(rows.map(({ name }) => name)).toEqual([...harmless, ...forgotten].sort());
});
