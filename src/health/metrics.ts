import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Clock } from '../core/clock.ts';
import type { DatabasePlace } from '../core/database-place.ts';
import { readSizes } from '../store/db/size.ts';
import type { Db } from '../store/db/tables.ts';
import { readHealthFacts } from '../store/health/facts.ts';
import type { WorkspaceFigures } from './figures.ts';

/**
 * What an operator watches, in Prometheus's form. The counters of calls are those of this process; what the
 * database knows is read at each scrape.
 */

/** Seconds; Slack and Claude answer within these, or not at all. */
const BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Gauges that are named like counters, which `promtool check metrics` refuses. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** One call to Slack or to Claude. */
interface Call {
  service: 'slack' | 'claude';
  /** Such as `chat.postMessage` or `batches.create`. */
  method: string;
  /** `ok`, `refused`, `limited` (429), `unsent`, `unclear`. */
  outcome: string;
  ms: number;
}

/** The figures of a process that works for many workspaces. */
export interface WorkspaceCounts {
  /** Those that this process works for. */
  running: number;
  /** Those that it has, and could not start yet. */
  starting: number;
  /** What Slack sent for workspaces, of any process, and nobody has handled yet; null: the database does not say. */
  envelopes: number | null;
  /** Of each that this process has. */
  teams: TeamFigures[];
}

export interface TeamFigures {
  team: string;
  /** It could not be started, or Slack or Claude refuses it. */
  isFailing: boolean;
  /** Undefined until they are known. */
  figures: WorkspaceFigures | undefined;
}

export interface Metrics {
  recordCall(call: Call): void;
  /** From now on it is counted which workspaces this process has. */
  watchWorkspaces(count: () => Promise<WorkspaceCounts>): void;
  /** From now on the figures of this database are read as well. */
  watchDatabase(db: Db, place: DatabasePlace): void;
  /** The figures of now. */
  render(): Promise<string>;
  contentType: string;
}

export function createMetrics(clock: Clock): Metrics {
  const register = new Registry();
  const registers = [register];
  collectDefaultMetrics({ register });
  for (const name of MISNAMED) register.removeSingleMetric(name);

  const calls = new Histogram({
    name: 'winnow_call_duration_seconds',
    help: 'Calls to Slack and Claude: how long they took, by method and outcome.',
    labelNames: ['service', 'method', 'outcome'],
    buckets: BUCKETS,
    registers,
  });
  const limited = new Counter({
    name: 'winnow_rate_limited_total',
    help: 'Calls that Slack or Claude answered with 429.',
    labelNames: ['service', 'method'],
    registers,
  });
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name, help, labelNames, registers });
  const total = (name: string, help: string, labelNames: string[] = []) =>
    new Counter({ name, help, labelNames, registers });

  const messages = gauge('winnow_messages', 'Messages without a verdict, by state.', ['state']);
  const verdicts = total('winnow_verdicts_total', 'Verdicts that were ever made.');
  const openRuns = gauge('winnow_open_runs', 'Runs that have not ended, by lane.', ['lane']);
  const runAge = gauge(
    'winnow_oldest_open_run_age_seconds',
    'The age of the oldest open run that is not live.',
  );
  const troubled = gauge('winnow_runs_in_trouble', 'Open runs that cannot go on, by cause.', [
    'cause',
  ]);
  const effects = gauge('winnow_outbox_effects', 'Effects that wait to be delivered, by lane.', [
    'lane',
  ]);
  const effectAge = gauge(
    'winnow_outbox_oldest_effect_age_seconds',
    'The age of the oldest effect that waits, by lane.',
    ['lane'],
  );
  const dead = gauge('winnow_outbox_dead_effects', 'Effects that Slack refused for good.');
  const holds = gauge(
    'winnow_holds',
    'What Slack does not allow until a person changes something.',
  );
  const tokens = total('winnow_claude_tokens_total', 'Tokens that Claude has billed.', [
    'direction',
  ]);
  const dollars = total('winnow_claude_cost_usd_total', 'US dollars that Claude has billed.');
  const size = gauge('winnow_database_bytes', 'The size of the database and its write-ahead log.', [
    'file',
  ]);

  const workspaces = gauge(
    'winnow_workspaces',
    'Workspaces of a process that works for many, by state.',
    ['state'],
  );
  const envelopes = gauge(
    'winnow_inbox_envelopes',
    'What Slack has sent for one of many workspaces, and no process has handled yet.',
  );
  const ofTeam = (name: string, help: string) => gauge(`winnow_workspace_${name}`, help, ['team']);
  const spent = ofTeam(
    'spent_dollars',
    'US dollars that Claude has billed to a workspace this month.',
  );
  const budgets = ofTeam(
    'budget_dollars',
    'US dollars that a workspace may spend this month. There is none without a limit.',
  );
  const pending = ofTeam('pending', 'Messages of a workspace that are to be classified.');
  const failing = ofTeam(
    'failing',
    'Whether a workspace could not be started, or Slack or Claude refuses it.',
  );

  const showTeams = (teams: readonly TeamFigures[]) => {
    // Others may have left.
    for (const metric of [spent, budgets, pending, failing]) metric.reset();
    for (const { team, isFailing, figures } of teams) {
      failing.set({ team }, Number(isFailing));
      if (!figures) continue;
      pending.set({ team }, figures.pending);
      if (figures.spentUsd !== null) spent.set({ team }, figures.spentUsd);
      if (figures.budgetUsd !== null) budgets.set({ team }, figures.budgetUsd);
    }
  };
  const read = async ({ db, place }: { db: Db; place: DatabasePlace }) => {
    const now = clock.now();
    const facts = await readHealthFacts(db);
    for (const metric of [verdicts, openRuns, troubled, effects, effectAge, tokens, dollars])
      metric.reset();
    for (const [state, number] of Object.entries(facts.messages)) messages.set({ state }, number);
    verdicts.inc(facts.verdicts);
    for (const lane of ['batch', 'express']) openRuns.set({ lane }, 0);
    for (const { lane, trouble } of facts.openRuns) {
      openRuns.inc({ lane });
      if (trouble) troubled.inc({ cause: trouble });
    }
    const begun = facts.openRuns.filter(({ cause }) => cause !== 'live');
    runAge.set(
      ageOf(
        now,
        begun.map(({ createdAt }) => createdAt),
      ),
    );
    for (const { lane, effects: number, oldestAt } of facts.lanes) {
      effects.set({ lane }, number);
      effectAge.set({ lane }, ageOf(now, [oldestAt]));
    }
    dead.set(facts.deadEffects);
    holds.set(facts.holds);
    tokens.inc({ direction: 'input' }, facts.billed.inputTokens);
    tokens.inc({ direction: 'output' }, facts.billed.outputTokens);
    dollars.inc(facts.billed.nanoUsd / 1e9);
    for (const [file, bytes] of Object.entries(await readSizes(db, place)))
      size.set({ file }, bytes);
  };

  let count: (() => Promise<WorkspaceCounts>) | undefined;
  let watched: { db: Db; place: DatabasePlace } | undefined;
  return {
    watchWorkspaces(counting) {
      count = counting;
    },
    watchDatabase(db, place) {
      watched = { db, place };
    },
    recordCall({ service, method, outcome, ms }) {
      calls.observe({ service, method, outcome }, ms / 1000);
      if (outcome === 'limited') limited.inc({ service, method });
    },
    async render() {
      if (watched) await read(watched);
      if (count) {
        const { running, starting, envelopes: waiting, teams } = await count();
        showTeams(teams);
        workspaces.set({ state: 'running' }, running);
        workspaces.set({ state: 'starting' }, starting);
        if (waiting === null) envelopes.remove();
        else envelopes.set(waiting);
      }
      return register.metrics();
    },
    contentType: register.contentType,
  };
}

const ageOf = (now: number, times: number[]) =>
  times.length === 0 ? 0 : Math.max(0, now - Math.min(...times)) / 1000;
