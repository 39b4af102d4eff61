import { parseArgs, styleText } from 'node:util';
import { buildPage } from '../sim/web/build.ts';
import { chooseClaude } from './claude-choice.ts';
import type { Lane } from './lane.ts';
import { openBrowser } from './open-browser.ts';
import { type Demo, startDemo } from './start-demo.ts';
import { playInTerminal } from './terminal-demo.ts';

const PORT = '4010';

const HELP = `npm run demo: the real bot in a simulated Slack workspace, in the browser.
  --no-open      only print the address of the page
  --fake         do not ask the real Claude, even if ANTHROPIC_API_KEY is set
  --port n       serve the page on this port if it is free (${PORT})

npm run demo -- --once: the same in the terminal, always without the real Claude.
  --once         post feedback, type the command, show the thread and end
  --json         print only the counts; with npm run -s
  --people       two people act on flagged messages
  --messages n   how many messages are posted (200)
  --lane name    how the bot asks Claude: batch (half price) or express (at once); default batch

  --help         show this text`;

const values = readOptions();
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const { once, json, people, messages } = values;
const lane = readLane(values.lane);
if (once || json || people || messages !== undefined || lane !== undefined) {
  const total = readNumber('--messages', messages ?? '200', 20_000);
  await playInTerminal({ total, once, json, people, lane });
} else {
  await playInBrowser(readNumber('--port', values.port, 65_535));
}

function readOptions() {
  try {
    return parseArgs({
      allowNegative: true,
      options: {
        help: { type: 'boolean', default: false },
        open: { type: 'boolean', default: true },
        fake: { type: 'boolean', default: false },
        port: { type: 'string', default: PORT },
        once: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        people: { type: 'boolean', default: false },
        messages: { type: 'string' },
        lane: { type: 'string' },
      },
    }).values;
  } catch (error) {
    // Node says what is wrong with it in a sentence.
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

function readLane(text: string | undefined): Lane | undefined {
  if (text === undefined || text === 'batch' || text === 'express') return text;
  return refuse(`--lane takes batch or express, not "${text}".`);
}

function refuse(words: string): never {
  console.error(`${words}\n--help lists the options.`);
  process.exit(2);
}

function readNumber(flag: string, text: string, max: number): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isInteger(value) && value >= 0 && value <= max) return value;
  return refuse(`${flag} takes a whole number from 0 to ${max}, not "${text}".`);
}

async function playInBrowser(port: number): Promise<void> {
  const ending = new AbortController();
  let demo: Demo | undefined;
  let asked = false;
  // SIGHUP: the terminal was closed.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, async () => {
      // A second signal does not wait for the bot to finish.
      if (asked) return void demo?.bot.kill();
      asked = true;
      ending.abort();
      // During the start, the code below ends it.
      if (!demo) return;
      await demo.stop();
      process.exit(0);
    });
  }

  const claude = chooseClaude(process.env, { fake: values.fake });
  try {
    demo = await startDemo({ claude, buildPage, port, signal: ending.signal });
  } catch (error) {
    if (!ending.signal.aborted) console.error(error);
    process.exit(ending.signal.aborted ? 0 : 1);
  }
  const { url, backstage, bot, stop } = demo;
  if (ending.signal.aborted) {
    await stop();
    process.exit(0);
  }
  console.log(`${styleText('dim', backstage.banner)}\n\n  ${url}\n\nCtrl-C stops everything.`);
  const state = bot.state();
  if (state.kind === 'stopped') console.error(`\nThe bot does not run: it ${state.words}`);
  if (values.open) openBrowser(url);
}
