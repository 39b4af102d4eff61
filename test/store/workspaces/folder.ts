import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { onTestFinished } from 'vitest';
import { openDatabase } from '../../../src/store/db/open.ts';
import { controlIn, fileOf } from '../../../src/store/workspaces/files.ts';
import { saveInstallation } from '../../../src/store/workspaces/installations.ts';
import { openControl } from '../../../src/store/workspaces/open.ts';
import { added, installationOf, sealer } from './stage.ts';

/** The folder of a bot of many workspaces, which does not run. */

/** @returns the path of a folder that is removed afterwards */
export function createDirectory(): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'winnow-folder-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** @param contents a row of each workspace, by its id */
export async function makeFolder(folder: string, contents: Record<string, string>): Promise<void> {
  const control = await openControl({ kind: 'sqlite', file: controlIn(folder) });
  for (const [team, content] of Object.entries(contents)) {
    await saveInstallation(control, sealer, installationOf(team), [added(team)]);
    await makeWorkspace(fileOf(folder, team), content);
  }
  await control.destroy();
}

async function makeWorkspace(file: string, content: string): Promise<void> {
  const db = await openDatabase(file);
  await db.insertInto('taxonomies').values({ content, created_at: 1 }).execute();
  await db.destroy();
}

/** @returns the row of a workspace */
export const contentOf = (folder: string, team: string) =>
  read(fileOf(folder, team), 'select content from taxonomies');

/** @returns the workspaces that the control database knows */
export const knownIn = (folder: string) =>
  read(
    controlIn(folder),
    `select group_concat(team) from (select team from workspaces order by team)`,
  );

function read(file: string, query: string): unknown {
  const database = new Sqlite(file, { readonly: true, fileMustExist: true });
  try {
    return database.prepare(query).pluck().get();
  } finally {
    database.close();
  }
}
