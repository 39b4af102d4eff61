import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { backUpFolder } from '../../src/store/workspaces/backup.ts';
import { controlIn, fileOf } from '../../src/store/workspaces/files.ts';
import { openControl } from '../../src/store/workspaces/open.ts';
import { contentOf, createDirectory, knownIn, makeFolder } from '../store/workspaces/folder.ts';

/** `npm run restore` of a bot of many workspaces, as people call it. */

const ROOT = path.join(import.meta.dirname, '../..');

async function open() {
  const directory = createDirectory();
  const [folder, copy] = [path.join(directory, 'workspaces'), path.join(directory, 'copy')];
  const first = path.join(directory, 'first');
  await makeFolder(first, { T1: 'copied one', T2: 'copied two' });
  await backUpFolder(first, copy);
  await makeFolder(folder, { T1: 'one', T2: 'two', T3: 'three' });
  const restore = (args: string[], node: string[] = [], settings = {}) => {
    const { status, signal, stdout, stderr } = spawnSync(
      process.execPath,
      [...node, path.join(ROOT, 'src/restore.ts'), ...args],
      {
        encoding: 'utf8',
        env: {
          PATH: process.env.PATH,
          SLACK_CLIENT_ID: '1.2',
          DATABASE_URL: `sqlite:${folder}`,
          ...settings,
        },
      },
    );
    return { code: status, signal, text: stdout, said: stderr };
  };
  return { directory, folder, copy, restore };
}

/** What Node loads first, so that the process is killed at a rename. */
const killAt = (count: number) => `
  import fs from 'node:fs';
  import { syncBuiltinESMExports } from 'node:module';
  const { renameSync } = fs;
  let left = ${count};
  fs.renameSync = (...paths) => {
    if (left-- === 0) process.kill(process.pid, 'SIGKILL');
    renameSync(...paths);
  };
  syncBuiltinESMExports();`;

test('killed at any rename, it can be run again; until then nobody opens what is half restored', async () => {
  let killed = 0;
  let refused = 0;
  for (let count = 0; ; count++) {
    const { folder, copy, restore, directory } = await open();
    // What a killed bot has left.
    writeFileSync(`${fileOf(folder, 'T1')}-wal`, 'the log of the database before');
    const preload = path.join(directory, 'kill.mjs');
    writeFileSync(preload, killAt(count));
    const { signal, code, said } = restore([copy], ['--import', preload]);
    if (signal === 'SIGKILL') {
      killed += 1;
      const isThere = existsSync(controlIn(folder));
      const opening = openControl({ kind: 'sqlite', file: controlIn(folder) });
      if (isThere) await (await opening).destroy();
      else {
        await expect(opening).rejects.toThrow('a restore of it was broken off: run it again');
        refused += 1;
      }
      expect(restore([copy])).toMatchObject({ code: 0, said: '' });
    } else {
      expect([code, said]).toEqual([0, '']);
    }
    expect(knownIn(folder)).toBe('T1,T2');
    expect(['T1', 'T2', 'T3'].map((team) => contentOf(folder, team))).toEqual([
      'copied one',
      'copied two',
      'three',
    ]);
    const names = readdirSync(folder);
    expect(names.filter((name) => name.includes('.restoring'))).toEqual([]);
    // All that was there before is still there.
    const aside = names.filter((name) => /^T1\.db\.before-\w+Z-wal$/.test(name));
    expect(aside).toHaveLength(1);
    if (signal === null) break;
  }
  // Three files and a log are set aside, and three come back.
  expect([killed, refused]).toEqual([7, 6]);
});

test('it says what it has done, and what was wrong', async () => {
  const { folder, copy, restore } = await open();
  expect(restore([copy, '--team', 'T2'])).toMatchObject({
    code: 0,
    text: expect.stringMatching(
      /^T2 in .*workspaces is now a copy of that in .*copy\. The database before is .*T2\.db\.before-\w+Z\. Start the bot/,
    ),
  });
  expect(restore([copy])).toMatchObject({
    code: 0,
    text: expect.stringMatching(
      /workspaces is now a copy of .*copy, with 2 workspaces\. The files before end in \.before-\w+Z\. It does not know the workspaces of T3\.db: .* Start the bot: it finds/,
    ),
  });
  for (const [args, code, words] of [
    [[], 2, 'Name one folder to restore.'],
    [[copy, '--team', 'T9'], 1, 'it has no T9.db'],
    [[folder], 1, 'it is the database itself'],
  ] as const) {
    const answer = restore([...args]);
    expect(answer).toMatchObject({ code, said: expect.stringContaining(words) });
    expect(answer.said).not.toContain('    at ');
  }
  const alone = { SLACK_CLIENT_ID: '', DATABASE_URL: `sqlite:${fileOf(folder, 'T1')}` };
  expect(restore([copy, '--team', 'T1'], [], alone)).toMatchObject({
    code: 2,
    said: expect.stringContaining('--team is for a bot of many workspaces.'),
  });
});
