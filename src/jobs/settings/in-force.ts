import { isDeepStrictEqual } from 'node:util';
import type { Log } from '../../core/log.ts';
import type { ActiveSettings, ServerSettings, Settings } from '../../core/settings/settings.ts';
import type { Db, Tx } from '../../store/db/tables.ts';
import { saveTaxonomy } from '../../store/runs/taxonomies.ts';
import {
  addSettings,
  readSavedSettings,
  type SavedSettings,
} from '../../store/settings/settings.ts';
import type { Context, Services } from '../context.ts';
import { checkCron } from '../runs/schedule.ts';

/**
 * Settings saved in Slack override the environment at once. They are committed first; then a new
 * snapshot replaces the one in the context. A process that dies in between reads them at its next
 * start.
 */

/** The settings in force, and the change that brought them; null when nobody changed any. */
export interface SettingsNow {
  settings: Settings;
  /** Whether they were saved in Slack. */
  saved: boolean;
  change: Omit<SavedSettings, 'content'> | null;
}

export function readSettings(
  db: Db | Tx,
  { log, settings: { defaults } }: { log: Log; settings: Pick<ServerSettings, 'defaults'> },
): Promise<SettingsNow> {
  return readInForce(db, log, defaults);
}

async function readInForce(db: Db | Tx, log: Log, defaults: Settings): Promise<SettingsNow> {
  const row = await readSavedSettings(db);
  if (!row) return { settings: defaults, saved: false, change: null };
  const { content, ...change } = row;
  if (content === 'environment') return { settings: defaults, saved: false, change };
  const crons =
    content === 'unreadable'
      ? []
      : [content.summarySchedule, content.classifySchedule ?? '* * * * *'];
  if (content === 'unreadable' || crons.some((pattern) => checkCron(pattern, 0) === 'bad')) {
    log.error(
      { settings: row.id },
      'the settings saved in Slack cannot be read; those of the environment count',
    );
    return { settings: defaults, saved: false, change };
  }
  return { settings: content, saved: true, change };
}

/** The settings in force at the start: those saved in Slack, else the environment's. */
export async function loadSettings(
  { db, clock, log }: Pick<Services, 'db' | 'clock' | 'log'>,
  server: ServerSettings,
): Promise<Pick<SettingsNow, 'saved' | 'change'> & { settings: ActiveSettings }> {
  const { settings, saved, change } = await readInForce(db, log, server.defaults);
  const taxonomyVersion = await saveTaxonomy(db, settings.taxonomy, clock.now());
  return { settings: { ...server, ...settings, taxonomyVersion }, saved, change };
}

export type Saved =
  | { kind: 'saved'; id: number; newTaxonomy: boolean }
  | { kind: 'unchanged' }
  /** Somebody else has changed them since they were shown. */
  | { kind: 'changed_meanwhile' };

/**
 * Saves settings and puts them in force; both are done when this resolves.
 * @param shown the change that the person saw, 0 when there was none
 * @param follow what is written in the same transaction, unless somebody else has changed them
 */
export async function saveSettings(
  context: Context,
  { content, user, shown }: { content: Settings | 'environment'; user: string; shown: number },
  follow: (tx: Tx) => Promise<unknown> = async () => {},
): Promise<Saved> {
  const { db, clock, log } = context;
  const wanted = content === 'environment' ? context.settings.defaults : content;
  const before = context.settings.taxonomyVersion;
  const saved = await db.transaction().execute(async (tx) => {
    const now = await readSettings(tx, context);
    if ((now.change?.id ?? 0) !== shown) return { kind: 'changed_meanwhile' as const };
    await follow(tx);
    // Unchanged settings are not saved: they would outrank the environment from now on.
    const same = content === 'environment' ? !now.saved : isDeepStrictEqual(now.settings, wanted);
    if (same) return { kind: 'unchanged' as const };
    const taxonomyVersion = await saveTaxonomy(tx, wanted.taxonomy, clock.now());
    const id = await addSettings(tx, { content, taxonomyVersion, user }, clock.now());
    return { kind: 'saved' as const, id, taxonomyVersion };
  });
  if (saved.kind !== 'saved') return saved;
  const { id, taxonomyVersion } = saved;
  context.replaceSettings({ ...context.settings, ...wanted, taxonomyVersion });
  log.info(
    { settings: id, user, taxonomyVersion, to: content === 'environment' ? content : 'saved' },
    'somebody changed the settings',
  );
  return { kind: 'saved', id, newTaxonomy: taxonomyVersion !== before };
}
