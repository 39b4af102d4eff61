import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

/**
 * `npm test`: all that runs in a process of vitest; with arguments, what vitest finds by them. `--db postgres` runs
 * it on a PostgreSQL server of its own.
 */

const { values, tokens } = parseArgs({
  options: { db: { type: 'string', default: 'sqlite' } },
  strict: false,
  tokens: true,
});
if (values.db !== 'sqlite' && values.db !== 'postgres') {
  console.error('--db is sqlite or postgres.');
  process.exit(2);
}
const others = tokens.filter((token) => token.kind !== 'option' || token.name !== 'db');
const rest = process.argv.slice(2).filter((_, at) => others.some(({ index }) => index === at));

/** They play processes, pages or whole days: they have commands of their own. */
const ELSEWHERE = 'test/{browser,crash,demo,faults,process,rolling}/**';

/** They are about SQLite's files, tables and plans, or restore a file. */
const SQLITE_ONLY = [
  'test/jobs/checkpoint.test.ts',
  'test/people/adopted.test.ts',
  'test/store/db/*.test.ts',
  'test/store/workspaces/{backup,restore}.test.ts',
  'test/store/{plans,years}.test.ts',
  'test/privacy/{bytes,columns}.test.ts',
  'test/doctor/**',
  'test/eval/people.test.ts',
];

const excluded = [ELSEWHERE, ...(values.db === 'postgres' ? SQLITE_ONLY : [])];
const { status } = spawnSync(
  'vitest',
  ['run', '--maxWorkers=3', ...excluded.flatMap((glob) => ['--exclude', glob]), ...rest],
  { stdio: 'inherit', env: { ...process.env, WINNOW_TEST_DB: values.db } },
);
process.exit(status ?? 1);
