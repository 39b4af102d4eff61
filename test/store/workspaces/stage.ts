import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import type { DatabasePlace } from '../../../src/core/database-place.ts';
import type { Installation } from '../../../src/store/workspaces/installations.ts';
import { openControl } from '../../../src/store/workspaces/open.ts';
import { createSealer } from '../../../src/store/workspaces/seal.ts';
import type { ControlDb } from '../../../src/store/workspaces/tables.ts';
import { createDatabase, onPostgres } from '../../postgres/fresh-workspace.ts';
import { keyOf } from './keys.ts';

export const START = Date.UTC(2026, 10, 30, 9);

export const sealer = createSealer([keyOf('first')]);

/** Where there is no control database yet; with PostgreSQL, there are the tables of workspaces or not. */
export async function createPlace(template: 'tables' | 'template1' = 'tables') {
  if (onPostgres) {
    return { kind: 'postgres', url: await createDatabase(template) } satisfies DatabasePlace;
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'winnow-control-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return { kind: 'sqlite', file: path.join(folder, 'data/control.db') } satisfies DatabasePlace;
}

/** @param place one where it is already, for a second process; without one it is a new one */
export async function startControl(place?: DatabasePlace): Promise<ControlDb> {
  const db = await openControl(place ?? (await createPlace()));
  onTestFinished(() => db.destroy());
  return db;
}

/** @param id of a workspace or an org */
export const installationOf = (id: string, change: Partial<Installation> = {}): Installation => ({
  id,
  enterprise: null,
  isOrg: id.startsWith('E'),
  app: 'A1',
  botId: 'B1',
  botUser: 'U1',
  tokens: { bot: `xoxb-${id}`, refresh: null, expiresAt: null },
  scopes: ['chat:write', 'commands'],
  installedBy: 'U2',
  installedAt: START,
  ...change,
});

export const added = (team: string) => ({ team, name: null, url: null });
