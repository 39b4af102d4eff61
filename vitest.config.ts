import { existsSync, statfsSync } from 'node:fs';
import path from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// For the workers, and for the processes that tests start: most of their start is compiling.
process.env.NODE_COMPILE_CACHE ??= path.join(
  import.meta.dirname,
  'node_modules/.cache/node-compile-cache',
);

// Databases of tests wait for the disk at every commit, though none of them has to outlive a power cut.
if (hasRoom('/dev/shm')) process.env.TMPDIR ??= '/dev/shm';

/** A container may give it only 64 MB. */
function hasRoom(folder: string): boolean {
  if (!existsSync(folder)) return false;
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize > 2 ** 30;
}

/** They wait for processes, or play whole days: a worker that began one last would end alone. */
const LONG = /\/test\/(?:crash|demo|faults|process|replica|rolling)\//;

class LongOnesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => LONG.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

// biome-ignore lint/style/noDefaultExport: vitest takes no other.
export default defineConfig({
  test: {
    globalSetup: 'test/postgres/global-setup.ts',
    // Node runs the files as they are, as it runs the bot; each module is loaded once a worker.
    experimental: { viteModuleRunner: false },
    isolate: false,
    // A test leaves much behind at once: with room for it, a seventh of the CPU time is saved.
    execArgv: ['--min-semi-space-size=32', '--max-semi-space-size=64'],
    sequence: { sequencer: LongOnesFirst },
    // Far above what any test takes: they end when what they wait for has come.
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
