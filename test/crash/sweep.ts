import { parseArgs } from 'node:util';
import { choosePart } from './choose-part.ts';
import { describeDifference, type Seen } from './compare.ts';
import { DAYS, type DayName, isDayName } from './days.ts';
import { crashAt, eachOf, play, type Verdict } from './play.ts';
import { listRecoveries } from './recoveries.ts';

/**
 * `npm run test:crash`: plays each day undisturbed, then once for every point that the bot has
 * passed, killed there with SIGKILL, then with a second SIGKILL while it recovers. The last line
 * says how many of the crashes nobody could see.
 *   --day name     only this day (days.ts)
 *   --points       only lists the points with their numbers
 *   --only n       one point, by number or by name; two names with a comma between them are two crashes; of the day `runs`, unless --day says another
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
    day: { type: 'string' },
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
const names = Object.keys(DAYS).filter(isDayName);
const wanted = values.day ?? (values.only === undefined ? undefined : 'runs');
const days = names.filter((name) => wanted === undefined || name === wanted);
if (days.length === 0) {
  console.error(`--day takes ${names.join(' or ')}, not "${values.day}"`);
  process.exit(2);
}

const tally: Record<Verdict['kind'], number> = { survived: 0, 'not reached': 0, 'not survived': 0 };
for (const day of days) await sweepDay(day);

if (tally['not reached'] > 0) {
  console.log(`${tally['not reached']} points did not come up again: their number hangs on timing`);
}
console.log(`took ${Math.round((Date.now() - begun) / 1000)} s`);
const died = tally.survived + tally['not survived'];
if (!values.points) console.log(`points ${died}, survived ${tally.survived}`);
process.exit(values.points || (tally['not survived'] === 0 && died > 0) ? 0 : 1);

async function sweepDay(day: DayName): Promise<void> {
  const { seen: expected, passed } = await play(day, []);
  const unstable = describeDifference(expected, (await play(day, [])).seen);
  if (unstable) {
    console.error(`Two undisturbed days differ, so nothing can be compared:\n${unstable}`);
    process.exit(2);
  }
  const points = passed.flat();
  const named = points.filter((point) => new RegExp(values.matching).test(point));
  if (values.points) {
    for (const [index, point] of points.entries()) console.log(`${day}  ${index + 1}  ${point}`);
    return;
  }
  const sweep = { day, expected, crashed: [] };
  if (values.only !== undefined) {
    const crashes = points[Number(values.only) - 1]?.split(',') ?? values.only.split(/, ?/);
    return crashAtEach(sweep, [[crashes]]);
  }
  const part = values.sample === undefined ? 1 : Number(values.sample) / named.length;
  const chosen = choosePart(named, part, Number(values.seed));
  console.log(`${day}: ${named.length} points of an undisturbed day${describePart(chosen)}`);
  await crashAtEach(
    sweep,
    chosen.map((point) => [[point]]),
  );
  const recoveries = listRecoveries(points, sweep.crashed);
  const again = choosePart(recoveries, part, Number(values.seed));
  console.log(`${day}: ${recoveries.length} points while recovering${describePart(again)}`);
  await crashAtEach(sweep, again);
}

function describePart({ length }: unknown[]): string {
  return values.sample === undefined ? '' : `: ${length} of them, with --seed ${values.seed}`;
}

interface Sweep {
  day: DayName;
  expected: Seen;
  /** The points of the days that were survived, one list a process. */
  crashed: string[][][];
}

/**
 * What does not come up while worlds are played side by side is played once more, alone.
 * @param all each with its alternatives: the first that comes up counts
 */
async function crashAtEach(sweep: Sweep, all: string[][][]): Promise<void> {
  const missed: string[][][] = [];
  await eachOf(all, jobs, async (ways, index) => {
    const kind = await crashOnce(sweep, ways, String(index + 1));
    if (kind === 'not reached') missed.push(ways);
    else tally[kind]++;
  });
  await eachOf(missed, 1, async (ways) => {
    tally[await crashOnce(sweep, ways, 'again')]++;
  });
}

async function crashOnce(sweep: Sweep, ways: string[][], label: string): Promise<Verdict['kind']> {
  const started = Date.now();
  const { crashes, verdict } = await comeToOneOf(sweep, ways);
  if (verdict.kind === 'survived') sweep.crashed.push(verdict.passed);
  const took = `${((Date.now() - started) / 1000).toFixed(1)} s`;
  console.log(`${label}  ${crashes.join(', ')}: ${verdict.kind} (${took})`);
  if (verdict.kind === 'not survived') console.log(verdict.difference.replace(/^/gm, '    '));
  return verdict.kind;
}

async function comeToOneOf(
  sweep: Sweep,
  ways: string[][],
): Promise<{ crashes: string[]; verdict: Verdict }> {
  let [crashes = []] = ways;
  let verdict: Verdict = { kind: 'not reached' };
  for (crashes of ways.slice(0, ALTERNATIVES)) {
    verdict = await comeTo(sweep, crashes);
    if (verdict.kind !== 'not reached') break;
  }
  return { crashes, verdict };
}

async function comeTo({ day, expected }: Sweep, crashes: string[]): Promise<Verdict> {
  for (let tries = 1; ; tries++) {
    const verdict = await crashAt(day, crashes, expected);
    if (verdict.kind !== 'not reached' || tries === TRIES) return verdict;
  }
}
