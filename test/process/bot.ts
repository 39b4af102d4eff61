import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { ChangeWatch } from '../../sim/claude/change-watch.ts';
import { type ClaudeSim, startClaudeSim } from '../../sim/claude/claude-sim.ts';
import { type SlackSim, startSlackSim } from '../../sim/slack/slack-sim.ts';
import type { SimMessage } from '../../sim/slack/types.ts';

/** Both stand-ins, and the bot as processes of their own, as `npm start` starts it. */

type LogLine = Record<string, unknown> & { msg: string; level: number };

export interface Bot {
  process: ChildProcess;
  lines: LogLine[];
  /** All that it said on stdout. */
  text(): string;
  /** Waits until so many lines with this message have been logged; resolves with the last one. */
  logged(message: string, times?: number): Promise<LogLine>;
  /** How long ago it was started, in ms. */
  age(): number;
  /** Its exit code and what it said on stderr. */
  ended: Promise<{ code: number | null; said: string }>;
}

export interface Place {
  slack: SlackSim;
  claude: ClaudeSim;
  channel: string;
  user: string;
  directory: string;
  /** The path of the database. */
  database: string;
  start(settings?: Record<string, string>): Bot;
  /** Runs a script of src to its end. */
  run(
    script: string,
    args: string[],
    settings?: Record<string, string>,
  ): Promise<{ code: number | null; said: string; text: string; lines: LogLine[] }>;
  post(text: string): string;
  type(text?: string): Promise<void>;
  /** The bot's posts, and the messages with a reaction of the bot's. */
  posts(): SimMessage[];
  reacted(): SimMessage[];
}

const ROOT = path.join(import.meta.dirname, '../..');
const RATE_SCALE = 600;

export async function openPlace({ rateScale = RATE_SCALE } = {}): Promise<Place> {
  const directory = mkdtempSync(path.join(tmpdir(), 'winnow-process-'));
  const database = path.join(directory, 'winnow.db');
  const slack = await startSlackSim({
    rateScale: RATE_SCALE,
    botName: 'winnow',
    ackTimeoutMs: 60_000,
    // Slack's own retries are minutes apart.
    retryDelaysMs: Array(1000).fill(200),
  });
  const claude = await startClaudeSim({ batchMs: 50 });
  const user = slack.addUser({ name: 'ana', realName: 'Ana' });
  // In it from the start: no event says so, so the first sweep always finds it.
  const channel = slack.addChannel({ name: 'feedback', members: [user, slack.botUserId] });
  const environment = {
    PATH: process.env.PATH,
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
    SLACK_API_URL: slack.apiUrl,
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    SLACK_RATE_SCALE: String(rateScale),
    ANTHROPIC_BASE_URL: claude.url,
    ANTHROPIC_API_KEY: claude.apiKey,
    BATCH_POLL_SECONDS: '0.1',
    SUMMARY_SCHEDULE: '0 0 29 2 *',
    DATABASE_URL: `sqlite:${database}`,
  };
  onTestFinished(async () => {
    await Promise.all([slack.stop(), claude.stop()]);
    rmSync(directory, { recursive: true, force: true });
  });
  const spawnBot = (script: string, args: string[], settings: Record<string, string>) =>
    watchBot(
      spawn(process.execPath, [path.join(ROOT, 'src', script), ...args], {
        env: { ...environment, ...settings },
      }),
    );
  const place: Place = {
    slack,
    claude,
    channel,
    user,
    directory,
    database,
    start: (settings = {}) => spawnBot('main.ts', [], settings),
    async run(script, args, settings = {}) {
      const { ended, lines, text } = spawnBot(script, args, settings);
      return { ...(await ended), text: text(), lines };
    },
    post: (text) => slack.post({ channel, user, text }),
    async type(text = '') {
      const answer = await slack.command({ command: '/classify-feedback', text, user, channel });
      if (!answer.acked) throw new Error(`the command was not answered: ${answer.error}`);
    },
    posts: () => slack.messages(channel).filter(({ bot_id }) => bot_id === slack.botId),
    reacted: () =>
      slack
        .messages(channel)
        .filter(({ reactions }) => reactions.some(({ users }) => users.includes(slack.botUserId))),
  };
  return place;
}

/** Ends the process with the test. @param child has pipes for what it says */
export function watchBot(child: ReturnType<typeof spawn>): Bot {
  const { stdout, stderr } = child;
  if (!stdout || !stderr) throw new Error('the bot was started without pipes');
  onTestFinished(() => void child.kill('SIGKILL'));
  const started = performance.now();
  const lines: LogLine[] = [];
  let text = '';
  const changes = new ChangeWatch();
  createInterface({ input: stdout }).on('line', (line) => {
    text += `${line}\n`;
    if (line.startsWith('{')) lines.push(JSON.parse(line) as LogLine);
    changes.notify();
  });
  let said = '';
  stderr.on('data', (chunk) => {
    said += String(chunk);
  });
  const ended = new Promise<{ code: number | null; said: string }>((resolve) =>
    child.on('close', (code) => resolve({ code, said })),
  );
  return {
    process: child,
    lines,
    text: () => text,
    age: () => performance.now() - started,
    ended,
    logged(message, times = 1) {
      const found = changes.waitFor(() => lines.filter(({ msg }) => msg === message)[times - 1], {
        // A start on a very busy machine; what failed in it is tried again after a minute.
        timeoutMs: 180_000,
        what: `"${message}"`,
      });
      const tooEarly = ended.then(({ code, said: words }) => {
        throw new Error(`ended with ${code} before it logged "${message}": ${words}`);
      });
      return Promise.race([found, tooEarly]) as Promise<LogLine>;
    },
  };
}

/** The outbox keys of posts, which are unique. */
export const keysOf = (posts: SimMessage[]): string[] =>
  posts.map(({ metadata }) => {
    const { event_payload } = metadata as { event_payload: { key: string } };
    return event_payload.key;
  });
