import { engineOf } from '../db/engine.ts';
import type { Db, Tx } from '../db/tables.ts';
import type { TextIndexEngine } from './engine.ts';
import { postgres } from './postgres.ts';
import { sqlite } from './sqlite.ts';

export const engineFor = (db: Db | Tx): TextIndexEngine =>
  engineOf(db) === 'sqlite' ? sqlite : postgres;
