import { type DatabasePlace, namePlace } from '../core/database-place.ts';
import { describeServerTrouble } from '../store/db/postgres/trouble.ts';
import { controlOf } from '../store/workspaces/files.ts';
import { type Look, openToLook } from '../store/workspaces/look.ts';
import { openControl } from '../store/workspaces/open.ts';
import type { ControlDb } from '../store/workspaces/tables.ts';
import { RefusedError } from './refused-error.ts';

/** What the operator's commands open. Each throws RefusedError when DATABASE_URL names what cannot be used. */

/** @param begun closes it */
export const openLook = (place: DatabasePlace, begun: AsyncDisposableStack): Promise<Look> =>
  refuseUnfit(place, openToLook(place, begun));

/** The caller destroys it. */
export const openForChange = (place: DatabasePlace): Promise<ControlDb> =>
  refuseUnfit(place, openControl(controlOf(place)));

async function refuseUnfit<T>(place: DatabasePlace, opening: Promise<T>): Promise<T> {
  try {
    return await opening;
  } catch (error) {
    const reason = describeServerTrouble(error as Error);
    throw new RefusedError(`DATABASE_URL: ${namePlace(place)} cannot be used: ${reason}`);
  }
}
