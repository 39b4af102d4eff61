import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';

/** A version after this one: the same sources with one more migration. */

const ROOT = path.join(import.meta.dirname, '../..');

/** It sorts after all migrations that there will ever be. */
export const NEXT = '9999-next';

/**
 * @param changes the SQL of the migration, of the workspaces' tables or of the control database's
 * @returns the folder of its sources
 */
export function makeNextVersion(changes: { postgres?: string; control?: string }): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'winnow-next-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const part of ['src', 'migrations', 'package.json', 'manifest.yml']) {
    cpSync(path.join(ROOT, part), path.join(folder, part), { recursive: true });
  }
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
  for (const [schema, sql] of Object.entries(changes)) {
    const file = path.join(folder, 'migrations', schema, `${NEXT}.ts`);
    writeFileSync(
      file,
      `import { sql } from 'kysely';\nexport const up = (db) => sql.raw(${JSON.stringify(sql)}).execute(db);\n`,
    );
  }
  return folder;
}
