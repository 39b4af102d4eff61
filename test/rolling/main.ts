import { parseArgs } from 'node:util';
import { MODES, play } from './play.ts';
import { describePlayed, describeRestart, MOST_MS } from './report.ts';

/**
 * `npm run test:rolling`: deploys the bot anew while people use it, and says whether anything was lost or done
 * twice, and how long people waited for answers. It exits with 1 when something was, or somebody waited for more
 * than ten seconds.
 *   --times n    how often (default 20)
 *   --mode name  only `socket` or `http`
 */
const { values } = parseArgs({
  options: { times: { type: 'string', default: '20' }, mode: { type: 'string' } },
});
const modes = MODES.filter((mode) => values.mode === undefined || values.mode === mode);
if (modes.length === 0) {
  console.error(`--mode takes ${MODES.join(' or ')}, not "${values.mode}"`);
  process.exit(2);
}

process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

let isWell = true;
for (const mode of modes) {
  console.log(`${mode}: ${values.times} restarts`);
  let count = 0;
  const played = await play({
    mode,
    times: Number(values.times),
    onRestart: (restart) => console.log(`  ${++count}  ${describeRestart(restart)}`),
  });
  for (const line of describePlayed(played)) console.log(`  ${line}`);
  for (const fault of played.faults) console.log(`  FAULT: ${fault}`);
  const slowest = Math.max(...played.ledger.answers.map(({ ms }) => ms));
  const clean = played.restarts.every(({ code, stopMs }) => code === 0 && stopMs < MOST_MS);
  isWell &&= clean && played.faults.length === 0 && slowest < MOST_MS;
}
console.log(isWell ? 'nothing lost, nothing twice, nobody waited too long' : 'NOT WELL');
process.exit(isWell ? 0 : 1);
