import { CompiledQuery, type LogEvent } from 'kysely';
import type { Db } from '../src/store/db/tables.ts';

/**
 * Finds statements that read a whole table, or all of a channel in it: on the day when they are
 * written nobody notices, and years later each of them stops the bot for a second.
 */

/** Tables that stay small, or that hold only what waits. */
const SMALL = new Set(
  `channel_ids channels exports file_changes foreign_batches forgettings holds home_filters
    homes honesty_draws indexed_verdicts members rehearsals rejudgements settings taxonomies
    topics unindexed unread users`.split(/\s+/),
);

/** They have indexes of their own. */
const FULL_TEXT = new Set(['examples', 'theme_words', 'words']);

/** Indexes of the few rows that wait for something, or that are kept few. */
const SHORT = [
  ...['acts_on_honesty', 'batches_to_remove', 'exports_open', 'forgettings_open', 'messages_again'],
  ...[
    'messages_untold',
    'one_open_run',
    'outbox_dead',
    'outbox_waiting',
    'rejudgements_open',
    'runs_open',
  ],
  ...['runs_stale', 'themes_indexed'],
];

/** They read until they have enough, in the order of an index. */
const ENOUGH = [
  /from "messages" where "channel" = \? order by "ts" limit \?$/,
  /order by (?:"\w+"\.)?"(?:id|ts)" desc limit \?$/,
  /^select max\("id"\)/,
  // An export reads all of a channel anyway.
  /^select count\(\*\) as "messages" from "messages" where "messages"\."channel" = \? and "messages"\."deleted_at" is null$/,
  // Only when a channel gets another id.
  /^update or replace /,
  /^update "outbox" set "key" = replace/,
  // What an operator watches is the sum of all that was ever billed.
  /^select coalesce\(sum\("input_tokens"\)/,
  // Only when the clock was set.
  /^update "\w+" set "\w+_at" = .*\n/,
  // Only after an answer of Claude's was lost.
  /^select "claude_id" from "batches" where "claude_id" is not null union/,
];

export interface PlanWatch {
  /** For Kysely: hears of each statement. */
  log: (event: LogEvent) => void;
  /** Names a statement of the test itself. */
  ignore(statement: string): void;
  /** How many different statements there were. */
  count(): number;
  /** Statements that read too much, each with the step that does. */
  listWholeReads(db: Db): Promise<string[]>;
}

export function createPlanWatch(): PlanWatch {
  const known = new Map<string, readonly unknown[]>();
  const ignored = new Set<string>();
  return {
    log({ query: { sql, parameters } }) {
      if (/^\s*(?:select|update|delete|with)\b/i.test(sql)) known.set(sql, parameters);
    },
    ignore: (statement) => void ignored.add(statement),
    count: () => known.size,
    async listWholeReads(db) {
      const found: string[] = [];
      const tables = await db.introspection.getTables();
      for (const [statement, parameters] of [...known]) {
        if (ignored.has(statement) || ENOUGH.some((pattern) => pattern.test(statement))) continue;
        const explain = CompiledQuery.raw(`explain query plan ${statement}`, [...parameters]);
        const { rows } = await db.executeQuery<{ detail: string }>(explain);
        for (const { detail } of rows) {
          if (
            isWholeRead(
              detail,
              tables.map(({ name }) => name),
            )
          )
            found.push(`${detail}: ${statement}`);
        }
      }
      return found;
    },
  };
}

/** @param step as SQLite says it, `SEARCH messages USING INDEX messages_by_state (channel=?)` */
function isWholeRead(step: string, tables: string[]): boolean {
  const [, kind, table = '', index = ''] =
    /^(SCAN|SEARCH) (\S+)(?: USING (?:COVERING )?INDEX (\S+))?/.exec(step) ?? [];
  if (!tables.includes(table) || SMALL.has(table) || FULL_TEXT.has(table) || SHORT.includes(index))
    return false;
  return kind === 'SCAN' || step.endsWith('(channel=?)');
}
