import path from 'node:path';
import { defineConfig } from 'vitest/config';

// For the workers, and for the processes that tests start: most of their start is compiling.
process.env.NODE_COMPILE_CACHE ??= path.join(
  import.meta.dirname,
  'node_modules/.cache/node-compile-cache',
);

// biome-ignore lint/style/noDefaultExport: vitest takes no other.
export default defineConfig({
  test: {
    // Node runs the files as they are, as it runs the bot; each module is loaded once a worker.
    experimental: { viteModuleRunner: false },
    isolate: false,
    // Far above what any test takes: they end when what they wait for has come.
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
