import { isDeepStrictEqual } from 'node:util';
import { estimateUsd } from '../../claude/pricing.ts';
import { EXAMPLES_SHOWN, measureExamples, measurePrefix, SHOWN } from '../../claude/prompt.ts';
import { type Budget, fitsBudget } from '../../core/runs/budget.ts';
import type { Taxonomy } from '../../core/runs/taxonomy.ts';
import { type Comparison, chooseSample, compareVerdicts } from '../../core/settings/rehearsal.ts';
import type { Settings } from '../../core/settings/settings.ts';
import type { ShownOffer } from '../../slack/blocks/settings/rehearsal.ts';
import type { Db, Tx } from '../../store/db/tables.ts';
import { measureMessages } from '../../store/intake/pending.ts';
import { ensureUser } from '../../store/intake/users.ts';
import { countExamples } from '../../store/people/examples.ts';
import { readTaxonomy } from '../../store/runs/taxonomies.ts';
import {
  addSample,
  listSampleCandidates,
  type SampledMessage,
} from '../../store/settings/rehearsal-verdicts.ts';
import {
  beginRehearsal,
  endRehearsal,
  findRehearsal,
  listOthersRehearsing,
  offerRehearsal,
  type Rehearsal,
} from '../../store/settings/rehearsals.ts';
import { readRehearsed, type ShownMessage } from '../../store/settings/rehearsed.ts';
import type { Context } from '../context.ts';
import { readBudget } from '../runs/price.ts';
import { createPause } from '../slices.ts';
import { readSettings, type Saved, saveSettings } from './in-force.ts';

/**
 * What a person does about a rehearsal: it is offered with its price, begun, and in the end adopted or
 * discarded. Who may do so is checked by the caller.
 */

/** The newest judged messages, which a sample is chosen from. */
const NEWEST = 1_000;

export interface Offered extends ShownOffer {
  kind: 'offered';
}

export type Offer =
  | Offered
  /** Nothing that changes what a message is judged as. */
  | { kind: 'unchanged' }
  /** The person is in no channel that has a judged message. */
  | { kind: 'nothing' }
  | { kind: 'over budget'; budget: Budget; messages: number; usd: number | null };

/**
 * Chooses the messages and stores them with what is to be tried. Nothing is asked of Claude yet.
 * @param channels those that the person may see: messages of others are not shown to them
 * @param shown the settings change that the person saw; 0 for none
 */
export async function prepareRehearsal(
  context: Context,
  {
    user,
    channels,
    content,
    shown,
  }: { user: string; channels: string[]; content: Settings; shown: number },
): Promise<Offer> {
  const { db, clock, settings } = context;
  const { taxonomyVersion, model, taxonomy } = settings;
  if (isDeepStrictEqual(content.taxonomy, taxonomy)) return { kind: 'unchanged' };
  const newest = { taxonomyVersion, limit: NEWEST };
  const sample = chooseSample(await listSampleCandidates(db, channels, newest));
  const messages = sample.length;
  if (messages === 0) return { kind: 'nothing' };
  const unknown = sample.filter(({ known }) => known === null);
  const usd = addUp([
    await price(db, model, sample, content.taxonomy),
    await price(db, model, unknown, taxonomy),
  ]);
  return db.transaction().execute(async (tx): Promise<Offer> => {
    const budget = await readBudget(tx, context);
    if (budget && !fitsBudget(budget, usd)) return { kind: 'over budget', budget, messages, usd };
    await ensureUser(tx, user);
    const wanted = { person: user, content, shown, taxonomyVersion, model, usd };
    const id = await offerRehearsal(tx, wanted, clock.now());
    await addSample(tx, id, sample);
    const corrected = sample.filter((one) => one.corrected).length;
    const others = await listOthersRehearsing(tx, user);
    return { kind: 'offered', id, messages, corrected, unknown: unknown.length, usd, others };
  });
}

const addUp = (prices: (number | null)[]): number | null =>
  prices.reduce<number | null>((sum, one) => (sum === null || one === null ? null : sum + one), 0);

/** About the most that it costs to judge these messages under a taxonomy, in US dollars. */
async function price(
  db: Db,
  model: string,
  sample: SampledMessage[],
  taxonomy: Taxonomy,
): Promise<number | null> {
  let characters = 0;
  for (const [channel, some] of Map.groupBy(sample, (one) => one.channel)) {
    const ts = some.map((one) => one.ts);
    characters += (await measureMessages(db, channel, ts, SHOWN, createPause())).characters;
    characters += ts.length * measureExamples(await countExamples(db, channel, EXAMPLES_SHOWN));
  }
  const prefixCharacters = measurePrefix(taxonomy, model);
  return sample.length === 0
    ? 0
    : estimateUsd(model, 'express', { messages: sample.length, characters, prefixCharacters });
}

export type Begun =
  | { kind: 'begun' }
  /** It is no longer offered: it was begun before, or another one was offered since. */
  | { kind: 'over' }
  | { kind: 'changed_meanwhile' }
  | { kind: 'over budget'; budget: Budget; usd: number | null };

/** The person has accepted the price. Their earlier rehearsal is discarded. */
export async function startRehearsal(
  context: Context,
  { user, id }: { user: string; id: number },
): Promise<Begun> {
  const { db, clock, log } = context;
  const begun = await db.transaction().execute(async (tx): Promise<Begun> => {
    const offered = await findTheirs(tx, user, id);
    if (offered?.stage !== 'offered') return { kind: 'over' };
    if (await isOutdated(tx, context, offered)) return { kind: 'changed_meanwhile' };
    const budget = await readBudget(tx, context);
    const usd = offered.expected_nano_usd === null ? null : offered.expected_nano_usd / 1e9;
    if (budget && !fitsBudget(budget, usd)) return { kind: 'over budget', budget, usd };
    await beginRehearsal(tx, id, clock.now());
    return { kind: 'begun' };
  });
  log.info({ rehearsal: id, user, begun: begun.kind }, 'somebody tries settings');
  return begun;
}

/** A rehearsal, if it is this person's: nobody else sees its messages. */
async function findTheirs(db: Db | Tx, user: string, id: number): Promise<Rehearsal | undefined> {
  const rehearsal = await findRehearsal(db, id);
  return rehearsal?.person === user ? rehearsal : undefined;
}

/** Whether somebody has saved other settings since the person opened the form. */
async function isOutdated(db: Db | Tx, context: Context, { shown }: Rehearsal): Promise<boolean> {
  const { change } = await readSettings(db, context);
  return (change?.id ?? 0) !== shown;
}

export interface RehearsalResult {
  comparison: Comparison;
  /** The messages that it compares, the newest first, without those that are gone. */
  messages: ShownMessage[];
  taxonomies: { before: Taxonomy; after: Taxonomy };
  /** What it has cost, in US dollars; null when that is not known. */
  usd: number | null;
  /** Whether somebody has saved other settings since. */
  outdated: boolean;
}

/**
 * What came of a rehearsal that is done.
 * @param channels those that the person may see now
 * @returns undefined when there is none, or it is not done or has ended
 */
export async function readRehearsalResult(
  context: Context,
  { user, id, channels }: { user: string; id: number; channels: string[] },
): Promise<RehearsalResult | undefined> {
  const { db } = context;
  const rehearsal = await findTheirs(db, user, id);
  if (rehearsal?.stage !== 'done' || rehearsal.content === null) return undefined;
  const seen = new Set(channels);
  const messages = (await readRehearsed(db, id)).filter(({ channel }) => seen.has(channel));
  const taxonomies = {
    before: await readTaxonomy(db, rehearsal.taxonomy_version),
    after: rehearsal.content.taxonomy,
  };
  return {
    comparison: compareVerdicts(messages, taxonomies),
    messages,
    taxonomies,
    usd: rehearsal.nano_usd === null ? null : rehearsal.nano_usd / 1e9,
    outdated: await isOutdated(db, context, rehearsal),
  };
}

/**
 * Saves what was tried, puts it in force and ends the rehearsal. If somebody else has changed the settings
 * meanwhile, nothing happens.
 */
export async function adoptRehearsal(
  context: Context,
  { user, id }: { user: string; id: number },
): Promise<Saved | { kind: 'over' }> {
  const { db, clock } = context;
  const rehearsal = await findTheirs(db, user, id);
  if (rehearsal?.stage !== 'done' || rehearsal.content === null) return { kind: 'over' };
  const { content, shown } = rehearsal;
  return saveSettings(context, { content, user, shown }, (tx) =>
    endRehearsal(tx, id, 'adopted', clock.now()),
  );
}

/** @returns false when it has ended before */
export async function discardRehearsal(
  { db, clock }: Context,
  { user, id }: { user: string; id: number },
): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const theirs = await findTheirs(tx, user, id);
    return theirs !== undefined && endRehearsal(tx, id, 'discarded', clock.now());
  });
}
