import Sqlite from 'better-sqlite3';
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { type Stage, startWith } from '../harness.ts';
import { words } from '../people/stage.ts';

/**
 * The process dies right after a commit on the way to a planned summary, whose batch does not end in
 * time. Another process goes on from what is committed: the summary is there when it is due, and at
 * most the answers that were in flight are asked for again.
 */

const MINUTE_MS = 60_000;

/** The clock of a stage begins at ten on a Monday. */
const DUE = Date.parse('2026-11-23T14:00:00Z');

const TEXTS = Array.from({ length: 6 }, (_, n) => `The page ${n} is slow`);
const MEANWHILE = 'I love it';

/** What Claude has answered when the batch is canceled. */
const ANSWERED = 2;

const OF_RUN = (condition: string) =>
  `select 1 from runs where due_at is not null and ${condition}`;
const OF_BATCH = (condition: string) => `select 1 from batches where ${condition}`;
const OF_REQUEST = (condition: string) =>
  `select 1 from requests join batches on batches.id = batch where ${condition}`;

/** What is committed when it dies: the first commit with which the query finds something. */
type Death = [when: string, found: string];

const CANCELED: Death[] = [
  ['when the run is opened', OF_RUN(`stage = 'claiming'`)],
  ['when its messages are claimed', OF_BATCH(`stage = 'ready'`)],
  ['when the batch is to be sent', OF_BATCH(`stage = 'submitting'`)],
  ['when Claude has the batch', OF_BATCH(`stage = 'submitted'`)],
  ['when the run claims once more', OF_RUN(`stage = 'claiming' and finishing_at is not null`)],
  [
    'when what was posted meanwhile is claimed',
    OF_RUN(`finishing_at is not null and (select count(*) from requests) = ${TEXTS.length + 1}`),
  ],
  ['when it has claimed', OF_RUN(`stage = 'judging' and finishing_at is not null`)],
  ['when it begins to ask express', OF_BATCH(`stage = 'asking'`)],
  ['when an express call is about to begin', OF_REQUEST(`lane = 'express' and asks = 1`)],
  ['when an express answer is stored', OF_REQUEST(`lane = 'express' and outcome is not null`)],
  ['when Claude is asked to end the batch', OF_BATCH('cancel_asked = 1')],
  ['when the canceled batch has ended', OF_BATCH(`stage = 'ended'`)],
  ['when its answers are stored', OF_REQUEST(`lane = 'batch' and outcome is not null`)],
  ['when the rest is moved', OF_BATCH(`lane = 'batch' and stage = 'collected'`)],
  ['when all is answered', OF_RUN(`not exists (${OF_BATCH(`stage <> 'collected'`)})`)],
  ['when the summary is written', OF_RUN('ended_at is not null')],
];

const ABANDONED: Death[] = [
  ['when the batch is given up', OF_REQUEST('moved_from is not null')],
  ['when the summary is written without the batch', OF_RUN('ended_at is not null')],
  ['when the batch has ended after all', OF_BATCH(`stage = 'ended'`)],
  ['when its bill is counted', OF_BATCH('paid_twice > 0')],
  ['when it is collected', OF_BATCH(`lane = 'batch' and stage = 'collected'`)],
];

test.each(CANCELED)('%s', async (_when, found) => {
  const { stage, process } = await schedule(found);
  await process.until(DUE - 4.5 * MINUTE_MS);
  expect(stage.claude.batches()[0]?.status).toBe('canceling');
  stage.claude.holdBatches(false);
  await process.until(DUE);
  expectSummary(stage);
  await process.until(DUE + 2 * MINUTE_MS);
  await expectAtRest(stage);
  const left = [...TEXTS.slice(ANSWERED), MEANWHILE];
  expect(new Set(asked(stage))).toEqual(new Set(left));
  expectPaidTwice(stage, { again: asked(stage).length - left.length, lost: process.lost, late: 0 });
});

test.each(ABANDONED)('%s, with a batch that does not end', async (_when, found) => {
  const { stage, process } = await schedule(found);
  await process.until(DUE);
  expectSummary(stage);
  await process.until(DUE + 2 * MINUTE_MS);
  stage.claude.holdBatches(false);
  await process.until(DUE + 4 * MINUTE_MS);
  await expectAtRest(stage);
  const all = [...TEXTS, MEANWHILE];
  expect(new Set(asked(stage))).toEqual(new Set(all));
  const again = asked(stage).length - all.length;
  expectPaidTwice(stage, { again, lost: process.lost, late: ANSWERED });
});

/** Until ten minutes before it is due: Claude works at its batch, and something is posted meanwhile. */
async function schedule(found: string) {
  const process = watchProcess(found);
  const stage = await startWith(TEXTS, {
    onDisk: true,
    settings: { summarySchedule: '0 14 * * *', batchPollMs: MINUTE_MS },
  });
  process.letDie(stage);
  await stage.step();
  stage.clock.jump(DUE - 66 * MINUTE_MS - stage.clock.now());
  stage.claude.holdBatches(true);
  await process.until(DUE - 10 * MINUTE_MS);
  stage.claude.progressBatch(stage.claude.batches()[0]?.id ?? '', ANSWERED);
  stage.slack.post({ channel: stage.channel, user: stage.user, text: MEANWHILE });
  await stage.slack.idle();
  return { stage, process };
}

class Died extends Error {}

/**
 * Lets the process die once, right after the first commit with which the query finds something: from
 * then on its database neither reads nor writes. Statements are watched from the first one on.
 */
function watchProcess(found: string) {
  const dead = new WeakSet<Sqlite.Database>();
  let stage: Stage | undefined;
  let died = false;
  let lost = 0;
  const { prepare } = Sqlite.prototype;
  const find = (database: Sqlite.Database, query: string) =>
    prepare.call(database, query).pluck().all();
  Sqlite.prototype.prepare = function (this: Sqlite.Database, source: string) {
    const statement = prepare.call(this, source);
    const watch = <Result>(execute: (...values: unknown[]) => Result) => {
      return (...values: unknown[]): Result => {
        if (dead.has(this)) throw new Died('the process is dead');
        const result = execute.apply(statement, values);
        const commits = /^\s*commit/i.test(source) || !statement.readonly;
        if (!stage || died || !commits || this.inTransaction) return result;
        if (find(this, found).length === 0) return result;
        died = true;
        dead.add(this);
        lost = find(this, OF_REQUEST(`stage = 'asking' and asks > 0 and outcome is null`)).length;
        throw new Died(found);
      };
    };
    const { run, all, get } = statement as Sqlite.Statement<unknown[]>;
    return Object.assign(statement, { run: watch(run), all: watch(all), get: watch(get) });
  } as typeof prepare;
  onTestFinished(() => {
    Sqlite.prototype.prepare = prepare;
    expect(died).toBe(true);
  });

  return {
    letDie(mortal: Stage): void {
      stage = mortal;
    },
    /** Answers by Claude that were in flight when it died. */
    get lost() {
      return lost;
    },
    /** Lets the time go by until then, with all that comes of it. */
    async until(at: number): Promise<void> {
      while (stage) {
        try {
          const next = await stage.step();
          const now = stage.clock.now();
          if (now >= at) return;
          // Schedules and sweeps are looked at every minute; long before, every five will do for all
          // that is not due at once.
          const early = now < DUE - 10 * MINUTE_MS && next !== now;
          const wake = early ? now + 5 * MINUTE_MS : Math.min(now + MINUTE_MS, next ?? at);
          stage.clock.jump(Math.max(0, Math.min(at, wake) - now));
        } catch (error) {
          if (!(error instanceof Died)) throw error;
          await stage.restart();
          await stage.connect();
        }
      }
    },
  };
}

/** Calls for verdicts, not for groups, by what they ask about. */
const asked = ({ claude }: Stage) =>
  claude.asked.flatMap(({ messages }) => {
    const text = /<message>\\n(.*?)\\n<\/message>/.exec(JSON.stringify(messages))?.[1];
    return text === undefined ? [] : [text];
  });

const digests = (stage: Stage) =>
  stage.posts().filter(({ metadata }) => metadata?.event_type === 'winnow_digest');

function expectSummary(stage: Stage): void {
  expect(digests(stage)).toHaveLength(1);
  const [summary] = digests(stage);
  expect(words(summary?.blocks)).toContain(`${TEXTS.length + 1} messages`);
  expect(Number(summary?.ts) * 1000).toBeLessThanOrEqual(DUE);
}

async function expectAtRest(stage: Stage): Promise<void> {
  expectSummary(stage);
  expect(stage.claude.batches()).toHaveLength(1);
  const judged = sql<{ state: string; n: number }>`
    select state, count(*) as n from messages group by state`;
  expect(await stage.rows(judged)).toEqual([{ state: 'judged', n: TEXTS.length + 1 }]);
  expect(await stage.rows(sql.raw(OF_BATCH(`stage <> 'collected'`)))).toEqual([]);
  expect(await stage.rows(sql`select 1 from runs where ended_at is null`)).toEqual([]);
  expect(await stage.rows(sql`select 1 from runs`)).toHaveLength(1);
}

/**
 * The summary says of all answers that were paid twice that they may have been, and besides only of those
 * that were in flight.
 */
function expectPaidTwice(
  stage: Stage,
  { again, lost, late }: { again: number; lost: number; late: number },
): void {
  const said = /(\d+) answers? may have been paid twice/.exec(words(digests(stage)[0]?.blocks));
  const doubtful = Number(said?.[1] ?? 0);
  expect(again).toBeLessThanOrEqual(lost);
  expect(doubtful).toBeGreaterThanOrEqual(again + late);
  expect(doubtful).toBeLessThanOrEqual(lost + late);
}
