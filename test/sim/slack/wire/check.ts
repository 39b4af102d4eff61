import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Wire } from './types.ts';

/** Something that the stand-in sent. */
export interface Sent {
  kind: keyof Wire;
  value: Record<string, unknown>;
}

const TSC = path.join(import.meta.dirname, '../../../../node_modules/typescript/bin/tsc');
const ROOT = path.join(import.meta.dirname, '../../../..');

/**
 * Has the compiler compare what was sent with the packages' types: unknown properties, missing ones and
 * wrong values are errors, however deep.
 * @returns what the compiler says
 */
export async function checkTypes(sent: readonly Sent[]): Promise<string[]> {
  const lines = sent.map(
    ({ kind, value }, index) =>
      `export const sent${index}: Wire['${kind}'] = ${JSON.stringify(value)};`,
  );
  const folder = await mkdtemp(path.join(tmpdir(), 'winnow-types-'));
  try {
    const types = path.join(import.meta.dirname, 'types.ts');
    const file = path.join(folder, 'sent.mts');
    await writeFile(file, [`import type { Wire } from '${types}';`, ...lines, ''].join('\n'));
    const options = {
      extends: path.join(ROOT, 'tsconfig.json'),
      compilerOptions: { types: [], isolatedModules: false },
      files: [file],
      include: [],
    };
    await writeFile(path.join(folder, 'tsconfig.json'), JSON.stringify(options));
    const said = await compile(folder);
    const errors = said.split('\n').filter((line) => line !== '');
    return errors.map((line) => {
      const index = Number(/^sent\.mts\((\d+)/.exec(line)?.[1] ?? 0) - 2;
      return `${sent[index]?.kind ?? ''} ${line}`.trim();
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

function compile(folder: string): Promise<string> {
  return new Promise((resolve) => {
    const args = [TSC, '-p', folder, '--pretty', 'false'];
    execFile(process.execPath, args, { cwd: folder, maxBuffer: 64_000_000 }, (_failed, out, err) =>
      resolve(`${out}${err}`.trim()),
    );
  });
}
