import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { MEMORY_SETTINGS } from './processes.ts';
import { readCpuMs } from './usage.ts';

/** The settings that connect a bot to both stand-ins. @param port for events over HTTP */
export const settingsFor = (
  slack: { apiUrl: string; botToken: string; appToken: string; signingSecret: string },
  claude: { url: string; apiKey: string },
  databaseFile: string,
  port?: number,
): Record<string, string> => ({
  SLACK_API_URL: slack.apiUrl,
  SLACK_BOT_TOKEN: slack.botToken,
  ...(port === undefined
    ? { SLACK_APP_TOKEN: slack.appToken }
    : { SLACK_SIGNING_SECRET: slack.signingSecret, PORT: String(port) }),
  ANTHROPIC_BASE_URL: claude.url,
  ANTHROPIC_API_KEY: claude.apiKey,
  BATCH_POLL_SECONDS: '0.2',
  DATABASE_URL: `sqlite:${databaseFile}`,
});

/** The real bot as a separate process, to measure it from outside. */
export async function startBot(
  environment: Record<string, string>,
): Promise<{ child: ChildProcess; readyMs: number; cpuMs: number }> {
  const began = performance.now();
  const child = spawn(process.execPath, [...MEMORY_SETTINGS, 'src/main.ts'], {
    cwd: path.join(import.meta.dirname, '..'),
    env: { PATH: process.env.PATH, LOG_LEVEL: 'info', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // A part that fails leaves no bot behind.
  process.once('exit', () => child.kill());
  const lines = createInterface({ input: child.stdout });
  await new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => {
      if (line.includes('"msg":"ready"')) resolve();
    });
    child.once('exit', (code) => reject(new Error(`the bot ended with ${code}`)));
  });
  const readyMs = performance.now() - began;
  return { child, readyMs, cpuMs: await readCpuMs(child.pid ?? 0) };
}

export function stopBot(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}
