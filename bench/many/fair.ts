import path from 'node:path';
import { systemClock } from '../../src/jobs/loop.ts';
import { openDatabase } from '../../src/store/db/open.ts';
import { openWorkspaceAlone } from '../../src/store/db/postgres/open.ts';
import type { Db } from '../../src/store/db/tables.ts';
import { quiet } from '../context.ts';
import { fillDatabase } from '../fill.ts';
import { percentile } from '../processes.ts';
import { type DatabaseServer, openWorld } from './world.ts';

/** How long people of other workspaces wait while one workspace has very many messages judged. */

const OTHERS = 20;

/** A database of many workspaces, seen by one who owns it. */
interface Place {
  url: string;
  /** While no bot runs. */
  withWorkspace(team: string, work: (db: Db) => Promise<void>): Promise<void>;
  countJudged(team: string): Promise<number>;
}

const COUNT = 'select count(*) as count from requests where outcome is not null';

export async function measureFairOnFiles(folder: string, rows: number) {
  const { default: Sqlite } = await import('better-sqlite3');
  const fileOf = (team: string) => path.join(folder, `${team}.db`);
  return measureFair(rows, {
    url: `sqlite:${folder}`,
    async withWorkspace(team, work) {
      const db = await openDatabase(fileOf(team));
      await work(db);
      await db.destroy();
    },
    async countJudged(team) {
      const reader = new Sqlite(fileOf(team), { readonly: true });
      const { count } = reader.prepare(COUNT).get() as { count: number };
      reader.close();
      return count;
    },
  });
}

export async function measureFairOnServer({ url, ask }: DatabaseServer, rows: number) {
  return measureFair(rows, {
    url,
    async withWorkspace(team, work) {
      await using begun = new AsyncDisposableStack();
      const onLost = () => {
        throw new Error('another process has the workspace');
      };
      const options = { takeOverMs: 10_000, clock: systemClock, log: quiet, onLost };
      const { db } = await openWorkspaceAlone(url, team, options, begun);
      await work(db);
    },
    // The others have nothing judged.
    countJudged: async () => Number((await ask<{ count: string }>(COUNT))[0]?.count),
  });
}

async function measureFair(rows: number, place: Place) {
  const world = await openWorld(place.url);
  const before = await world.start();
  const { first } = await world.order({ kind: 'install', workspaces: OTHERS + 1 });
  if (!first) throw new Error('no workspace has installed it');
  await world.order({ kind: 'reach all' });
  await world.stop(before);
  await place.withWorkspace(first.team, (db) => fillDatabase(db, rows, first.channel));
  await world.start();
  await world.order({ kind: 'reach all' });

  const asking = world.order({ kind: 'crowd' });
  while ((await place.countJudged(first.team)) < rows) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  world.tell({ kind: 'enough' });
  const { latenciesMs, elapsedMs } = await asking;
  await world.close();
  return {
    rows,
    p50Ms: percentile(latenciesMs, 50),
    p99Ms: percentile(latenciesMs, 99),
    judgedS: elapsedMs / 1_000,
  };
}
