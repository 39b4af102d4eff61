import { enableCompileCache, flushCompileCache } from 'node:module';

/**
 * The entry. Node keeps the compiled code between starts, which halves the time of the next one, so
 * everything else is imported after that is switched on.
 */
enableCompileCache();

const { runBot } = await import('./start.ts');
await runBot();
// Written now, so that a process that is killed leaves it as well.
flushCompileCache();
