import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDatabase } from '../src/store/db/open.ts';
import { settingsFor, startBot, stopBot } from './bot.ts';
import { controlClaude } from './control-claude.ts';
import { fillDatabase } from './fill.ts';
import { nextMessage, percentile, startProcess } from './processes.ts';
import type { Order, Timing, Workspace } from './slack-process.ts';

/** How long people wait for the answer to a command while the bot collects `rows` results. */
export async function measureCommand(rows: number) {
  const folder = await mkdtemp(path.join(tmpdir(), 'winnow-bench-'));
  const file = path.join(folder, 'winnow.db');
  const db = await openDatabase(file);
  await fillDatabase(db, rows);
  await db.destroy();

  const claude = await startProcess<{ url: string; apiKey: string }>('claude-process.ts');
  const slack = await startProcess<Workspace>('slack-process.ts');
  const order = (what: Order) => {
    const answer = nextMessage<Timing>(slack.child);
    slack.child.send(what);
    return answer;
  };
  const { child: bot } = await startBot(settingsFor(slack.first, claude.first, file));
  const stand = controlClaude(claude.first.url);
  await stand.hold(true);
  await order({ kind: 'run' });
  await stand.untilSubmitted(rows);
  await stand.hold(false);
  await stand.untilEnded();

  const asked = order({ kind: 'ask on' });
  await untilJudged(file, rows);
  slack.child.send({ kind: 'stop asking' } satisfies Order);
  const { latenciesMs } = await asked;

  await stopBot(bot);
  slack.child.disconnect();
  claude.child.disconnect();
  await rm(folder, { recursive: true });
  return { p50Ms: percentile(latenciesMs, 50), p99Ms: percentile(latenciesMs, 99) };
}

/** Reads the bot's database; readers do not block it. */
async function untilJudged(file: string, rows: number): Promise<void> {
  const { default: Sqlite } = await import('better-sqlite3');
  const reader = new Sqlite(file, { readonly: true });
  const left = reader.prepare('select count(*) as n from requests where outcome is not null');
  while ((left.get() as { n: number }).n < rows) {
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  reader.close();
}
