import { onTestFinished } from 'vitest';
import type { IncomingMessage } from '../../src/core/intake/message.ts';
import { DEFAULT_EMOJI } from '../../src/core/people/acts.ts';
import { DEFAULT_TAXONOMY } from '../../src/core/runs/taxonomy.ts';
import type { Judgement } from '../../src/core/runs/verdict.ts';
import { applyVerdicts } from '../../src/jobs/people/apply-decision.ts';
import type { Db, Tx } from '../../src/store/db/tables.ts';
import { beginWriting } from '../../src/store/digest/stale.ts';
import { joinChannel } from '../../src/store/intake/channels.ts';
import { upsertMessage } from '../../src/store/intake/messages.ts';
import { type Batch, beginSubmission, openBatch } from '../../src/store/runs/batches.ts';
import { claimMessages } from '../../src/store/runs/claims.ts';
import { type Result, storeResults } from '../../src/store/runs/results.ts';
import { findOpenRun, openRun, type Run, type RunRequest } from '../../src/store/runs/runs.ts';
import { saveTaxonomy } from '../../src/store/runs/taxonomies.ts';
import { openFreshDatabase } from '../fresh-database.ts';

/** A fresh database with a channel that the bot is in, and short words for what happens to it. */

export const CHANNEL = 'C0FEEDBACK';
/** 2024-11-22T10:40:00Z, in ms: when the bot came. */
export const START = 1_732_272_000_000;
export const MODEL = 'claude-haiku-5-5';

/** The timestamp of the nth message: the bot was there from `ts(0)` on. */
export const ts = (n: number) => `${1_732_272_000 + n}.000000`;

export const incoming = (n: number, more: Partial<IncomingMessage> = {}): IncomingMessage => ({
  channel: CHANNEL,
  ts: ts(n),
  threadTs: null,
  author: 'U0ANA',
  reporter: `U0ANA${n}`,
  bot: null,
  authorName: null,
  text: `message ${n}`,
  editedTs: null,
  ...more,
});

const judgement = (more: Partial<Judgement> = {}): Judgement => ({
  category: 'bug',
  sentiment: 'neutral',
  urgency: 'low',
  gist: 'A gist',
  language: 'en',
  confidence: 0.9,
  runner_up: null,
  also: null,
  flagged: false,
  theme: null,
  ...more,
});

export const COST = { inputTokens: 100, outputTokens: 50, nanoUsd: 17_500 };

export const judged = (n: number, more: Partial<Judgement> = {}): Result => ({
  ts: ts(n),
  reading: { kind: 'judged', judgement: judgement(more) },
  cost: COST,
});

export const again = (n: number, reason: string, counts = true): Result => ({
  ts: ts(n),
  reading: { kind: 'again', reason, counts },
  cost: counts ? COST : null,
});

const DEFAULTS = {
  summarySchedule: '0 9 * * 1-5',
  classifySchedule: null,
  timeZone: 'UTC',
  taxonomy: DEFAULT_TAXONOMY,
  remindAfterMs: null,
  closeTheLoop: false,
  asTheyCome: false,
};

/** What settling works with. */
export const SETTING = {
  hosted: null,
  clock: { now: () => START, sleep: async () => {} },
  workspace: {
    id: 'T0TEAM',
    enterpriseId: null,
    orgInstall: false,
    url: 'https://team.slack.com/',
    self: { userId: 'U0BOT', botId: 'B0BOT' },
  },
  settings: {
    emoji: DEFAULT_EMOJI,
    model: 'claude-haiku-5-5',
    batchPollMs: 1000,
    expressUpToUsd: 0,
    monthlyBudgetUsd: null,
    summaryLatenessMs: 600_000,
    needsShown: 7,
    redact: true,
    retentionMs: null,
    unsureBelow: 0,
    feedbackChannels: [],
    defaults: DEFAULTS,
    ...DEFAULTS,
    taxonomyVersion: 1,
  },
};

export interface Scene {
  db: Db;
  commit<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  keep(n: number, more?: Partial<IncomingMessage>, now?: number): ReturnType<typeof upsertMessage>;
  message(n: number): Promise<MessageRow>;
  open(more?: Partial<RunRequest>, now?: number): Promise<Run>;
  /** Opens a run and claims all that is pending, as one batch that is submitted. */
  submit(more?: Partial<RunRequest>): Promise<{ run: Run; batch: Batch }>;
  take(of: { run: Run; batch: Batch }, results: Result[]): Promise<number>;
  close(run: Run): Promise<void>;
  /** Everything in the outbox, in the order in which it was written. */
  effects(): Promise<{ key: string; effect: unknown; priority: number }[]>;
}

type MessageRow = Awaited<ReturnType<typeof readMessage>>;

const readMessage = (db: Db, n: number) =>
  db
    .selectFrom('messages')
    .selectAll()
    .where('channel', '=', CHANNEL)
    .where('ts', '=', ts(n))
    .executeTakeFirstOrThrow();

export async function startScene(): Promise<Scene> {
  const db = await openFreshDatabase();
  onTestFinished(() => db.destroy());
  const commit: Scene['commit'] = (work) => db.transaction().execute(work);
  const taxonomyVersion = await saveTaxonomy(db, DEFAULT_TAXONOMY, START);
  await commit((tx) => joinChannel(tx, CHANNEL, { invitedBy: 'U0ANA', at: START }));

  const scene: Scene = {
    db,
    commit,
    keep: (n, more, now = START) => commit((tx) => upsertMessage(tx, incoming(n, more), now)),
    message: (n) => readMessage(db, n),
    async open(more = {}, now = START) {
      const request = {
        channel: CHANNEL,
        cause: 'command' as const,
        requestedBy: 'U0ANA',
        withDigest: true,
        taxonomyVersion,
        model: MODEL,
        lane: { lane: 'batch' as const, reason: 'half price' as const },
        dueAt: null,
        expected: { messages: 0, usd: 0 },
        ...more,
      };
      const run = await commit((tx) => openRun(tx, request, now));
      if (!run) throw new Error(`${request.channel} has an open run`);
      return run;
    },
    async submit(more) {
      const run = (await findOpenRun(db, CHANNEL)) ?? (await scene.open(more));
      const batch = await commit(async (tx) => {
        const opened = await openBatch(tx, run.id, 'batch', START);
        const chunk = { limit: 1_000, look: () => 0 };
        while ((await claimMessages(tx, run, opened.id, chunk)).messages > 0);
        await beginSubmission(tx, opened, START);
        return opened;
      });
      return { run, batch };
    },
    take: (of, results) =>
      commit(async (tx) => {
        const context = { ...of, taxonomy: DEFAULT_TAXONOMY };
        const { taken, judged } = await storeResults(tx, context, results, START);
        await applyVerdicts(tx, SETTING, CHANNEL, judged);
        return taken;
      }),
    async close(run) {
      await commit((tx) => beginWriting(tx, run, { end: true, publish: false }, START));
    },
    async effects() {
      const rows = await db.selectFrom('outbox').selectAll().orderBy('id').execute();
      return rows.map(({ key, effect, priority }) => ({
        key,
        effect: JSON.parse(effect),
        priority,
      }));
    },
  };
  return scene;
}
