import { decideReactions } from '../../core/delivery/effects.ts';
import type { Taxonomy } from '../../core/runs/taxonomy.ts';
import type { Cost, Judgement } from '../../core/runs/verdict.ts';
import type { Tx } from '../db/tables.ts';
import { addEffects } from '../delivery/outbox.ts';
import { listActedMessages } from '../people/acts.ts';
import { openFlags } from '../people/flags.ts';
import type { Batch } from './batches.ts';
import { markStale, type Run } from './runs.ts';

/** What came back for one message, read and priced. */
export interface Result {
  ts: string;
  reading:
    | { kind: 'judged'; judgement: Judgement }
    | { kind: 'again'; reason: string; counts: boolean };
  /** What it was billed, if it was. */
  cost: Cost | null;
}

/** After so many answers that were no good, a message is dead and the digest says so. */
export const MAX_TRIES = 3;

/**
 * Takes a chunk of results: verdicts, costs, the effects that follow, and what goes back to
 * pending. Results that were taken before, or that no request asked for, are passed over, so the
 * stream can be read again from its start after a cut or a crash.
 * @param flagEmoji the reaction on what needs a person
 * @returns how many results were taken now, and the new verdicts of messages that had one before or
 * that people have acted on: how they stand is for the caller to settle, in this transaction; how
 * many answers name a theme that was not offered: that is not taken, the verdict is
 */
export async function takeResults(
  tx: Tx,
  context: { run: Run; batch: Batch; taxonomy: Taxonomy; flagEmoji: string },
  results: Result[],
  now: number,
): Promise<{ taken: number; unsettled: { id: number; ts: string }[]; strayThemes: number }> {
  const { run, batch, taxonomy, flagEmoji } = context;
  const byTs = new Map(results.map((result) => [result.ts, result]));
  const requests = await tx
    .selectFrom('requests')
    .innerJoin('messages', (join) =>
      join
        .onRef('messages.channel', '=', 'requests.channel')
        .onRef('messages.ts', '=', 'requests.ts'),
    )
    .leftJoin('verdicts', 'verdicts.id', 'messages.verdict')
    .select([
      'requests.ts',
      'requests.revision',
      'requests.themes',
      'messages.revision as revisionNow',
      'messages.deleted_at',
      'messages.state',
      'messages.verdict as verdictBefore',
      'verdicts.revision as revisionBefore',
    ])
    .where('requests.batch', '=', batch.id)
    .where('requests.outcome', 'is', null)
    .where('requests.ts', 'in', [...byTs.keys()])
    .execute();

  const judged: Judged[] = [];
  const again = new Map<string, { reason: string; counts: boolean; ts: string[] }>();
  const discarded: string[] = [];
  const costs: Cost[] = [];
  let strayThemes = 0;
  for (const request of requests) {
    const { ts } = request;
    const result = byTs.get(ts);
    if (!result) continue;
    if (result.cost) costs.push(result.cost);
    if (request.deleted_at !== null) {
      discarded.push(ts);
    } else if (request.revision !== request.revisionNow) {
      // Edited meanwhile: the verdict is about a text that is no longer there.
      addTo(again, ts, { reason: 'edited while it was being judged', counts: false });
    } else if (result.reading.kind === 'judged') {
      const { revision, verdictBefore, state, revisionBefore } = request;
      const before =
        verdictBefore === null
          ? 'none'
          : state === 'judged' && revisionBefore === revision
            ? 'same text'
            : 'another text';
      const { judgement } = result.reading;
      const theme = isOffered(judgement.theme, request.themes) ? judgement.theme : null;
      if (theme !== judgement.theme) strayThemes++;
      judged.push({ ts, revision, before, judgement: { ...judgement, theme } });
    } else {
      addTo(again, ts, result.reading);
    }
  }

  await addCosts(tx, batch, costs);
  const unsettled = await keepVerdicts(tx, { run, taxonomy, flagEmoji }, judged, now);
  for (const { ts, ...why } of again.values()) await giveBack(tx, run, ts, why);
  await setOutcome(
    tx,
    batch,
    judged.map(({ ts }) => ts),
    'judged',
  );
  await setOutcome(tx, batch, discarded, 'deleted');
  for (const { ts, reason } of again.values()) await setOutcome(tx, batch, ts, reason);
  return { taken: requests.length, unsettled, strayThemes };
}

/** @param offered a list of ids, as JSON */
const isOffered = (theme: number | null, offered: string | null) =>
  theme === null || (offered !== null && (JSON.parse(offered) as number[]).includes(theme));

/** Whatever a batch will bring no result for any more goes back to pending. */
export async function giveBackUnanswered(
  tx: Tx,
  run: Run,
  batch: Batch,
  reason: string,
): Promise<number> {
  const rows = await tx
    .updateTable('requests')
    .set({ outcome: reason })
    .where('batch', '=', batch.id)
    .where('outcome', 'is', null)
    .returning('ts')
    .execute();
  const ts = rows.map((row) => row.ts);
  for (let start = 0; start < ts.length; start += 1000) {
    await giveBack(tx, run, ts.slice(start, start + 1000), { reason, counts: false });
  }
  return ts.length;
}

function addTo(
  again: Map<string, { reason: string; counts: boolean; ts: string[] }>,
  ts: string,
  { reason, counts }: { reason: string; counts: boolean },
) {
  const key = `${counts} ${reason}`;
  const group = again.get(key) ?? { reason, counts, ts: [] };
  group.ts.push(ts);
  again.set(key, group);
}

interface Judged {
  ts: string;
  revision: number;
  judgement: Judgement;
  /**
   * What the verdict that it has is about. One on the same text is replaced where it was told of; one
   * on another is news, for the next digest.
   */
  before: 'none' | 'same text' | 'another text';
}

async function keepVerdicts(
  tx: Tx,
  { run, taxonomy, flagEmoji }: { run: Run; taxonomy: Taxonomy; flagEmoji: string },
  judged: Judged[],
  now: number,
): Promise<{ id: number; ts: string }[]> {
  if (judged.length === 0) return [];
  const emojiOf = new Map(taxonomy.categories.map(({ key, emoji }) => [key, emoji ?? null]));
  const rows = await tx
    .insertInto('verdicts')
    .values(
      judged.map(({ ts, revision, judgement }) => ({
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
        flagged: judgement.flagged ? 1 : 0,
        model: run.model,
        created_at: now,
        person: null,
        theme: judgement.theme,
      })),
    )
    .returning(['id', 'ts', 'emoji', 'flagged'])
    .execute();

  const acted = await listActedMessages(
    tx,
    run.channel,
    rows.map(({ ts }) => ts),
  );
  for (const { ts, before } of judged) if (before !== 'none') acted.add(ts);
  const inPlace = new Set(judged.flatMap(({ ts, before }) => (before === 'same text' ? ts : [])));
  // Nearly all: nothing stands against Claude's verdict.
  const [unsettled, settled] = [
    rows.filter(({ ts }) => acted.has(ts)),
    rows.filter(({ ts }) => !acted.has(ts)),
  ];
  await countVerdicts(tx, settled);
  await takeFromDigests(
    tx,
    run.channel,
    [...acted].filter((ts) => !inPlace.has(ts)),
    now,
  );
  const flagged = settled.filter((row) => row.flagged === 1);
  await openFlags(
    tx,
    run.channel,
    flagged.map(({ ts }) => ts),
    now,
  );
  const reactions = (row: (typeof rows)[number], cause: string, after: string | null) =>
    decideReactions({
      channel: run.channel,
      ts: row.ts,
      cause,
      before: null,
      after,
      flagged: row.flagged === 1,
    });
  await addEffects(
    tx,
    [
      ...flagged.flatMap((row) => reactions(row, `flag-v${row.id}`, flagEmoji)),
      ...settled.flatMap((row) => reactions(row, `v${row.id}`, row.emoji)),
    ],
    now,
  );
  return unsettled;
}

/** Judged anew, they are for the next digest; those that have told of them tell it no more. */
async function takeFromDigests(tx: Tx, channel: string, ts: string[], now: number): Promise<void> {
  if (ts.length === 0) return;
  const messages = tx.selectFrom('messages').where('channel', '=', channel).where('ts', 'in', ts);
  const told = await messages.select('digest').distinct().where('digest', 'is not', null).execute();
  for (const { digest } of told) if (digest !== null) await markStale(tx, digest, now);
  await tx
    .updateTable('messages')
    .set({ state: 'judged', trouble: null, digest: null })
    .where('channel', '=', channel)
    .where('ts', 'in', ts)
    .execute();
}

/** These verdicts are what counts for their messages. */
async function countVerdicts(tx: Tx, verdicts: { id: number }[]): Promise<void> {
  if (verdicts.length === 0) return;
  await tx
    .updateTable('messages')
    .from('verdicts')
    .set((eb) => ({
      state: 'judged',
      verdict: eb.ref('verdicts.id'),
      trouble: null,
      digest: null,
    }))
    .whereRef('messages.channel', '=', 'verdicts.channel')
    .whereRef('messages.ts', '=', 'verdicts.ts')
    .where(
      'verdicts.id',
      'in',
      verdicts.map(({ id }) => id),
    )
    .execute();
}

/** With the results that they are for, so that reading a stream again adds nothing. */
async function addCosts(tx: Tx, batch: Batch, costs: Cost[]): Promise<void> {
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
    }))
    .where('id', '=', batch.id)
    .execute();
}

/**
 * No good answer: it is pending again, or dead after too many tries. One that was to be judged again
 * keeps the verdict that it has, and is tried again likewise, unless somebody has canceled the run.
 */
async function giveBack(
  tx: Tx,
  { channel, canceled_by: canceled }: Run,
  ts: string[],
  { reason, counts }: { reason: string; counts: boolean },
): Promise<void> {
  const messages = tx.updateTable('messages').where('channel', '=', channel).where('ts', 'in', ts);
  await messages
    .set((eb) => ({
      tries: counts ? eb('tries', '+', 1) : eb.ref('tries'),
      state: counts
        ? eb
            .case()
            .when('tries', '>=', MAX_TRIES - 1)
            .then(eb.val('dead' as const))
            .else(eb.val('pending' as const))
            .end()
        : eb.val('pending' as const),
      digest: null,
      trouble: reason,
    }))
    .where('state', '!=', 'judged')
    .execute();
  if (canceled !== null) return;
  await messages
    .set((eb) => ({
      tries: counts ? eb('tries', '+', 1) : eb.ref('tries'),
      again: counts
        ? eb
            .case()
            .when('tries', '>=', MAX_TRIES - 1)
            .then(eb.lit(0))
            .else(eb.lit(1))
            .end()
        : eb.lit(1),
    }))
    .where('state', '=', 'judged')
    .execute();
}

async function setOutcome(tx: Tx, batch: Batch, ts: string[], outcome: string): Promise<void> {
  if (ts.length === 0) return;
  await tx
    .updateTable('requests')
    .set({ outcome })
    .where('batch', '=', batch.id)
    .where('ts', 'in', ts)
    .execute();
}
