import { startProcess } from '../processes.ts';
import type { Overhead } from './overhead-worker.ts';

/** What batches save: the same messages as one call each and as batches. */
export async function measureOverhead(messages: number) {
  const claude = await startProcess<{ url: string; apiKey: string }>('claude-process.ts');
  const { url, apiKey } = claude.first;
  const worker = await startProcess<{ oneByOne: Overhead; batch: Overhead }>(
    'latency/overhead-worker.ts',
    [String(messages), url, apiKey],
  );
  claude.child.disconnect();
  return worker.first;
}
