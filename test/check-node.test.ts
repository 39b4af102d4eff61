import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

/** The first minute: npm is quiet, and a Node that is too old is named. */

const ROOT = path.join(import.meta.dirname, '..');
const CHECK = path.join(ROOT, 'check-node.cjs');

const runAs = (version: string) =>
  spawnSync(
    process.execPath,
    [
      '-e',
      `Object.defineProperty(process.versions, 'node', { value: '${version}' }); require(${JSON.stringify(CHECK)})`,
    ],
    { encoding: 'utf8' },
  );

test.each(['8.17.0', '20.20.2', '22.12.0', '23.1.0'])('Node %s is told what to do', (version) => {
  const { status, stderr } = runAs(version);
  expect(status).toBe(1);
  expect(stderr).toContain(`Winnow needs Node 24, but this is Node ${version}.`);
  expect(stderr).toContain('npm ci');
});

test.each(['24.0.0', '26.1.0'])('Node %s starts without a word', (version) => {
  expect(runAs(version)).toMatchObject({ status: 0, stderr: '', stdout: '' });
});

test('every script that people start is checked, and npm warns of no other Node', () => {
  const { scripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  for (const script of ['start', 'demo', 'sim', 'backup'])
    expect(scripts[`pre${script}`]).toBe('node check-node.cjs');
  expect(readFileSync(path.join(ROOT, '.npmrc'), 'utf8')).toMatch(/^loglevel=error$/m);
});
