import type { Surroundings } from '../slack/blocks/surroundings.ts';
import type { Db, Tx } from '../store/db/tables.ts';
import { readNames } from '../store/intake/users.ts';
import { type Deps, surroundingsOf } from './deps.ts';

/** What rendering needs of the workspace: its address, time zone and emoji, and people's names. */
export async function readRenderContext(
  deps: Pick<Deps, 'workspaceUrl' | 'timeZone' | 'emoji'>,
  db: Db | Tx,
): Promise<Surroundings> {
  return surroundingsOf(deps, await readNames(db));
}
