import type { ReceiverEvent } from '@slack/bolt';
import type { InstallProvider } from '@slack/oauth';
import type { pino } from 'pino';
import { createClaude } from '../claude/batches.ts';
import type { Clock } from '../core/clock.ts';
import { budgetInForce } from '../core/workspaces/own-budget.ts';
import { isRefusedBySlack, measureWorkspace, type WorkspaceFigures } from '../health/figures.ts';
import type { Turn } from '../jobs/runner.ts';
import type { ManyConfig } from '../many-config.ts';
import { createSlack, type Slack } from '../slack/client.ts';
import { toSlackLogger } from '../slack/logger.ts';
import { identify, type Workspace } from '../slack/read.ts';
import { lookLater, prepareAdoption } from '../start/check-posts.ts';
import { whenHeld } from '../start/open-database.ts';
import { prepareContext, type Stopped, startWorkspace } from '../start/workspace.ts';
import { isRestored } from '../store/db/restore.ts';
import type { Db } from '../store/db/tables.ts';
import {
  findInstallation,
  type Installation,
  setBotId,
} from '../store/workspaces/installations.ts';
import type { Sealer } from '../store/workspaces/seal.ts';
import type { ControlDb } from '../store/workspaces/tables.ts';
import { findWorkspace, setUrl } from '../store/workspaces/workspaces.ts';
import { createHosted } from './key.ts';
import { createTokenSupply } from './tokens.ts';

/** What works for one workspace of many: its database, its tokens, its jobs and its listeners. */

/** What all workspaces of a process share. */
export interface Shared {
  control: ControlDb;
  sealer: Sealer;
  config: ManyConfig;
  installer: InstallProvider;
  clock: Clock;
  log: pino.Logger;
  /** Tells every process that workspaces have come, gone or changed. */
  onChanged(): Promise<void>;
  observeSlack?: Parameters<typeof createSlack>[0]['observe'];
  /** How requests to Claude are made; default the global one. */
  fetchForClaude?: typeof fetch;
}

/** A workspace's database, which only this process writes. */
export interface OpenedDatabase {
  db: Db;
  /** Resolves when the process may act for the workspace. */
  held(signal?: AbortSignal | null): Promise<void>;
}

export interface Unit {
  /** @throws when it could not be handled: it may be sent again */
  handle(event: ReceiverEvent): Promise<void>;
  /** Events may have been missed: history is read. */
  missEvents(): void;
  /** How many statements may have changed its database. */
  writes(): number;
  measure(): Promise<WorkspaceFigures>;
  isRefusedBySlack(): boolean;
  /** Lets the jobs end what they do; people are answered meanwhile. */
  drain(): Promise<Stopped>;
  /** Closes the database. Call it when nothing is handled any more. */
  close(): Promise<void>;
}

/** The app has been taken out of the workspace meanwhile. */
export class NotInstalledError extends Error {}

/**
 * @param options.open opens the workspace's database; `begun` closes it
 * @param options.turn when the jobs run: people are answered before they begin
 * @throws NotInstalledError, SlackReadError when Slack does not say who the bot is, StartError, SealError
 */
export async function startUnit(
  shared: Shared,
  team: string,
  { open, turn }: { open: (begun: AsyncDisposableStack) => Promise<OpenedDatabase>; turn: Turn },
): Promise<Unit> {
  await using begun = new AsyncDisposableStack();
  const { control, sealer, config, clock } = shared;
  const row = await findWorkspace(control, sealer, team);
  const installation =
    row?.endedAt === null && (await findInstallation(control, sealer, row.installation));
  if (!row || !installation) throw new NotInstalledError(`${team} has not installed the app`);
  const log = shared.log.child({ team });
  const logger = toSlackLogger(log, log.isLevelEnabled('debug'));
  const { db, held } = await open(begun);
  const { apiUrl, rateScale } = config.slack;
  const stopping = new AbortController();
  const slack = createSlack(
    {
      ...{ apiUrl, rateScale, logger, observe: shared.observeSlack },
      token: createTokenSupply({ ...shared, log }, installation),
      fetch: whenHeld(held, fetch),
      stopping: stopping.signal,
    },
    clock,
  );
  const own = row.anthropicKey;
  const claude = createClaude({
    ...{ apiKey: own ?? config.claude.apiKey, baseUrl: config.claude.baseUrl },
    fetch: whenHeld(held, shared.fetchForClaude ?? fetch),
  });
  const workspace = await findSelf(shared, slack, { team, url: row.url, installation });
  const services = { db, slack, claude, clock, log };
  const hosted = createHosted(shared, { team, installedBy: installation.installedBy, own });
  const monthlyBudgetUsd = budgetInForce(row.budget, config.settings.monthlyBudgetUsd);
  const settings = { ...config.settings, monthlyBudgetUsd };
  const context = await prepareContext(services, workspace, settings, hosted);
  // The start waits for Slack only where there are such posts.
  if (config.adoptsPosts || (await isRestored(db))) await prepareAdoption(context);
  else lookLater(context);
  context.connection.begin(clock.now());
  let missEvents = () => {};
  const createReceiver = async (onMissed: () => void) => {
    missEvents = onMissed;
    return NO_RECEIVER;
  };
  const { app, connected, drain } = await startWorkspace(
    context,
    { apiUrl, logger, createReceiver, turn, stopWaiting: () => stopping.abort() },
    begun,
  );
  connected();
  const running = begun.move();
  return {
    handle: (event) => app.processEvent(event),
    missEvents,
    writes: context.writes,
    measure: () => measureWorkspace(context),
    isRefusedBySlack: () => isRefusedBySlack(context),
    drain,
    close: () => running.disposeAsync(),
  };
}

/** One receiver brings the events of all workspaces. */
const NO_RECEIVER = { init() {}, start: async () => {}, stop: async () => {} };

/** Asks Slack who the bot is, once: afterwards a workspace starts without Slack. */
async function findSelf(
  { control }: Shared,
  slack: Slack,
  { team, url, installation }: { team: string; url: string | null; installation: Installation },
): Promise<Workspace> {
  const { id, enterprise, isOrg, botId, botUser } = installation;
  const known = { id: team, enterpriseId: enterprise, orgInstall: isOrg };
  if (url !== null && botId !== null) return { ...known, url, self: { userId: botUser, botId } };
  const found = await identify(slack);
  await setUrl(control, team, found.url);
  await setBotId(control, id, found.self.botId);
  return { ...known, url: found.url, self: found.self };
}
