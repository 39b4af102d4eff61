import {
  EXAMPLES_SHOWN,
  measureExamples,
  measurePrefix,
  measureThemes,
  THEMES_SHOWN,
} from '../../claude/prompt.ts';
import { countExamples } from '../../store/people/examples.ts';
import {
  claimMessages,
  deleteBatch,
  listBatches,
  measureBatch,
  openBatch,
  updateBatch,
} from '../../store/runs/batches.ts';
import { findOpenRun } from '../../store/runs/runs.ts';
import { readTaxonomy } from '../../store/runs/taxonomies.ts';
import { countThemes } from '../../store/themes/words.ts';
import type { Context } from '../context.ts';

/** Claude allows 100,000; an older specification says 10,000. */
const MAX_REQUESTS = 10_000;

/** Claude allows 256 MB. What is built and sent in one piece is held in memory several times over. */
const MAX_CHARACTERS = 2_000_000;

/** Small transactions: nobody waits for a claim of a hundred thousand messages. */
const CHUNK = 500;

/**
 * Claims the next chunk of pending messages into the batch that is being filled. A crash between
 * chunks leaves a run that goes on claiming; what it has claimed is in its requests.
 * @returns false when nothing is left to claim
 */
export async function claimNext({ db, clock, log }: Context, channel: string): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const run = await findOpenRun(tx, channel);
    if (!run || run.canceled_by !== null) return false;
    const prefix = measurePrefix(await readTaxonomy(tx, run.taxonomy_version), run.model);
    const examples = await countExamples(tx, channel, EXAMPLES_SHOWN);
    const themes = await countThemes(tx, channel, THEMES_SHOWN);
    const each = prefix + measureExamples(examples) + measureThemes(themes);
    const now = clock.now();
    const filling = (await listBatches(tx, run.id)).find(({ stage }) => stage === 'filling');
    const batch = filling ?? (await openBatch(tx, run.id, now));
    const messages = await claimMessages(tx, run, batch.id, CHUNK);
    const size = await measureBatch(tx, batch.id);
    if (size.messages === 0) await deleteBatch(tx, batch.id);
    const full =
      size.messages + CHUNK > MAX_REQUESTS ||
      size.characters + size.messages * each > MAX_CHARACTERS;
    if (size.messages > 0 && (messages === 0 || full)) {
      await updateBatch(tx, batch.id, { stage: 'ready' });
      log.info({ run: run.id, batch: batch.id, messages: size.messages }, 'a batch is ready');
    }
    return messages > 0;
  });
}
