import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { createClaude } from '../../../src/claude/batches.ts';
import { advanceRuns } from '../../../src/jobs/runs/advance.ts';
import { startWith } from '../../harness.ts';

/** A run of several batches. */
async function beginLargeRun() {
  const texts = Array.from({ length: 60 }, (_, n) => `The export of report ${n} crashes.`);
  const stage = await startWith(texts);
  await stage.type();
  return stage;
}

test('what keeps one batch from being sent keeps the rest, and is said once', async () => {
  const stage = await beginLargeRun();
  const nowhere = createClaude({ apiKey: 'none', baseUrl: 'http://127.0.0.1:59999' });
  await advanceRuns({ ...stage.context, claude: nowhere });

  const batches = await stage.rows<{ attempts: number }>(sql`select attempts from batches`);
  expect(batches.length).toBeGreaterThan(1);
  expect(batches.filter(({ attempts }) => attempts > 0)).toHaveLength(1);
  expect(stage.logs.filter(({ message }) => message === 'a run has to wait')).toHaveLength(1);
});

test('a run of several batches is summed up once, with every message in it', async () => {
  const stage = await beginLargeRun();
  await stage.settle();
  expect(stage.claude.batches().length).toBeGreaterThan(1);
  const digests = stage.posts().filter(({ metadata }) => metadata?.event_type === 'winnow_digest');
  expect(digests).toHaveLength(1);
  expect(digests[0]?.text).toContain('60 messages');
});
