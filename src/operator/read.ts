import { startOfMonth } from '../core/calendar.ts';
import { budgetInForce } from '../core/workspaces/own-budget.ts';
import type { OperatorConfig } from '../many-config.ts';
import type { Db } from '../store/db/tables.ts';
import { countMessages } from '../store/health/facts.ts';
import { readBilled } from '../store/runs/costs.ts';
import { readSavedSettings } from '../store/settings/settings.ts';
import { listTeams } from '../store/workspaces/files.ts';
import { findKnown, type KnownWorkspace, listKnown } from '../store/workspaces/known.ts';
import type { Look } from '../store/workspaces/look.ts';
import { openLook } from './open.ts';
import { RefusedError } from './refused-error.ts';

/** What the operator sees of workspaces, whether Winnow runs or not. */

interface Usage {
  /** What Claude has billed this month, in US dollars; null when the price of a model is not known. */
  spentUsd: number | null;
  messages: number;
  pending: number;
}

export interface SeenWorkspace extends KnownWorkspace {
  /** What it may spend a month, in US dollars; null: no limit. */
  budgetUsd: number | null;
  /** When it will be deleted, in ms since 1970; null: it has not ended, or is kept. */
  keptUntil: number | null;
  /** Or why it cannot be read. */
  usage: Usage | { trouble: string };
}

export interface SeenPlace {
  workspaces: SeenWorkspace[];
  /** Files of others: they have stayed when an older copy was put back. */
  unknownFiles: string[];
}

/** @throws RefusedError when the place cannot be used */
export async function readWorkspaces(config: OperatorConfig, now: number): Promise<SeenPlace> {
  const { database } = config;
  await using begun = new AsyncDisposableStack();
  const look = await openLook(database, begun);
  // One that is installed meanwhile is known before it has a file.
  const files = database.kind === 'sqlite' ? listTeams(database.file) : [];
  const workspaces: SeenWorkspace[] = [];
  for (const known of await listKnown(look.control)) {
    workspaces.push(await see(look, known, config, now));
  }
  const teams = new Set(workspaces.map(({ team }) => team));
  const unknownFiles = files.filter((team) => !teams.has(team)).map((team) => `${team}.db`);
  return { workspaces, unknownFiles };
}

/** @throws RefusedError when there is none, or the place cannot be used */
export async function readWorkspace(
  team: string,
  config: OperatorConfig,
  now: number,
): Promise<SeenWorkspace> {
  await using begun = new AsyncDisposableStack();
  const look = await openLook(config.database, begun);
  const known = await findKnown(look.control, team);
  if (!known) {
    throw new RefusedError(
      `There is no workspace ${team}. Type npm run workspaces -- list to see which there are.`,
    );
  }
  return await see(look, known, config, now);
}

async function see(
  look: Look,
  known: KnownWorkspace,
  { monthlyBudgetUsd, timeZone, keepEndedMs }: OperatorConfig,
  now: number,
): Promise<SeenWorkspace> {
  const { team, budget, endedAt } = known;
  const facts = {
    ...known,
    budgetUsd: budgetInForce(budget, monthlyBudgetUsd),
    keptUntil: endedAt === null || keepEndedMs === null ? null : endedAt + keepEndedMs,
  };
  try {
    const usage = await look.read(team, (db) => readUsage(db, timeZone, now));
    return { ...facts, usage: usage ?? NONE };
  } catch (error) {
    // One that has ended may have the tables of an older version.
    return { ...facts, usage: { trouble: (error as Error).message } };
  }
}

const NONE: Usage = { spentUsd: 0, messages: 0, pending: 0 };

/** @param timeZone of a workspace that has saved no other one */
async function readUsage(db: Db, timeZone: string, now: number): Promise<Usage> {
  const saved = (await readSavedSettings(db))?.content;
  const zone = typeof saved === 'object' ? saved.timeZone : timeZone;
  const spentUsd = await readBilled(db, startOfMonth(now, zone));
  return { spentUsd, ...(await countMessages(db)) };
}
