import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

/**
 * `npm run test:busy`: the tests, while every core is kept busy by a loop that does nothing else.
 * What follows `--` goes to vitest. The loops are threads of this process: they end with it.
 */

for (let core = 0; core < availableParallelism(); core++) {
  new Worker('for (;;);', { eval: true });
}
spawn('npm', ['test', '--', ...process.argv.slice(2)], { stdio: 'inherit' }).once('close', (code) =>
  process.exit(code ?? 1),
);
