import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { settingsFor, startBot, stopBot } from './bot.ts';
import { nextMessage, percentile, startProcess } from './processes.ts';
import type { Order, Timing, Workspace } from './slack-process.ts';

const CLAIMS = 20;

/** Times a person's reaction until the card is updated, at Slack's own limits. */
export async function measureReacting() {
  const folder = await mkdtemp(path.join(tmpdir(), 'winnow-bench-'));
  const claude = await startProcess<{ url: string; apiKey: string }>('claude-process.ts');
  const slack = await startProcess<Workspace>('slack-process.ts', ['limited']);
  const { child: bot } = await startBot({
    ...settingsFor(slack.first, claude.first, path.join(folder, 'winnow.db')),
    NEEDS_SHOWN: String(CLAIMS),
  });
  const answer = nextMessage<Timing>(slack.child);
  slack.child.send({ kind: 'claims', messages: CLAIMS } satisfies Order);
  const { latenciesMs } = await answer;
  await stopBot(bot);
  slack.child.disconnect();
  claude.child.disconnect();
  await rm(folder, { recursive: true });
  return { p50Ms: percentile(latenciesMs, 50), p95Ms: percentile(latenciesMs, 95) };
}
