import type { CommonConfig } from '../config.ts';
import type { Log } from '../core/log.ts';
import type { Health } from '../health/health.ts';
import { systemClock } from '../jobs/loop.ts';
import { StartError } from './start-error.ts';

/** Probes and metrics, from the start on. Only a bot that wants them loads what they need. */
export async function beginHealth(
  { healthPort, takeOverMs }: CommonConfig,
  log: Log,
): Promise<Health | null> {
  if (healthPort === null) return null;
  const { startHealth } = await import('../health/health.ts');
  return startHealth(healthPort, { takeOverMs, clock: systemClock, log });
}

/** Waits until the port is listened on. @throws StartError */
export async function listened(health: Health | null, { healthPort }: CommonConfig): Promise<void> {
  await health?.listening.catch((error: Error) => {
    throw new StartError(`HEALTH_PORT: cannot listen on ${healthPort}: ${error.message}`);
  });
}
