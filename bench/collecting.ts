import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDatabase } from '../src/store/db/open.ts';
import type { CollectFigures } from './collect-worker.ts';
import { fillDatabase } from './fill.ts';
import type { Sample } from './gauge-process.ts';
import { nextMessage, percentile, startProcess } from './processes.ts';

/**
 * From the results of a run to committed verdicts and effects, against the SDK streaming the same
 * bytes. `burn` is how many other processes keep a core busy meanwhile.
 */
export async function measureCollecting(rows: number, { burn }: { burn: number }) {
  const folder = await mkdtemp(path.join(tmpdir(), 'winnow-bench-'));
  const file = path.join(folder, 'winnow.db');
  // Filled here, so that the worker's memory does not include it.
  const db = await openDatabase(file);
  await fillDatabase(db, rows);
  await db.destroy();
  const gauge = await startProcess<number>('gauge-process.ts');
  const burners = await Promise.all(
    Array.from({ length: burn }, () => startProcess('burn-process.ts')),
  );
  const claude = await startProcess<{ url: string; apiKey: string }>('claude-process.ts');
  const { url, apiKey } = claude.first;
  const worker = await startProcess<CollectFigures>('collect-worker.ts', [
    String(rows),
    file,
    url,
    apiKey,
  ]);
  const answer = nextMessage<Sample[]>(gauge.child);
  gauge.child.send('report');
  const { beganAt, endedAt } = worker.first;
  const work = (await answer).filter(({ at }) => at >= beganAt && at < endedAt).map(({ ms }) => ms);
  for (const { child } of [gauge, claude, ...burners]) child.disconnect();
  await rm(folder, { recursive: true });
  const { collectMs, groupMs, streamMs, peakRssMb, longestBlockMs } = worker.first;
  return {
    rowsPerSecond: (rows / collectMs) * 1000,
    ratio: streamMs / collectMs,
    groupMs,
    peakRssMb,
    longestBlockMs,
    quietTenMsOfWorkMs: gauge.first,
    tenMsOfWorkMs: percentile(work, 50),
    longestTenMsOfWorkMs: percentile(work, 100),
  };
}
