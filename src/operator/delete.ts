import type { Clock } from '../core/clock.ts';
import type { DatabasePlace } from '../core/database-place.ts';
import type { Log } from '../core/log.ts';
import type { OperatorConfig } from '../many-config.ts';
import { deleteEnded } from '../store/workspaces/delete-ended.ts';
import { listSetAside } from '../store/workspaces/files.ts';
import { openForChange } from './open.ts';
import { readWorkspace } from './read.ts';
import { RefusedError } from './refused-error.ts';
import { describeEnded, nameWorkspace } from './words.ts';

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * Deletes a workspace that has ended, for good.
 * @param yes the id once more
 * @returns what was done, in words
 * @throws RefusedError when nothing was done, or not all of it
 */
export async function deleteForGood(
  { team, yes }: { team: string; yes: string | undefined },
  config: OperatorConfig,
  clock: Clock,
): Promise<string> {
  const { database } = config;
  const seen = await readWorkspace(team, config, clock.now());
  const name = nameWorkspace(seen);
  const { endedAt } = seen;
  if (endedAt === null) {
    throw new RefusedError(
      `${name} has the app, so nothing was deleted. Somebody who manages apps there has to remove it first; it counts as ended a moment later.`,
    );
  }
  if (yes !== team) throw new RefusedError(describeEnded(seen, endedAt));
  const control = await openForChange(database);
  try {
    const tools = { clock, log: silent };
    // It was asked about this end, and no later one.
    const deleting = deleteEnded(control, database, { team, endedBy: endedAt }, tools);
    const outcome = await deleting.catch((error: Error) => {
      throw new RefusedError(
        `${name} could not be deleted, or not all of it: ${error.message}. It still counts as ended: try again.`,
      );
    });
    switch (outcome) {
      case 'deleted':
        return `${name} is deleted, with all that Winnow has stored for it.${nameSetAside(database, team)}`;
      case 'in use':
        throw new RefusedError(
          `A Winnow still works for ${name}, so nothing was deleted. Try again in a few seconds.`,
        );
      case 'not ended':
        throw new RefusedError(
          `${name} was installed again, or is being deleted by another process. Type npm run workspaces -- list to see it.`,
        );
    }
  } finally {
    await control.destroy();
  }
}

function nameSetAside(place: DatabasePlace, team: string): string {
  const files = place.kind === 'sqlite' ? listSetAside(place.file, team) : [];
  if (files.length === 0) return '';
  return ` What a restore has set aside is still there: delete ${files.join(', ')} yourself.`;
}
