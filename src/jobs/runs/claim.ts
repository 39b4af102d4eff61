import {
  EXAMPLES_SHOWN,
  measureExamples,
  measurePrefix,
  measureThemes,
  THEMES_SHOWN,
} from '../../claude/prompt.ts';
import type { Tx } from '../../store/db/tables.ts';
import { countExamples } from '../../store/people/examples.ts';
import {
  claimMessages,
  deleteBatch,
  listBatches,
  measureBatch,
  openBatch,
  updateBatch,
} from '../../store/runs/batches.ts';
import { findOpenRun, type Run } from '../../store/runs/runs.ts';
import { readTaxonomy } from '../../store/runs/taxonomies.ts';
import { countThemes } from '../../store/themes/words.ts';
import type { Context } from '../context.ts';

/** Claude allows 100,000; an older specification says 10,000. */
const MAX_REQUESTS = 10_000;

/** Claude allows 256 MB. What is built and sent in one piece is in memory several times. */
const MAX_CHARACTERS = 2_500_000;

/** Messages to claim between two looks at the time. */
const ROWS_AT_ONCE = 50;

/**
 * Claims the pending messages of a channel into batches. After a crash the run continues claiming;
 * what it has claimed is in its requests.
 * @returns a function that claims the next few; false when nothing is left to claim
 */
export async function startClaiming(
  { db, clock, log }: Context,
  { id, channel, taxonomy_version, model }: Run,
): Promise<(tx: Tx) => Promise<boolean>> {
  const each =
    measurePrefix(await readTaxonomy(db, taxonomy_version), model) +
    measureExamples(await countExamples(db, channel, EXAMPLES_SHOWN)) +
    measureThemes(await countThemes(db, channel, THEMES_SHOWN));
  // A batch that a crash left half full is measured once; what is added from then on is counted.
  const left = (await listBatches(db, id)).find(({ stage }) => stage === 'filling');
  let filling: { id: number; messages: number; characters: number } | undefined = left && {
    id: left.id,
    ...(await measureBatch(db, left.id)),
  };
  return async (tx) => {
    const run = await findOpenRun(tx, channel);
    if (!run || run.canceled_by !== null) return false;
    const batch = filling ?? {
      id: (await openBatch(tx, id, clock.now())).id,
      messages: 0,
      characters: 0,
    };
    const claimed = await claimMessages(tx, run, batch.id, ROWS_AT_ONCE);
    const messages = batch.messages + claimed.messages;
    const characters = batch.characters + claimed.characters;
    if (messages === 0) await deleteBatch(tx, batch.id);
    const full =
      messages + ROWS_AT_ONCE > MAX_REQUESTS || characters + messages * each > MAX_CHARACTERS;
    if (messages > 0 && (claimed.messages === 0 || full)) {
      await updateBatch(tx, batch.id, { stage: 'ready' });
      log.info({ run: id, batch: batch.id, messages }, 'a batch is ready');
      filling = undefined;
    } else {
      filling = { id: batch.id, messages, characters };
    }
    return claimed.messages > 0;
  };
}
