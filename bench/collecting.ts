import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDatabase } from '../src/store/db/open.ts';
import type { CollectFigures } from './collect-worker.ts';
import { fillDatabase } from './fill.ts';
import { startProcess } from './processes.ts';

/** Results of a run to committed verdicts and effects, against the SDK streaming the same bytes. */
export async function measureCollecting(rows: number) {
  const folder = await mkdtemp(path.join(tmpdir(), 'winnow-bench-'));
  const file = path.join(folder, 'winnow.db');
  // Filled here, so that the worker's memory is that of its work.
  const db = await openDatabase(file);
  await fillDatabase(db, rows);
  await db.destroy();
  const claude = await startProcess<{ url: string; apiKey: string }>('claude-process.ts');
  const { url, apiKey } = claude.first;
  const worker = await startProcess<CollectFigures>('collect-worker.ts', [
    String(rows),
    file,
    url,
    apiKey,
  ]);
  claude.child.disconnect();
  await rm(folder, { recursive: true });
  const { collectMs, groupMs, streamMs, peakRssMb, longestBlockMs } = worker.first;
  return {
    rowsPerSecond: (rows / collectMs) * 1000,
    ratio: streamMs / collectMs,
    groupMs,
    peakRssMb,
    longestBlockMs,
  };
}
