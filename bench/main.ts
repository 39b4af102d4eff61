import { cpus, release, totalmem, type } from 'node:os';
import { parseArgs } from 'node:util';
import { measureCollecting } from './collecting.ts';
import { measureCommand } from './command.ts';
import { measureIntake } from './intake.ts';
import { measurePublishing } from './publishing.ts';
import { measureReacting } from './reacting.ts';

/**
 * `npm run bench`: what the bot does against what the machine and the services allow, each figure
 * with a baseline measured in the same run. `--json` prints the figures alone, `--rows N` collects
 * another number of results than 100,000.
 */
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rows: { type: 'string', default: '100000' },
  },
});
const rows = Number(values.rows);
const say = (line: string) => {
  if (!values.json) console.log(line);
};

say(
  `${type()} ${release()}, ${cpus().length} × ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`,
);
say('publishing 500 reactions, Slack sped up 60× …');
const publishing = await measurePublishing();
say('intake of 3,500 events, start …');
const { intake, start } = await measureIntake();
say('20 reactions until their cards follow, at Slack’s own limits …');
const reacting = await measureReacting();
say('collecting 10,000 results …');
const collecting10k = await measureCollecting(10_000);
say(`collecting ${rows.toLocaleString('en')} results …`);
const collecting = await measureCollecting(rows);
say(`commands while ${rows.toLocaleString('en')} results are collected …`);
const command = await measureCommand(rows);

if (values.json) {
  console.log(
    JSON.stringify({
      publishing,
      collecting,
      collecting10k,
      intake,
      command,
      reacting,
      start,
    }),
  );
} else {
  for (const [name, figures] of Object.entries({
    publishing,
    'collecting 10,000': collecting10k,
    [`collecting ${rows.toLocaleString('en')}`]: collecting,
    intake,
    command,
    reacting,
    start,
  })) {
    console.log(`\n${name}`);
    console.table(
      Object.fromEntries(
        Object.entries(figures).map(([figure, value]) => [figure, Number(value.toPrecision(4))]),
      ),
    );
  }
}
process.exit(0);
