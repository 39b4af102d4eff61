import { isWordless } from '../../core/intake/wordless.ts';
import type { MessageFacts } from '../../core/people/decide.ts';
import { type Answer, decideOutcome } from '../../core/runs/outcome.ts';
import type { Taxonomy } from '../../core/runs/taxonomy.ts';
import type { Cost, Judgement, Verdict } from '../../core/runs/verdict.ts';
import type { Tx } from '../db/tables.ts';
import { listWithReplies } from '../intake/replies.ts';
import { readFacts } from '../people/facts.ts';
import type { Batch } from './batches.ts';
import { CANCELED, giveBack, isEdited, type Retry } from './give-back.ts';
import { isHurried, type Run } from './runs.ts';
import { addVerdicts } from './verdicts.ts';

/** The result for one message, parsed and priced. */
export interface Result {
  ts: string;
  reading: Answer;
  /** What it was billed, if anything. */
  cost: Cost | null;
}

/** A message with a new verdict by Claude that has not been applied yet. */
export type JudgedFacts = MessageFacts & { claude: Verdict };

interface Judged {
  facts: MessageFacts;
  revision: number;
  judgement: Judgement;
  /** What has answered, as it names itself. */
  model: string;
}

/**
 * Stores a chunk of results: verdicts, costs, and what goes back to pending. Results that are
 * stored already or that no request asked for are skipped, so after a cut or a crash the stream can
 * be read again from its start.
 * @returns how many results were stored; the messages with a new verdict, which the caller applies
 * in this transaction; how many answers name a theme that was not offered; how many messages of a
 * hurried run Claude has not come to, which keep their requests for the express lane
 */
export async function storeResults(
  tx: Tx,
  { run, batch, taxonomy }: { run: Run; batch: Batch; taxonomy: Taxonomy },
  results: Result[],
  now: number,
): Promise<{ taken: number; judged: JudgedFacts[]; strayThemes: number; unasked: number }> {
  const resultOf = new Map(results.map((result) => [result.ts, result]));
  const known = await findRequests(tx, batch, [...resultOf.keys()]);
  const requests = known.filter(({ outcome }) => outcome === null);
  const messages = await readFacts(
    tx,
    run.channel,
    requests.map(({ ts }) => ts),
  );
  const factsOf = new Map(messages.map((message) => [message.ts, message]));

  const silent = await findSilent(tx, run.channel, messages);
  const isNoise = (category: string) =>
    taxonomy.categories.some(({ key, emoji }) => key === category && !emoji);

  const judgements: Judged[] = [];
  const retries: Retry[] = [];
  const outcomes: { batch: number; ts: string; outcome: string }[] = [];
  const seconds = findSecondBills(known, batch, resultOf);
  const costs = seconds.map(({ cost }) => cost);
  const paidTwice = seconds.filter(({ outcome }) => outcome !== CANCELED).length;
  let strayThemes = 0;
  let unasked = 0;
  for (const { batch: asked, ts, revision, themes } of requests) {
    const result = resultOf.get(ts);
    const facts = factsOf.get(ts);
    if (!result || !facts) continue;
    if (result.cost) costs.push(result.cost);
    if (result.reading.kind === 'again') {
      // The other lane asks for it now, or will; only a good answer spares that.
      if (asked !== batch.id) continue;
      if (result.reading.unasked && isHurried(run)) {
        unasked++;
        continue;
      }
    }
    const request = { revision, themes: themes === null ? [] : JSON.parse(themes) };
    const message = { ...facts, silent: silent.has(ts) };
    const outcome = decideOutcome(result.reading, request, message, isNoise);
    outcomes.push({
      batch: asked,
      ts,
      outcome: outcome.kind === 'again' ? outcome.reason : outcome.kind,
    });
    switch (outcome.kind) {
      case 'judged':
        if (outcome.strayTheme) strayThemes++;
        judgements.push({
          facts,
          revision,
          judgement: outcome.judgement,
          model: nameModel(result.reading) ?? run.model,
        });
        break;
      case 'again':
        retries.push({ message: { ...facts, edited: isEdited(facts) }, ...outcome });
        break;
      case 'deleted':
        break;
      default:
        outcome satisfies never;
    }
  }

  await addCosts(tx, batch, costs, paidTwice);
  const judged = await addClaudesVerdicts(tx, run, taxonomy, judgements, now);
  await giveBack(tx, run, retries, now);
  await setOutcomes(tx, outcomes);
  await settleMoves(tx, batch, known);
  return { taken: outcomes.length, judged, strayThemes, unasked };
}

interface Request {
  /** The batch that it is in now. */
  batch: number;
  ts: string;
  revision: number;
  themes: string | null;
  outcome: string | null;
  moved_from: number | null;
}

/** The requests that these results of a batch answer, also those that were taken from it meanwhile. */
async function findRequests(tx: Tx, batch: Batch, ts: string[]): Promise<Request[]> {
  const requests = await tx
    .selectFrom('requests')
    .select(['batch', 'ts', 'revision', 'themes', 'outcome', 'moved_from'])
    .where((eb) => eb.or([eb('batch', '=', batch.id), eb('moved_from', '=', batch.id)]))
    .where('ts', 'in', ts)
    .execute();
  // SQLite takes twice as long for the whole statement if it sorts them.
  return requests.sort((one, other) => one.batch - other.batch || (one.ts < other.ts ? -1 : 1));
}

/** What was billed for requests that have an outcome: the other lane has answered them, or its run was canceled. */
function findSecondBills(
  requests: Request[],
  batch: Batch,
  resultOf: Map<string, Result>,
): { cost: Cost; outcome: string | null }[] {
  return requests.flatMap(({ ts, outcome, moved_from }) => {
    // Results of a batch may be read again: that bills nothing.
    const second = outcome !== null && (moved_from === batch.id || batch.lane === 'express');
    const cost = second ? resultOf.get(ts)?.cost : undefined;
    return cost ? [{ cost, outcome }] : [];
  });
}

/** They are accounted for: reading the results again has to change nothing. */
async function settleMoves(tx: Tx, batch: Batch, requests: Request[]): Promise<void> {
  const moved = requests.flatMap(({ ts, moved_from }) => (moved_from === batch.id ? ts : []));
  if (moved.length === 0) return;
  await tx
    .updateTable('requests')
    .set((eb) => ({ moved_from: null, asks: eb('asks', '-', 1) }))
    .where('moved_from', '=', batch.id)
    .where('ts', 'in', moved)
    .execute();
}

const nameModel = (answer: Answer) => (answer.kind === 'judged' ? answer.model : undefined);

/** The pictures without words in whose threads nobody has said anything. */
async function findSilent(tx: Tx, channel: string, messages: MessageFacts[]): Promise<Set<string>> {
  const wordless = messages.flatMap(({ ts, text }) => (isWordless(text) ? ts : []));
  const talked = await listWithReplies(tx, channel, wordless);
  return new Set(wordless.filter((ts) => !talked.has(ts)));
}

async function addClaudesVerdicts(
  tx: Tx,
  run: Run,
  taxonomy: Taxonomy,
  judgements: Judged[],
  now: number,
): Promise<JudgedFacts[]> {
  const emojiOf = new Map(taxonomy.categories.map(({ key, emoji }) => [key, emoji ?? null]));
  const verdicts = judgements.map(({ facts: { ts }, revision, judgement, model }) => ({
    channel: run.channel,
    ts,
    revision,
    run: run.id,
    taxonomy_version: run.taxonomy_version,
    category: judgement.category,
    emoji: emojiOf.get(judgement.category) ?? null,
    sentiment: judgement.sentiment,
    urgency: judgement.urgency,
    gist: judgement.gist,
    language: judgement.language,
    confidence: judgement.confidence,
    runner_up: judgement.runner_up,
    also: judgement.also,
    flagged: judgement.flagged ? 1 : 0,
    model,
    created_at: now,
    person: null,
    theme: judgement.theme,
  }));
  const ids = await addVerdicts(tx, verdicts);
  const claudes = new Map(verdicts.map((verdict) => [verdict.ts, verdict]));
  return judgements.flatMap(({ facts }) => {
    const [id, claude] = [ids.get(facts.ts), claudes.get(facts.ts)];
    return id === undefined || !claude ? [] : { ...facts, claude: { id, ...claude } };
  });
}

/** Inserted with their results, so that reading a stream again adds nothing. */
async function addCosts(tx: Tx, batch: Batch, costs: Cost[], paidTwice: number): Promise<void> {
  if (costs.length === 0) return;
  const sum = costs.reduce((one, other) => ({
    inputTokens: one.inputTokens + other.inputTokens,
    outputTokens: one.outputTokens + other.outputTokens,
    nanoUsd: one.nanoUsd === null || other.nanoUsd === null ? null : one.nanoUsd + other.nanoUsd,
  }));
  await tx
    .updateTable('batches')
    .set((eb) => ({
      input_tokens: eb('input_tokens', '+', sum.inputTokens),
      output_tokens: eb('output_tokens', '+', sum.outputTokens),
      // Unknown plus anything is unknown.
      nano_usd: eb('nano_usd', '+', sum.nanoUsd),
      paid_twice: eb('paid_twice', '+', paidTwice),
    }))
    .where('id', '=', batch.id)
    .execute();
}

async function setOutcomes(
  tx: Tx,
  outcomes: { batch: number; ts: string; outcome: string }[],
): Promise<void> {
  const groups = Map.groupBy(outcomes, ({ batch, outcome }) => `${batch} ${outcome}`);
  for (const requests of groups.values()) {
    const [{ batch, outcome } = { batch: 0, outcome: '' }] = requests;
    await tx
      .updateTable('requests')
      .set({ outcome })
      .where('batch', '=', batch)
      .where(
        'ts',
        'in',
        requests.map(({ ts }) => ts),
      )
      .execute();
  }
}
