import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

/**
 * `npm run test:busy`: the tests, while every core is kept busy by a loop that does nothing else; with
 * arguments, those that vitest finds by them. The loops are threads of this process: they end with it.
 */

for (let core = 0; core < availableParallelism(); core++) {
  new Worker('for (;;);', { eval: true });
}

const wanted = process.argv.slice(2);
const commands =
  wanted.length > 0
    ? [['exec', 'vitest', 'run', ...wanted]]
    : [['test'], ['run', 'test:processes'], ['run', 'test:faults']];
for (const command of commands) {
  const [code] = await once(spawn('npm', command, { stdio: 'inherit' }), 'close');
  if (code !== 0) process.exit(Number(code ?? 1));
}
process.exit(0);
