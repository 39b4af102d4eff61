import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { type ClaudeSim, startClaudeSim } from '../../sim/claude/claude-sim.ts';
import { type SlackSim, type SlackSimOptions, startSlackSim } from '../../sim/slack/slack-sim.ts';
import type { Clock } from '../../src/core/clock.ts';
import { examine } from '../../src/doctor/examine.ts';
import type { Section } from '../../src/doctor/finding.ts';

/** Both stand-ins, a folder for the database, and the environment of a bot between them. */
export interface Patient {
  slack: SlackSim;
  claude: ClaudeSim;
  channel: string;
  user: string;
  folder: string;
  /** What the doctor finds. @param changed settings, besides those that are right */
  examine(changed?: Record<string, string | undefined>, clock?: Clock): Promise<Section[]>;
}

/** Time is real, and nobody waits until the doctor gives up. */
export const PATIENT_CLOCK: Clock = {
  now: () => Date.now(),
  sleep: (_ms, signal) =>
    new Promise((resolve) => signal?.addEventListener('abort', () => resolve())),
};

export async function startPatient(options: SlackSimOptions = {}): Promise<Patient> {
  const slack = await startSlackSim({ botName: 'winnow', ...options });
  const claude = await startClaudeSim({ batchMs: 0 });
  const folder = createFolder();
  onTestFinished(async () => {
    await Promise.all([slack.stop(), claude.stop()]);
  });
  const user = slack.addUser({ name: 'ana', realName: 'Ana' });
  const channel = slack.addChannel({ name: 'feedback', members: [user, slack.botUserId] });
  return {
    slack,
    claude,
    channel,
    user,
    folder,
    async examine(changed = {}, clock = PATIENT_CLOCK) {
      const environment = {
        SLACK_API_URL: slack.apiUrl,
        SLACK_BOT_TOKEN: slack.botToken,
        SLACK_APP_TOKEN: slack.appToken,
        ANTHROPIC_BASE_URL: claude.url,
        ANTHROPIC_API_KEY: claude.apiKey,
        DATABASE_URL: `sqlite:${path.join(folder, 'winnow.db')}`,
        ...changed,
      };
      return Array.fromAsync(examine(environment, clock));
    },
  };
}

export function createFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'winnow-doctor-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const MOUNT = 'mount';
const UNMOUNT = 'umount';

/**
 * Mounts a file system in memory on a folder until the test has finished.
 * @returns whether this user may mount
 */
export function mountTmpfs(folder: string, options: string): boolean {
  try {
    execFileSync(MOUNT, ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return false;
  }
  onTestFinished(() => void execFileSync(UNMOUNT, ['-l', folder]));
  return true;
}

/** What is wrong, and what mends it. */
export const listFaults = (sections: Section[]) =>
  sections.flatMap(({ name, findings }) =>
    findings
      .filter(({ state }) => state === 'fault')
      .map(({ text, step }) => `${name}: ${text} → ${step}`),
  );

export const listWarnings = (sections: Section[]) =>
  sections.flatMap(({ findings }) =>
    findings.filter(({ state }) => state === 'warning').map(({ text }) => text),
  );
