import { parseArgs } from 'node:util';
import { choosePart } from './choose-part.ts';
import { describeDifference, type Seen } from './compare.ts';
import { DAYS, type DayName, isDayName } from './days.ts';
import { crashAt, eachOf, type Played, play, UNDISTURBED, type Verdict } from './play.ts';
import { listRecoveries } from './recoveries.ts';
import type { Plan } from './world.ts';
import type { Disturbance } from './world-database.ts';

/**
 * `npm run test:crash`: plays each day undisturbed, then once for every point that the bot has
 * passed, killed there with SIGKILL, then with a second SIGKILL while it recovers. The last line
 * says how many of the crashes nobody could see.
 * On PostgreSQL the bot dies at every third point only: at the others, the server is killed and started again, or
 * all connections are cut, and the bot goes on.
 *   --db postgres  each world on a server of its own, instead of a file of SQLite
 *   --how what     what happens at every point: killed, connections or server
 *   --day name     only this day (days.ts)
 *   --list         only lists the points with their numbers
 *   --only n       one point, by number or by name; two names with a comma between them are two crashes; of the day `runs`, unless --day says another
 *   --matching re  only points whose names match, and the recoveries that these show
 *   --points n     n of the points, and as large a part of the recoveries that these show
 *   --seed s       which ones: a seed chooses the same again (default: any)
 *   --jobs n       worlds side by side (default 6: they mostly wait)
 */

/** How often a day is played until it comes to its point: the last of a label hang on timing. */
const TRIES = 3;

/** How many ways to the same kind of recovery are tried. */
const ALTERNATIVES = 4;

const { values } = parseArgs({
  options: {
    db: { type: 'string', default: 'sqlite' },
    how: { type: 'string' },
    day: { type: 'string' },
    list: { type: 'boolean', default: false },
    only: { type: 'string' },
    matching: { type: 'string', default: '' },
    points: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    jobs: { type: 'string', default: '6' },
  },
});

process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

const begun = Date.now();
const jobs = Number(values.jobs);
const names = Object.keys(DAYS).filter(isDayName);
const { db: engine } = values;
if (engine !== 'sqlite' && engine !== 'postgres') {
  console.error(`--db takes sqlite or postgres, not "${engine}"`);
  process.exit(2);
}
/** What goes wrong at a point: the bot is killed, or something happens to its database. */
type How = 'killed' | Disturbance;

const HOWS: Record<typeof engine, How[]> = {
  sqlite: ['killed'],
  postgres: ['killed', 'connections', 'server'],
};
const hows = HOWS[engine].filter((how) => values.how === undefined || how === values.how);
if (hows.length === 0) {
  console.error(`--how takes ${HOWS[engine].join(' or ')}, not "${values.how}"`);
  process.exit(2);
}
const calm: Plan = { ...UNDISTURBED, engine };
const wanted = values.day ?? (values.only === undefined ? undefined : 'runs');
const days = names.filter((name) => wanted === undefined || name === wanted);
if (days.length === 0) {
  console.error(`--day takes ${names.join(' or ')}, not "${values.day}"`);
  process.exit(2);
}

const tally: Record<Verdict['kind'], number> = { survived: 0, 'not reached': 0, 'not survived': 0 };
const undisturbed = new Map<DayName, Played>();
for (const day of days) undisturbed.set(day, await playCalmly(day));
const total = [...undisturbed.values()].flatMap(namesOf).length;
const part = values.points === undefined ? 1 : Number(values.points) / Math.max(1, total);
for (const [day, played] of undisturbed) await sweepDay(day, played);

if (tally['not reached'] > 0) {
  console.log(`${tally['not reached']} points did not come up again: their number hangs on timing`);
}
console.log(`took ${Math.round((Date.now() - begun) / 1000)} s`);
const died = tally.survived + tally['not survived'];
if (!values.list) console.log(`points ${died}, survived ${tally.survived}`);
process.exit(values.list || (tally['not survived'] === 0 && died > 0) ? 0 : 1);

async function playCalmly(day: DayName): Promise<Played> {
  const first = await play(day, calm);
  const unstable = describeDifference(first.seen, (await play(day, calm)).seen);
  if (unstable) {
    console.error(`Two undisturbed days differ, so nothing can be compared:\n${unstable}`);
    process.exit(2);
  }
  return first;
}

/** The points of a day that are asked for. */
function namesOf({ passed }: Played): string[] {
  return passed.flat().filter((point) => new RegExp(values.matching).test(point));
}

async function sweepDay(day: DayName, played: Played): Promise<void> {
  const points = played.passed.flat();
  const named = namesOf(played);
  if (values.list) {
    for (const [index, point] of points.entries()) console.log(`${day}  ${index + 1}  ${point}`);
    return;
  }
  const sweep = { day, expected: played.seen, crashed: [] };
  if (values.only !== undefined) {
    const crashes = points[Number(values.only) - 1]?.split(',') ?? values.only.split(/, ?/);
    return crashAtEach(sweep, [[crashes]], hows.slice(0, 1));
  }
  const chosen = choosePart(named, part, Number(values.seed));
  console.log(`${day}: ${named.length} points of an undisturbed day${describePart(chosen)}`);
  await crashAtEach(
    sweep,
    chosen.map((point) => [[point]]),
    hows,
  );
  const recoveries = listRecoveries(points, sweep.crashed);
  const again = choosePart(recoveries, part, Number(values.seed));
  console.log(`${day}: ${recoveries.length} points while recovering${describePart(again)}`);
  await crashAtEach(sweep, again, ['killed']);
}

function describePart({ length }: unknown[]): string {
  return values.points === undefined ? '' : `: ${length} of them, with --seed ${values.seed}`;
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
async function crashAtEach(sweep: Sweep, all: string[][][], hows: How[]): Promise<void> {
  const missed: { ways: string[][]; how: How }[] = [];
  await eachOf(all, jobs, async (ways, index) => {
    const how = hows[index % hows.length] ?? 'killed';
    const kind = await crashOnce(sweep, ways, how, String(index + 1));
    if (kind === 'not reached') missed.push({ ways, how });
    else tally[kind]++;
  });
  await eachOf(missed, 1, async ({ ways, how }) => {
    tally[await crashOnce(sweep, ways, how, 'again')]++;
  });
}

async function crashOnce(
  sweep: Sweep,
  ways: string[][],
  how: How,
  label: string,
): Promise<Verdict['kind']> {
  const started = Date.now();
  const { crashes, verdict } = await comeToOneOf(sweep, ways, how);
  if (verdict.kind === 'survived' && how === 'killed') sweep.crashed.push(verdict.passed);
  const took = `${((Date.now() - started) / 1000).toFixed(1)} s`;
  const what = how === 'killed' ? '' : `${how} at `;
  console.log(`${label}  ${what}${crashes.join(', ')}: ${verdict.kind} (${took})`);
  if (verdict.kind === 'not survived') console.log(verdict.difference.replace(/^/gm, '    '));
  return verdict.kind;
}

async function comeToOneOf(
  sweep: Sweep,
  ways: string[][],
  how: How,
): Promise<{ crashes: string[]; verdict: Verdict }> {
  let [crashes = []] = ways;
  let verdict: Verdict = { kind: 'not reached' };
  for (crashes of ways.slice(0, ALTERNATIVES)) {
    verdict = await comeTo(sweep, crashes, how);
    if (verdict.kind !== 'not reached') break;
  }
  return { crashes, verdict };
}

async function comeTo({ day, expected }: Sweep, points: string[], how: How): Promise<Verdict> {
  const [at = ''] = points;
  const plan: Plan =
    how === 'killed' ? { ...calm, crashes: points } : { ...calm, disturbance: { kind: how, at } };
  for (let tries = 1; ; tries++) {
    const verdict = await crashAt(day, plan, expected);
    if (verdict.kind !== 'not reached' || tries === TRIES) return verdict;
  }
}
