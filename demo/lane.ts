import Sqlite from 'better-sqlite3';

/** Which way the demo's bot asks Claude: as batches, or express, message by message. */

export type Lane = 'batch' | 'express';

/** The settings of a bot that asks this way. What it spends at the stand-in is not real. */
export const settingsOf = (lane: Lane | undefined): Record<string, string> =>
  lane === undefined ? {} : { EXPRESS_UP_TO_USD: lane === 'express' ? '1000' : '0' };

/**
 * The lane of the first run, as the bot's database says; null when there was no run.
 * @param file the database of a bot that may be running
 */
export function readLane(file: string): Lane | null {
  const db = new Sqlite(file, { readonly: true });
  try {
    const run = db
      .prepare<[], { lane: Lane; hurried_at: number | null }>(
        'select lane, hurried_at from runs order by id limit 1',
      )
      .get();
    if (!run) return null;
    return run.hurried_at === null ? run.lane : 'express';
  } finally {
    db.close();
  }
}
