import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import type { DatabasePlace } from '../../../src/core/database-place.ts';
import { readOperatorConfig } from '../../../src/many-config.ts';
import { readWorkspaces } from '../../../src/operator/read.ts';
import { renderTable } from '../../../src/operator/words.ts';
import { openDatabase, openWorkspaceFile } from '../../../src/store/db/open.ts';
import { controlOf, fileOf } from '../../../src/store/workspaces/files.ts';
import { saveInstallation } from '../../../src/store/workspaces/installations.ts';
import { openToLook } from '../../../src/store/workspaces/look.ts';
import { onPostgres } from '../../postgres/fresh-workspace.ts';
import { added, createPlace, installationOf, START, sealer, startControl } from './stage.ts';

/** Where a hosted bot has its workspaces, as somebody sees it who only looks. */

/** @returns where the workspaces are */
async function createFolder(template?: 'template1'): Promise<DatabasePlace> {
  const place = await createPlace(template);
  return place.kind === 'sqlite' ? { ...place, file: path.dirname(place.file) } : place;
}

const look = async (place: DatabasePlace) => {
  await using begun = new AsyncDisposableStack();
  await openToLook(place, begun);
};

test('a place where no bot has been started is told from others, and stays as it is', async () => {
  const place = await createFolder('template1');
  await expect(look(place)).rejects.toThrow('no Winnow for many workspaces has been started');
  await expect(look(place)).rejects.toThrow('no Winnow for many workspaces has been started');
  await startControl(controlOf(place));
  await look(place);
});

test('tables of an older version stay as they are', async () => {
  const place = await createFolder();
  const control = await startControl(controlOf(place));
  await sql`delete from control_migration where name = '0003-loads'`.execute(control);
  await sql`alter table workspaces drop column writes_per_hour`.execute(control);
  await expect(look(place)).rejects.toThrow('its tables are of an older version; start Winnow');
});

describe.skipIf(onPostgres)('a workspace whose file cannot be read, or is of another', () => {
  test('hides no other', async () => {
    const place = await createFolder();
    if (place.kind !== 'sqlite') throw new Error('it is no folder');
    const control = await startControl(controlOf(place));
    for (const team of ['T1', 'T2', 'T3', 'T4']) {
      await saveInstallation(control, sealer, installationOf(team), [added(team)]);
    }
    await (await openDatabase(fileOf(place.file, 'T1'))).destroy();
    writeFileSync(fileOf(place.file, 'T2'), 'These are my notes. '.repeat(300));
    await (await openWorkspaceFile(fileOf(place.file, 'T4'), 'T1')).destroy();
    const config = readOperatorConfig({
      SLACK_CLIENT_ID: '1.2',
      DATABASE_URL: `sqlite:${place.file}`,
    });
    const seen = await readWorkspaces(config, START);
    const none = { spentUsd: 0, messages: 0, pending: 0 };
    expect(seen.workspaces.map(({ usage }) => usage)).toEqual([
      none,
      { trouble: 'file is not a database' },
      none,
      { trouble: 'it belongs to the workspace T1, not to T4' },
    ]);
    const lines = renderTable(seen).split('\n');
    expect(lines[2]).toMatch(/^T2 .* active +default none +\? +\? +\?$/);
    expect(lines.slice(-3)).toEqual([
      '4 workspaces.',
      'T2 cannot be read: file is not a database',
      'T4 cannot be read: it belongs to the workspace T1, not to T4',
    ]);
  });
});
