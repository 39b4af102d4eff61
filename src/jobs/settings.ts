import { isDeepStrictEqual } from 'node:util';
import type { Settings } from '../core/settings/settings.ts';
import type { Db, Tx } from '../store/db/tables.ts';
import { keepTaxonomy } from '../store/runs/taxonomies.ts';
import { keepSettings, readSavedSettings, type SavedSettings } from '../store/settings/settings.ts';
import type { Deps } from './deps.ts';
import { checkCron } from './runs/schedule.ts';

/**
 * What people save in Slack counts at once and outranks the environment. It is committed first and
 * then written into the Deps that everything works with; a process that dies in between reads it at
 * its next start.
 */

/** What the settings were before anybody changed them in Slack: the environment's. */
export function settingsOf(
  config: Pick<
    Deps,
    | 'summarySchedule'
    | 'classifySchedule'
    | 'timeZone'
    | 'taxonomy'
    | 'remindAfterMs'
    | 'closeTheLoop'
  >,
): Settings {
  return {
    summarySchedule: config.summarySchedule,
    classifySchedule: config.classifySchedule ?? null,
    timeZone: config.timeZone,
    taxonomy: config.taxonomy,
    remindAfterMs: config.remindAfterMs,
    closeTheLoop: config.closeTheLoop,
  };
}

/** The settings that count, and the change that they came by; null when nobody changed any. */
export interface SettingsNow {
  settings: Settings;
  /** Whether they were saved in Slack. */
  saved: boolean;
  change: Omit<SavedSettings, 'content'> | null;
}

export async function readSettings(
  db: Db | Tx,
  { environment, log }: Pick<Deps, 'environment' | 'log'>,
): Promise<SettingsNow> {
  const row = await readSavedSettings(db);
  if (!row) return { settings: environment, saved: false, change: null };
  const { content, ...change } = row;
  if (content === 'environment') return { settings: environment, saved: false, change };
  const crons =
    content === 'unreadable'
      ? []
      : [content.summarySchedule, content.classifySchedule ?? '* * * * *'];
  if (content === 'unreadable' || crons.some((pattern) => checkCron(pattern, 0) === 'bad')) {
    log.error(
      { settings: row.id },
      'the settings saved in Slack cannot be read; those of the environment count',
    );
    return { settings: environment, saved: false, change };
  }
  return { settings: content, saved: true, change };
}

/** At the start: what was saved in Slack counts from now on. */
export async function loadSettings(deps: Deps): Promise<SettingsNow> {
  const now = await readSettings(deps.db, deps);
  const version = await keepTaxonomy(deps.db, now.settings.taxonomy, deps.clock.now());
  apply(deps, now.settings, version);
  return now;
}

export type Saved =
  | { kind: 'saved'; id: number; newTaxonomy: boolean }
  | { kind: 'unchanged' }
  /** Somebody else has changed them since they were shown. */
  | { kind: 'changed_meanwhile' };

/**
 * Saves what somebody wants, and makes it count: when this resolves, both is done.
 * @param shown the change that they have seen, 0 when there was none
 */
export async function saveSettings(
  deps: Deps,
  { content, user, shown }: { content: Settings | 'environment'; user: string; shown: number },
): Promise<Saved> {
  const { db, clock, log } = deps;
  const wanted = content === 'environment' ? deps.environment : content;
  const before = deps.taxonomyVersion;
  const saved = await db.transaction().execute(async (tx) => {
    const now = await readSettings(tx, deps);
    if ((now.change?.id ?? 0) !== shown) return { kind: 'changed_meanwhile' as const };
    // What is as it was is not saved: it would outrank the environment from now on.
    const same = content === 'environment' ? !now.saved : isDeepStrictEqual(now.settings, wanted);
    if (same) return { kind: 'unchanged' as const };
    const taxonomyVersion = await keepTaxonomy(tx, wanted.taxonomy, clock.now());
    const id = await keepSettings(tx, { content, taxonomyVersion, user }, clock.now());
    return { kind: 'saved' as const, id, taxonomyVersion };
  });
  if (saved.kind !== 'saved') return saved;
  const { id, taxonomyVersion } = saved;
  apply(deps, wanted, taxonomyVersion);
  log.info(
    { settings: id, user, taxonomyVersion, to: content === 'environment' ? content : 'saved' },
    'somebody changed the settings',
  );
  return { kind: 'saved', id, newTaxonomy: taxonomyVersion !== before };
}

/** Everything reads these fields when it needs them: there is nothing to restart. */
function apply(deps: Deps, settings: Settings, taxonomyVersion: number): void {
  deps.taxonomy = settings.taxonomy;
  deps.taxonomyVersion = taxonomyVersion;
  deps.summarySchedule = settings.summarySchedule;
  deps.classifySchedule = settings.classifySchedule ?? undefined;
  deps.timeZone = settings.timeZone;
  deps.remindAfterMs = settings.remindAfterMs;
  deps.closeTheLoop = settings.closeTheLoop;
}
