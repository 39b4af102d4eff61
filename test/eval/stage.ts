import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { evaluate } from '../../eval/evaluate.ts';
import { readOptions } from '../../eval/options.ts';
import { evaluateThemes } from '../../eval/themes/evaluate-themes.ts';
import { startClaudeSim } from '../../sim/claude/claude-sim.ts';
import type { Clock } from '../../src/core/clock.ts';
import { createTestClock } from '../harness.ts';

/** An evaluation with the files of a test, without a process of its own. */

export function makeFolder(files: Record<string, string>) {
  const folder = mkdtempSync(path.join(tmpdir(), 'winnow-eval-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(path.join(folder, name), content);
  }
  return (name: string) => path.join(folder, name);
}

export const lines = (rows: unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

/** @param agree what a person at the terminal answers; null: nobody is there */
export async function runEval(
  args: string[],
  { environment = {}, agree = null, clock = createTestClock() }: How = {},
) {
  const said: string[] = [];
  const options = readOptions(args);
  const report = await evaluate(options, environment, listen({ said, agree, clock }));
  return { report, said };
}

interface How {
  environment?: Record<string, string>;
  agree?: boolean | null;
  clock?: Clock;
}

function listen({ said, agree, clock }: { said: string[]; agree: boolean | null; clock: Clock }) {
  return {
    clock,
    say: (line: string) => said.push(line),
    confirm:
      agree === null
        ? null
        : async (question: string) => {
            said.push(question);
            return agree;
          },
  };
}

/** The same for `--themes`. */
export async function runThemes(
  args: string[],
  { environment = {}, agree = null, clock = createTestClock() }: How = {},
) {
  const said: string[] = [];
  const options = readOptions(['--themes', ...args]);
  const report = await evaluateThemes(options, environment, listen({ said, agree, clock }));
  return { report, said };
}

/** A stand-in for Claude by the clock of the evaluation, and the settings that lead to it. */
export async function startStandIn() {
  const clock = createTestClock();
  const claude = await startClaudeSim({ now: () => clock.now(), batchMs: 1000 });
  onTestFinished(() => claude.stop());
  const environment = { ANTHROPIC_API_KEY: claude.apiKey, ANTHROPIC_BASE_URL: claude.url };
  const posts = () => claude.calls.filter(({ method }) => method === 'POST').length;
  return { claude, posts, how: { environment, clock } };
}

export const FEEDBACK = [
  { text: 'The export crashes', label: 'bug' },
  { text: 'Export to PDF crashes since the update', label: 'bug' },
  { text: 'Please add a dark mode', label: 'feature_request' },
  { text: 'Please add an export to PDF', label: 'feature_request' },
  { text: 'I love the new editor', label: 'praise' },
  { text: 'Great work, thank you', label: 'praise' },
  { text: 'How do I export a report?', label: 'question' },
  { text: 'The app crashes & shows <b>nothing</b>', label: 'feature_request' },
];
