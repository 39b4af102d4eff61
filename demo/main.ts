import { parseArgs } from 'node:util';
import { playInTerminal } from './terminal-demo.ts';

/**
 * `npm run demo`: the real bot in a simulated workspace, in the terminal.
 *   --once         posts feedback, runs the command, shows the thread and ends
 *   --json         prints only what was counted in the workspace
 *   --people       two people act on what needs a person
 *   --messages n   how many messages are posted (200)
 */

const { values } = parseArgs({
  options: {
    once: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    people: { type: 'boolean', default: false },
    messages: { type: 'string', default: '200' },
  },
});

const { messages, ...options } = values;
await playInTerminal({ ...options, total: readNumber('--messages', messages, 20_000) });

function readNumber(flag: string, text: string, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value <= max) return value;
  console.error(`${flag} takes a whole number from 0 to ${max}.`);
  process.exit(2);
}
