import path from 'node:path';
import type { DatabasePlace } from '../../core/database-place.ts';

/** Where things are in the place of a hosted bot: with SQLite a folder, with PostgreSQL a database. */

export const controlOf = <P extends DatabasePlace>(place: P): P =>
  place.kind === 'sqlite' ? { ...place, file: path.join(place.file, 'control.db') } : place;

/** @param folder where the workspaces of SQLite are */
export const fileOf = (folder: string, team: string): string => path.join(folder, `${team}.db`);
