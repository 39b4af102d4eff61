import { type Settings, savedSettingsSchema } from '../../core/settings/settings.ts';
import type { Db, Tx } from '../db/tables.ts';

/** The settings that people saved in Slack: a history whose last row counts. */

interface SettingsChange {
  id: number;
  changedBy: string;
  /** ms since 1970 */
  changedAt: number;
}

export interface SavedSettings extends SettingsChange {
  /** `environment`: somebody went back to the environment's settings. */
  content: Settings | 'environment' | 'unreadable';
}

/** The saved settings in force; undefined when nobody has changed anything in Slack. */
export async function readSavedSettings(db: Db | Tx): Promise<SavedSettings | undefined> {
  const row = await db
    .selectFrom('settings')
    .selectAll()
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (!row) return undefined;
  const { id, content, changed_by: changedBy, changed_at: changedAt } = row;
  const change = { id, changedBy, changedAt };
  if (content === null) return { ...change, content: 'environment' };
  const parsed = savedSettingsSchema.safeParse(JSON.parse(content));
  return { ...change, content: parsed.success ? parsed.data : 'unreadable' };
}

/** Who changed the settings last, and when; undefined when nobody has. */
export async function findLastSettingsChange(db: Db | Tx): Promise<SettingsChange | undefined> {
  const row = await db
    .selectFrom('settings')
    .select(['id', 'changed_by as changedBy', 'changed_at as changedAt'])
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row;
}

/** @returns the id of the change */
export async function addSettings(
  tx: Tx,
  change: {
    content: Settings | 'environment';
    taxonomyVersion: number;
    user: string;
  },
  now: number,
): Promise<number> {
  const { content, taxonomyVersion, user } = change;
  const { id } = await tx
    .insertInto('settings')
    .values({
      content: content === 'environment' ? null : JSON.stringify(content),
      taxonomy_version: taxonomyVersion,
      changed_by: user,
      changed_at: now,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}
