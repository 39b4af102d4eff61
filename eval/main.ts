import { writeFileSync } from 'node:fs';
import { confirm, isCancel } from '@clack/prompts';
import { systemClock } from '../src/jobs/loop.ts';
import type { Io } from './ask/connect.ts';
import { evaluate } from './evaluate.ts';
import { HELP, type Options, readOptions } from './options.ts';
import { PlainError } from './plain-error.ts';
import { renderText } from './report/text.ts';
import { renderThemesText } from './report/themes-text.ts';
import { evaluateThemes } from './themes/evaluate-themes.ts';

/** `npm run eval`: docs/evaluate.md says what the options and the figures mean. */
try {
  await run(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof PlainError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

async function run(args: string[]): Promise<void> {
  const options = readOptions(args);
  if (options.help) return console.log(HELP);
  const isTerminal = process.stdin.isTTY && process.stderr.isTTY;
  const io = {
    clock: systemClock,
    // Standard output is for the figures alone.
    say: (line: string) => console.error(line),
    confirm: isTerminal ? ask : null,
  };
  if (options.themes) return runThemes(options, io);
  const { mistakes, ...report } = await evaluate(options, process.env, io);
  if (options.html !== undefined) {
    const { renderPage } = await import('./report/page.ts');
    writePage(options.html, await renderPage({ ...report, mistakes }));
  }
  console.log(options.json ? JSON.stringify(report) : renderText(report));
}

async function runThemes(options: Options, io: Io): Promise<void> {
  const { mixed, split, ...report } = await evaluateThemes(options, process.env, io);
  if (options.html !== undefined) {
    const { renderThemesPage } = await import('./report/themes-page.ts');
    writePage(options.html, await renderThemesPage({ ...report, mixed, split }));
  }
  console.log(options.json ? JSON.stringify(report) : renderThemesText(report));
}

async function ask(message: string): Promise<boolean> {
  const answer = await confirm({ message, output: process.stderr });
  return !isCancel(answer) && answer;
}

function writePage(file: string, page: string): void {
  try {
    writeFileSync(file, page);
  } catch (error) {
    throw new PlainError(`${file} cannot be written: ${(error as Error).message}`);
  }
  console.error(`The page is in ${file}.`);
}
