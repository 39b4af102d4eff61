import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { DatabasePlace } from '../../core/database-place.ts';

/** The folder of a bot of many workspaces: a file for each, and one for what belongs to none. */

export const controlIn = (folder: string): string => path.join(folder, 'control.db');

/** What belongs to no workspace, in the place of a bot of many: a folder, or a database of PostgreSQL. */
export const controlOf = <P extends DatabasePlace>(place: P): P =>
  place.kind === 'sqlite' ? { ...place, file: controlIn(place.file) } : place;

export const fileOf = (folder: string, team: string): string => path.join(folder, `${team}.db`);

/** What restores have set aside of a workspace, by name: it stays until the operator deletes it. */
export const listSetAside = (folder: string, team: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.startsWith(`${team}.db.before-`))
    .sort();

const WORKSPACE_FILE = /^([A-Z][A-Z0-9]+)\.db$/;

/** @returns the workspace that a file is for, by its name in the folder of a bot of many; undefined for any other file */
export const teamOf = (file: string): string | undefined =>
  existsSync(controlIn(path.dirname(file)))
    ? WORKSPACE_FILE.exec(path.basename(file))?.[1]
    : undefined;

/** The workspaces that have a file there, installed or not, by id. */
export const listTeams = (folder: string): string[] =>
  readdirSync(folder)
    .flatMap((name) => WORKSPACE_FILE.exec(name)?.[1] ?? [])
    .sort();
