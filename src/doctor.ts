import { parseArgs } from 'node:util';
import { readEnvironment } from './config.ts';
import { examine } from './doctor/examine.ts';
import type { Section } from './doctor/finding.ts';
import { isWell, renderSection, renderVerdict } from './doctor/report.ts';
import { systemClock } from './jobs/loop.ts';

/**
 * `npm run doctor`: checks every setting against the real services, and says what is wrong and the one step
 * that mends it. Exits with 1 when the bot cannot work like this.
 */

const HELP = `npm run doctor: checks every setting against Slack, Claude and the disk. Nothing is posted or billed.
  --json   the findings as JSON; with npm run -s
  --help   show this text`;

const { json, help } = readOptions();
if (help) {
  console.log(HELP);
  process.exit(0);
}
const sections: Section[] = [];
for await (const section of examine(readEnvironment(), systemClock)) {
  sections.push(section);
  const lines = renderSection(section);
  if (!json && lines) console.log(lines);
}
const well = isWell(sections);
if (json) console.log(JSON.stringify({ ok: well, sections }));
else console.log(`\n${renderVerdict(sections)}`);
// A call that was given up may still wait for its answer.
process.exit(well ? 0 : 1);

function readOptions() {
  try {
    return parseArgs({
      options: {
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${HELP}`);
    process.exit(2);
  }
}
