import { parseArgs } from 'node:util';
import { choosePart } from './choose-part.ts';
import { describeDifference } from './compare.ts';
import { crashAt, eachOf, play, type Verdict } from './play.ts';
import { listRecoveries } from './recoveries.ts';

/**
 * `npm run test:crash`: plays the day undisturbed, then once for every point that the bot has
 * passed, killed there with SIGKILL, then with a second SIGKILL while it recovers. The last line
 * says how many of the crashes nobody could see.
 *   --points       only lists the points with their numbers
 *   --only n       one point, by number or by name; two names with a comma between them are two crashes
 *   --matching re  only points whose names match, and the recoveries that these show
 *   --sample n     n of the points, and as large a part of the recoveries that these show
 *   --seed s       which ones: a seed chooses the same again (default: any)
 *   --jobs n       worlds side by side (default 6: they mostly wait)
 */

/** How often a day is played until it comes to its point: the last of a label hang on timing. */
const TRIES = 3;

/** How many ways to the same kind of recovery are tried. */
const ALTERNATIVES = 4;

const { values } = parseArgs({
  options: {
    points: { type: 'boolean', default: false },
    only: { type: 'string' },
    matching: { type: 'string', default: '' },
    sample: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    jobs: { type: 'string', default: '6' },
  },
});

process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

const begun = Date.now();
const jobs = Number(values.jobs);
const { seen: expected, passed } = await play([]);
const unstable = describeDifference(expected, (await play([])).seen);
if (unstable) {
  console.error(`Two undisturbed days differ, so nothing can be compared:\n${unstable}`);
  process.exit(2);
}
const points = passed.flat();
const named = points.filter((point) => new RegExp(values.matching).test(point));
if (values.points) {
  for (const [index, point] of points.entries()) console.log(`${index + 1}  ${point}`);
  process.exit(0);
}

const tally: Record<Verdict['kind'], number> = { survived: 0, 'not reached': 0, 'not survived': 0 };
const crashed: string[][][] = [];

if (values.only === undefined) {
  const part = values.sample === undefined ? 1 : Number(values.sample) / named.length;
  const chosen = choosePart(named, part, Number(values.seed));
  console.log(`${named.length} points of an undisturbed day${describePart(chosen)}`);
  await crashAtEach(chosen.map((point) => [[point]]));
  const recoveries = listRecoveries(points, crashed);
  const again = choosePart(recoveries, part, Number(values.seed));
  console.log(`${recoveries.length} points while recovering${describePart(again)}`);
  await crashAtEach(again);
} else {
  await crashAtEach([[points[Number(values.only) - 1]?.split(',') ?? values.only.split(/, ?/)]]);
}

if (tally['not reached'] > 0) {
  console.log(`${tally['not reached']} points did not come up again: their number hangs on timing`);
}
console.log(`took ${Math.round((Date.now() - begun) / 1000)} s`);
const died = tally.survived + tally['not survived'];
console.log(`points ${died}, survived ${tally.survived}`);
process.exit(tally['not survived'] === 0 && died > 0 ? 0 : 1);

function describePart({ length }: unknown[]): string {
  return values.sample === undefined ? '' : `: ${length} of them, with --seed ${values.seed}`;
}

/** @param all each with its alternatives: the first that comes up counts */
async function crashAtEach(all: string[][][]): Promise<void> {
  await eachOf(all, jobs, async (ways, index) => {
    const started = Date.now();
    const { crashes, verdict } = await comeToOneOf(ways);
    tally[verdict.kind]++;
    if (verdict.kind === 'survived') crashed.push(verdict.passed);
    const took = `${((Date.now() - started) / 1000).toFixed(1)} s`;
    console.log(`${index + 1}  ${crashes.join(', ')}: ${verdict.kind} (${took})`);
    if (verdict.kind === 'not survived') console.log(verdict.difference.replace(/^/gm, '    '));
  });
}

async function comeToOneOf(ways: string[][]): Promise<{ crashes: string[]; verdict: Verdict }> {
  let [crashes = []] = ways;
  let verdict: Verdict = { kind: 'not reached' };
  for (crashes of ways.slice(0, ALTERNATIVES)) {
    verdict = await comeTo(crashes);
    if (verdict.kind !== 'not reached') break;
  }
  return { crashes, verdict };
}

async function comeTo(crashes: string[]): Promise<Verdict> {
  for (let tries = 1; ; tries++) {
    const verdict = await crashAt(crashes, expected);
    if (verdict.kind !== 'not reached' || tries === TRIES) return verdict;
  }
}
