import type { BatchRequest } from '../../../claude/outgoing.ts';
import { cacheTtl } from '../../../claude/pricing.ts';
import {
  buildRequests,
  EXAMPLES_SHOWN,
  REPLIES_SHOWN,
  THEMES_SHOWN,
} from '../../../claude/prompt.ts';
import { listSecondCategories } from '../../../core/runs/also.ts';
import type { Taxonomy } from '../../../core/runs/taxonomy.ts';
import { toPlainText } from '../../../core/text.ts';
import type { Db, Tx } from '../../../store/db/tables.ts';
import { readNames } from '../../../store/intake/users.ts';
import {
  countExamples,
  type Example,
  findExamples,
  recordExamples,
} from '../../../store/people/examples.ts';
import type { Batch } from '../../../store/runs/batches.ts';
import {
  countSharing,
  type RequestedMessage,
  readRequestedMessages,
  readThreadContext,
} from '../../../store/runs/requested.ts';
import type { Run } from '../../../store/runs/runs.ts';
import { readTaxonomy } from '../../../store/runs/taxonomies.ts';
import { readTakenOut, recordOfferedThemes } from '../../../store/themes/themes.ts';
import { countThemes, findThemes, type ThemeTitle } from '../../../store/themes/words.ts';
import type { Context } from '../../context.ts';
import { createPause } from '../../slices.ts';

/** What Claude is shown of messages: the same in both lanes. */

export interface Shown {
  taxonomy: Taxonomy;
  /** By ts; none: no entry. */
  examples: Map<string, Example[]>;
  themes: Map<string, ThemeTitle[]>;
}

/**
 * Looks up what is shown with each message. It runs before the transaction and message by message,
 * because in a channel with thousands of examples each takes some ms.
 * @param only none but these messages of the batch
 */
export async function lookUpShown(
  context: Context,
  run: Run,
  batch: Batch,
  only?: string[],
): Promise<Shown> {
  const taxonomy = await readTaxonomy(context.db, run.taxonomy_version);
  const messages = await readRequestedMessages(context.db, batch.id, only);
  return {
    taxonomy,
    examples: await lookUpExamples(context, run, messages, taxonomy),
    themes: await lookUpThemes(context, run, messages),
  };
}

/** The examples of messages of a channel, as far as a taxonomy has their categories; by ts. */
export async function lookUpExamples(
  { db }: { db: Db | Tx },
  { channel }: Pick<Run, 'channel'>,
  messages: Pick<RequestedMessage, 'ts' | 'text'>[],
  taxonomy: Taxonomy,
): Promise<Map<string, Example[]>> {
  const found = new Map<string, Example[]>();
  const pause = createPause();
  if ((await countExamples(db, channel, 1)) === 0) return found;
  // An example may be of categories that no longer exist.
  const known = new Set(taxonomy.categories.map(({ key }) => key));
  const second = new Set(listSecondCategories(taxonomy).map(({ key }) => key));
  for (const { ts, text: raw } of messages) {
    // Mentioning the same person does not make messages similar.
    const text = toPlainText(raw, () => '');
    const examples = await findExamples(db, { channel, ts, text }, EXAMPLES_SHOWN);
    const fitting = examples
      .filter(({ category }) => known.has(category))
      .map(({ also, ...rest }) => ({ ...rest, also: also && second.has(also) ? also : null }));
    if (fitting.length > 0) found.set(ts, fitting);
    await pause();
  }
  return found;
}

async function lookUpThemes(
  { db }: Context,
  { channel }: Run,
  messages: RequestedMessage[],
): Promise<Map<string, ThemeTitle[]>> {
  const found = new Map<string, ThemeTitle[]>();
  const pause = createPause();
  if ((await countThemes(db, channel, 1)) === 0) return found;
  const barred = await readTakenOut(
    db,
    channel,
    messages.map(({ ts }) => ts),
  );
  for (const { ts, text: raw } of messages) {
    const text = toPlainText(raw, () => '');
    const themes = await findThemes(db, { channel, text, barred: barred.get(ts) }, THEMES_SHOWN);
    if (themes.length > 0) found.set(ts, themes);
    await pause();
  }
  return found;
}

/** The mark pays off from a few requests on: more need not be counted. */
const SHARING_AT_MOST = 100;

/**
 * Records what is shown, in the transaction that says that it is being sent, and builds the requests
 * in the order of their messages.
 */
export async function prepareRequests(
  { settings: privacy }: Pick<Context, 'settings'>,
  tx: Tx,
  { run, batch }: { run: Run; batch: Batch },
  { taxonomy, examples, themes }: Shown,
  only?: string[],
): Promise<BatchRequest[]> {
  const pause = createPause();
  await recordExamples(tx, batch.id, examples, { only, pause });
  await recordOfferedThemes(tx, batch.id, themes, { only, pause });
  const messages = await readRequestedMessages(tx, batch.id, only);
  const threads = await readThreadContext(tx, batch.id, REPLIES_SHOWN, only);
  const prompts = messages.map(({ ts, text }) => ({
    channel: run.channel,
    ts,
    run: run.id,
    text,
    replies: threads.get(ts) ?? [],
    examples: examples.get(ts) ?? [],
    themes: themes.get(ts) ?? [],
  }));
  const nameOf = await readNames(tx);
  // Batches of a run are made together; express batches may be hours apart.
  const together = batch.lane === 'batch' ? { run: run.id, lane: batch.lane } : { batch: batch.id };
  const sharing = await countSharing(tx, together, SHARING_AT_MOST);
  const ttl = cacheTtl(sharing, batch.lane);
  return buildRequests(prompts, { taxonomy, model: run.model, ttl, nameOf, privacy, pause });
}
