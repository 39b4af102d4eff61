import type { App } from '@slack/bolt';
import type { pino } from 'pino';
import { namePlace } from '../core/database-place.ts';
import { OVER, Storage } from '../core/health/storage.ts';
import { startLoop, systemClock } from '../jobs/loop.ts';
import { createHttpReceiver } from '../listeners/http-receiver.ts';
import type { ManyConfig } from '../many-config.ts';
import { createSlack } from '../slack/client.ts';
import { toSlackLogger } from '../slack/logger.ts';
import { beginHealth, listened } from '../start/begin-health.ts';
import { openServerPatiently } from '../start/open-database.ts';
import { StartError } from '../start/start-error.ts';
import type { Stopped } from '../start/workspace.ts';
import type { Notice } from '../store/db/postgres/notices.ts';
import { controlOf } from '../store/workspaces/files.ts';
import { countWaiting, listWaitingTeams, removeExpired } from '../store/workspaces/inbox.ts';
import { openControl } from '../store/workspaces/open.ts';
import { resealAll } from '../store/workspaces/reseal.ts';
import { createSealer, SealError } from '../store/workspaces/seal.ts';
import { createEndedJob } from './ended.ts';
import { createFigures } from './figures.ts';
import { createInbox } from './inbox.ts';
import { createInstallOptions } from './install.ts';
import { createInstallations } from './installations.ts';
import { createInstallationStore } from './oauth.ts';
import { openFiles } from './places/files.ts';
import { openServer } from './places/server.ts';
import { createRoute } from './route.ts';
import { createClaim } from './share/claim.ts';
import { createLoads } from './share/loads.ts';
import { createUnheardJob } from './unheard.ts';
import { createUnits } from './units.ts';

/** One process that works for many workspaces, alone or beside others. */

/** What is passed on is said at once; it is looked for as well, in case that nothing was heard. */
const LOOK_MS = 5_000;

export interface Replica {
  /** The workspaces that this process works for now. */
  listRunning(): string[];
  /** Gives them to others, and ends. */
  stop(): Promise<Stopped>;
}

/** What was begun is ended as well when the start fails. */
export async function startReplica(config: ManyConfig, log: pino.Logger): Promise<Replica> {
  await using begun = new AsyncDisposableStack();
  const clock = systemClock;
  const logger = toSlackLogger(log, log.isLevelEnabled('debug'));
  const sealer = createSealer(config.encryptionKeys);
  const health = await beginHealth(config, log);
  if (health) begun.defer(health.stop);

  // What is noticed before everything is there finds nothing to do.
  let hear: (notice: Notice) => void = () => {};
  const { place, control, notify } = await openPlace(config, log, (notice) => hear(notice), begun);
  const resealed = await resealAll(control, sealer).catch((error: unknown) => {
    throw error instanceof SealError ? new StartError(`ENCRYPTION_KEYS: ${error.message}`) : error;
  });
  if (resealed > 0)
    log.info({ resealed }, 'what older keys have sealed is sealed by the first one');

  const createClient = (token: string) => {
    const { apiUrl, rateScale } = config.slack;
    return createSlack({ token, apiUrl, rateScale, logger }, clock);
  };
  const onChanged = () => notify({ kind: 'workspaces' });
  const shared = { control, sealer, clock, log, onChanged };
  const installations = createInstallations({ ...shared, createClient });
  const store = createInstallationStore({
    ...shared,
    listWorkspaces: installations.listOfOrg,
    async onInstalled({ id, isOrg }) {
      log.info({ installation: id, isOrg }, 'the app was installed');
      await onChanged();
    },
  });
  const receiver = createHttpReceiver({
    ...{ signingSecret: config.slack.signingSecret, port: config.slack.port, logger, log },
    onHeldBack: (body) => {
      const notice = { kind: 'missed', team: String(body.team_id) } as const;
      void notify(notice).catch((error: unknown) => {
        log.error(
          { err: error, team: notice.team },
          'that events are missing could not be passed on',
        );
      });
    },
    oauth: createInstallOptions(config, store, log),
  });
  const { installer } = receiver;
  if (!installer) throw new Error('the receiver has no installer');

  const handle = (team: string) => {
    inbox.handle(team).catch((error: unknown) => {
      log.error({ err: error, team }, 'the inbox of a workspace could not be handled');
    });
  };
  const observed = health && {
    observeSlack: health.observeSlack,
    fetchForClaude: health.claudeOptions.fetch,
  };
  const units = createUnits({ ...shared, ...observed, config, installer }, place, {
    onRunning: handle,
    onReleased: () => void onChanged().catch(() => {}),
  });
  const inbox = createInbox({ ...shared, units, notify });
  const route = createRoute({ log, units, inbox, installations });

  const storage = new Storage();
  const quiet = storage.quieten(log);
  const claim = createClaim({ control, place, units, clock, log: quiet });
  const claimOrWait = async () => {
    const nextAt = await claim();
    // Reading proves that the database is there, not that there is room on its disk.
    if (storage.trouble === 'unreachable') {
      log.info({}, OVER.unreachable);
      storage.trouble = null;
    }
    return nextAt;
  };
  const claiming = startLoop('claim', claimOrWait, { clock, log: quiet });
  begun.defer(() => claiming.stop());
  const looking = startLoop(
    'inbox',
    async () => {
      await inbox.tidy();
      const now = clock.now();
      for (const team of await listWaitingTeams(control, now)) if (units.find(team)) handle(team);
      return now + LOOK_MS;
    },
    { clock, log: quiet },
  );
  const unheard = createUnheardJob({ units, installations, clock, log: quiet });
  const asking = startLoop('unheard', unheard, { clock, log: quiet });
  begun.defer(() => asking.stop());
  const weighing = startLoop('loads', createLoads({ control, units, clock }), { clock, log });
  begun.defer(() => weighing.stop());
  hear = (notice) => {
    if (notice.kind === 'workspaces') {
      claiming.wake();
      // Nothing may have been heard for a while.
      looking.wake();
    } else if (notice.kind === 'answer') inbox.onAnswer(notice.id);
    else if (units.find(notice.team)) handle(notice.team);
  };
  begun.defer(() => looking.stop());
  if (config.keepEndedMs !== null) {
    const { database, keepEndedMs: keepMs } = config;
    const ended = createEndedJob({ control, database, keepMs, clock, log });
    const deleting = startLoop('ended', ended, { clock, log });
    begun.defer(() => deleting.stop());
  }

  if (health) {
    const figures = createFigures({ units, clock, log });
    const measuring = startLoop('figures', figures.measure, { clock, log });
    begun.defer(() => measuring.stop());
    health.watchReplica({
      log,
      tryDatabase: () => removeExpired(control, clock.now()).then(() => {}),
      async count() {
        const running = units.list().filter((team) => units.find(team)).length;
        // The figures of the process are needed most when the database is away.
        const waiting = await countWaiting(control, clock.now()).catch(() => null);
        return {
          ...{ running, starting: units.list().length - running },
          envelopes: waiting?.values().reduce((sum, n) => sum + n, 0) ?? null,
          teams: figures.list(),
        };
      },
    });
  }
  await listened(health, config);

  // The receiver uses nothing else of an app.
  receiver.init({ processEvent: route } as unknown as App);
  await receiver.start(config.slack.port).catch((error: Error) => {
    throw new StartError(`PORT: cannot listen on ${config.slack.port}: ${error.message}`);
  });
  begun.defer(() => receiver.stop());
  log.info({ database: namePlace(config.database) }, 'ready');

  const running = begun.move();
  return {
    listRunning: () => units.list().filter((team) => units.find(team)),
    async stop() {
      await claiming.stop();
      // Others take over at once what this one ends; until then it answers, and passes on what comes.
      await place.leave();
      const ended = await units.stopAll();
      await running.disposeAsync();
      return ended;
    },
  };
}

/** Opens what the workspaces are in. Waits for a server that is not there yet. */
async function openPlace(
  config: ManyConfig,
  log: pino.Logger,
  hear: (notice: Notice) => void,
  begun: AsyncDisposableStack,
) {
  const { database, takeOverMs } = config;
  if (database.kind === 'sqlite') {
    const inFile = controlOf(database);
    try {
      const place = await openFiles(database.file, { takeOverMs, clock: systemClock, log }, begun);
      const control = await openControl(inFile);
      begun.defer(() => control.destroy());
      // There is no other process to tell.
      return { place, control, notify: async (notice: Notice) => hear(notice) };
    } catch (error) {
      throw new StartError(
        `DATABASE_URL: ${namePlace(inFile)} cannot be used: ${(error as Error).message}`,
      );
    }
  }
  const open = (opening: AsyncDisposableStack) =>
    openServer(database, { clock: systemClock, log, hear }, opening);
  return openServerPatiently(database, { log, open }, begun);
}
