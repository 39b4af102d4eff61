import { cpus, release, totalmem, type } from 'node:os';
import { parseArgs } from 'node:util';
import { measureCollecting } from './collecting.ts';
import { measureCommand } from './command.ts';
import { expand, flatten, separateLists } from './flatten.ts';
import { measureIntake } from './intake.ts';
import { measureLatency } from './latency/latency.ts';
import { measureOverhead } from './latency/overhead.ts';
import { measureMany } from './many/many.ts';
import { measurePublishing } from './publishing.ts';
import { measureReacting } from './reacting.ts';

/** `npm run bench`: the options and the figures are described in README.md. */
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rows: { type: 'string', default: '100000' },
    workspaces: { type: 'string', default: '1000' },
    burn: { type: 'string', default: '0' },
    days: { type: 'string' },
    only: { type: 'string' },
  },
});
const rows = readCount('rows', values.rows);
const workspaces = readCount('workspaces', values.workspaces);
const burn = readCount('burn', values.burn);
const days = values.days === undefined ? undefined : readCount('days', values.days);
const many = rows.toLocaleString('en');

type Figures = Record<string, object>;

interface Part {
  title: string;
  measure(): Promise<Figures>;
}

const PARTS: Record<string, Part> = {
  publishing: {
    title: 'publishing 500 reactions, Slack sped up 60×',
    measure: async () => ({ publishing: await measurePublishing() }),
  },
  intake: {
    title: 'intake of 3,500 events over a socket and over HTTP, start',
    measure: measureIntake,
  },
  reacting: {
    title: '20 reactions until their cards follow, at Slack’s own limits',
    measure: async () => ({ reacting: await measureReacting() }),
  },
  collecting10k: {
    title: 'collecting 10,000 results',
    measure: async () => ({ collecting10k: await measureCollecting(10_000, { burn }) }),
  },
  collecting: {
    title: `collecting ${many} results`,
    measure: async () => ({ collecting: await measureCollecting(rows, { burn }) }),
  },
  command: {
    title: `commands while ${many} results are collected`,
    measure: async () => ({ command: await measureCommand(rows) }),
  },
  many: {
    title: `${workspaces} workspaces in one process, on files and on PostgreSQL; one of two processes is killed; one has ${many} messages judged`,
    measure: async () => ({ many: await measureMany(workspaces, rows, console.error) }),
  },
  latency: {
    title: 'days of a channel, three ways to Claude; 1,000 messages one by one and as batches',
    measure: async () => ({
      latency: await measureLatency(days),
      overhead: await measureOverhead(1_000),
    }),
  },
};

function readCount(option: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`--${option} takes a whole number, not "${text}".`);
  return Number(text);
}

function choose(only: string | undefined): Part[] {
  if (only === undefined) return Object.values(PARTS);
  return only.split(',').map((name) => {
    const part = Object.hasOwn(PARTS, name) ? PARTS[name] : undefined;
    if (!part)
      throw new Error(`There is no part ${name}. Parts: ${Object.keys(PARTS).join(', ')}.`);
    return part;
  });
}

const say = (line: string) => {
  if (!values.json) console.log(line);
};

const chosen = choose(values.only);
say(
  `${type()} ${release()}, ${cpus().length} × ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`,
);
const figures: Figures = {};
for (const { title, measure } of chosen) {
  say(`${title} …`);
  Object.assign(figures, await measure());
}

if (values.json) {
  console.log(JSON.stringify(figures));
} else {
  for (const [name, part] of Object.entries(figures)) {
    const { lists, rest } = separateLists(part);
    console.log(`\n${name}`);
    console.table(flatten(rest));
    for (const [list, rows] of lists) {
      console.log(`\n${name}: ${list}`);
      console.table(rows.flatMap(expand));
    }
  }
}
process.exit(0);
