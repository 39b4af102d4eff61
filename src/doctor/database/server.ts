import { namePlace } from '../../core/database-place.ts';
import { isOwned } from '../../store/db/postgres/lock-session.ts';
import { asLost } from '../../store/db/postgres/lost.ts';
import {
  checkServer,
  createPool,
  hasTables,
  LOOKING,
  readVersion,
} from '../../store/db/postgres/pool.ts';
import { hasReplicas } from '../../store/db/postgres/replicas.ts';
import { describeServerTrouble } from '../../store/db/postgres/trouble.ts';
import { fault, ok } from '../finding.ts';
import type { DatabaseState } from './file.ts';

/**
 * A database of PostgreSQL: whether it can be reached and used, and who uses it.
 * @param of the workspace's id, undefined when Slack does not say it; or a bot of many workspaces
 */
export async function checkPostgres(
  url: string,
  of: { team: string | undefined } | 'many',
): Promise<DatabaseState> {
  const name = namePlace({ kind: 'postgres', url });
  const pool = createPool(url, { max: 1, limits: LOOKING });
  try {
    await checkServer(pool);
    const version = await readVersion(pool);
    const isRunning =
      of === 'many'
        ? await hasReplicas(pool)
        : of.team !== undefined && (await isOwned(pool, of.team));
    const isEmpty = !(await hasTables(pool));
    const state = isRunning
      ? `Winnow is running on ${name}`
      : `${name} can be used${isEmpty ? '; its tables will be made' : ''}`;
    return {
      ...{ isRunning, isEmpty, isBroken: false },
      findings: [ok(`${state} (PostgreSQL ${version}).`)],
    };
  } catch (error) {
    const lost = asLost(error);
    const finding = lost
      ? fault(
          `${name} cannot be reached: ${lost.message}.`,
          'Start its server, or correct DATABASE_URL.',
        )
      : fault(
          `${name} cannot be used: ${describeServerTrouble(error as Error)}`,
          'Mend that, and run npm run doctor again.',
        );
    return { isRunning: false, isEmpty: false, isBroken: true, findings: [finding] };
  } finally {
    await pool.end();
  }
}
