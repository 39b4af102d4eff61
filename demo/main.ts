import { parseArgs, styleText } from 'node:util';
import { buildPage } from '../sim/web/build.ts';
import { chooseClaude } from './claude-choice.ts';
import { openBrowser } from './open-browser.ts';
import { type Demo, startDemo } from './start-demo.ts';
import { playInTerminal } from './terminal-demo.ts';

/**
 * `npm run demo`: the real bot in a simulated workspace, in the browser.
 *   --no-open      only prints the page's address
 *   --fake         no model answers even if ANTHROPIC_API_KEY is set
 *   --port n       serves the page on this port if it is free
 * In the terminal instead, always without a model:
 *   --once         posts feedback, runs the command, shows the thread and ends
 *   --json         prints only the counts from the workspace
 *   --people       two people act on flagged messages
 *   --messages n   how many messages are posted (200)
 */

const PORT = '4010';

const { values } = parseArgs({
  allowNegative: true,
  options: {
    open: { type: 'boolean', default: true },
    fake: { type: 'boolean', default: false },
    port: { type: 'string', default: PORT },
    once: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    people: { type: 'boolean', default: false },
    messages: { type: 'string' },
  },
});

const { once, json, people, messages } = values;
if (once || json || people || messages !== undefined) {
  const total = readNumber('--messages', messages ?? '200', 20_000);
  await playInTerminal({ total, once, json, people });
} else {
  await playInBrowser(readNumber('--port', values.port, 65_535));
}

function readNumber(flag: string, text: string, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value <= max) return value;
  console.error(`${flag} takes a whole number from 0 to ${max}.`);
  process.exit(2);
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
