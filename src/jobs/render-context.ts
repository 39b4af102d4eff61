import type { RenderContext } from '../slack/blocks/render-context.ts';
import type { Db, Tx } from '../store/db/tables.ts';
import { readNames } from '../store/intake/users.ts';
import { type Context, toRenderContext } from './context.ts';

/**
 * What rendering needs: the address of the workspace, its time zone and emoji, who looks after the bot, and
 * people's names.
 */
export async function readRenderContext(
  context: Pick<Context, 'workspace' | 'settings' | 'hosted'>,
  db: Db | Tx,
): Promise<RenderContext> {
  return toRenderContext(context, await readNames(db));
}
