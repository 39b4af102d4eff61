import { pino } from 'pino';
import { type Config, ConfigError, readConfig, readEnvironment } from './config.ts';
import { systemClock } from './jobs/loop.ts';
import { isForMany, type ManyConfig, readManyConfig } from './many-config.ts';
import { startOne } from './start/one.ts';
import { StartError } from './start/start-error.ts';
import type { Stopped } from './start/workspace.ts';

/** Starts the bot, and on SIGTERM or SIGINT drains and stops it. */

/** By then the process has ended, whatever still goes on. */
const STOP_MS = 8_000;

/** Starts the bot, which runs until a signal ends it. Prints the reason when it cannot start. */
export async function runBot(): Promise<void> {
  await startWithSignals().catch(async (error: unknown) => {
    const forPerson = error instanceof ConfigError || error instanceof StartError;
    console.error(forPerson ? error.message : error);
    if (forPerson) await printDiagnosis();
    process.exit(1);
  });
}

/** One thing is wrong; another may be as well. What cannot be read of the settings has been said. */
async function printDiagnosis(): Promise<void> {
  const { examine } = await import('./doctor/examine.ts');
  const { renderSection } = await import('./doctor/report.ts');
  console.error('\nWhat npm run doctor says:');
  for await (const section of examine(readEnvironment(), systemClock)) {
    const lines = section.name === 'Settings' ? '' : renderSection(section);
    if (lines) console.error(lines);
  }
}

async function startWithSignals(): Promise<void> {
  const environment = readEnvironment();
  const config = await (isForMany(environment)
    ? readManyConfig(environment)
    : readConfig(environment));
  const log = pino({
    level: config.logLevel,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
  });
  // Nothing to drain until the start is done.
  let stop = async (): Promise<Stopped> => 'drained';
  let stopped = false;
  const onSignal = async (signal: NodeJS.Signals) => {
    if (stopped) return;
    stopped = true;
    log.info({ signal }, 'stopping');
    const gaveUp = systemClock.sleep(STOP_MS).then(() => 'too long' as const);
    const ended = await Promise.race([stop(), gaveUp]).catch((error: unknown) => {
      log.error({ err: error }, 'the stop did not end as it should');
      return 'failed' as const;
    });
    log.info({ ended }, 'stopped');
    process.exit(0);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  stop = await ('encryptionKeys' in config ? startMany(config, log) : startAlone(config, log));
}

/** Only a bot of many workspaces loads what it needs. */
async function startMany(config: ManyConfig, log: pino.Logger) {
  const { startReplica } = await import('./replica/replica.ts');
  return (await startReplica(config, log)).stop;
}

const startAlone = (config: Config, log: pino.Logger) =>
  startOne(config, log, () => {
    log.error({}, 'another Winnow has taken over the workspace; ending');
    // What comes now is the other's: this one could not store it.
    process.exit(1);
  });
