import type { Surroundings } from '../slack/blocks/surroundings.ts';
import type { Db, Tx } from '../store/db/tables.ts';
import { readNames } from '../store/intake/users.ts';
import { type Context, surroundingsOf } from './context.ts';

/** What rendering needs of the workspace: its address, time zone and emoji, and people's names. */
export async function readRenderContext(
  context: Pick<Context, 'workspace' | 'settings'>,
  db: Db | Tx,
): Promise<Surroundings> {
  return surroundingsOf(context, await readNames(db));
}
