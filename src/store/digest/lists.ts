import { addPublished, type DeadMessage, type PublishedByRank } from '../../core/digest/digest.ts';
import { isOpen } from '../../core/people/acts.ts';
import type { Urgency } from '../../core/runs/taxonomy.ts';
import type { Db, Tx } from '../db/tables.ts';
import { readCopies } from '../intake/copies.ts';
import type { Run } from '../runs/runs.ts';
import { type Page, pagesOf, selectPublished } from './pages.ts';

/** Everything that a run's digest lists. */
export async function readPublished(
  db: Db | Tx,
  run: Run,
  pause: () => Promise<void> = async () => {},
): Promise<{ lists: PublishedByRank; dead: DeadMessage[] }> {
  const lists: PublishedByRank = new Map();
  const died: DeadMessage[] = [];
  for await (const page of pagesOf(db, { kind: 'run', run }, pause)) {
    const judged = await readJudged(db, page);
    const dead = await readDead(db, page);
    const { channel } = run;
    const copies = await readCopies(
      db,
      channel,
      [...judged, ...dead].map(({ ts }) => ts),
    );
    const copiesOf = (ts: string) => copies.get(ts) ?? [];
    for (const { flag, urgency, ...row } of judged) {
      addPublished(lists, {
        ...row,
        copies: copiesOf(row.ts),
        urgency: urgency as Urgency,
        flagged: flag !== null && isOpen(flag),
      });
    }
    for (const { trouble, ...row } of dead) {
      const reason = trouble ?? 'no reason known';
      died.push({ ...row, reason, copies: copiesOf(row.ts) });
    }
  }
  return { lists, dead: died };
}

const readJudged = (db: Db | Tx, page: Page) =>
  selectPublished(db, page)
    .where('messages.state', '=', 'judged')
    .select((eb) => [
      'messages.ts',
      'messages.thread_ts as threadTs',
      'verdicts.category',
      'verdicts.also',
      'verdicts.urgency',
      'verdicts.gist',
      'flags.state as flag',
      // Only noise is shown in its own words.
      eb
        .case()
        .when('verdicts.emoji', 'is', null)
        .then(eb.ref('messages.text'))
        .else('')
        .end()
        .as('text'),
    ])
    .$narrowType<{ category: string; urgency: string; gist: string }>()
    .orderBy('messages.ts')
    .execute();

const readDead = (db: Db | Tx, page: Page) =>
  selectPublished(db, page)
    .where('messages.state', '=', 'dead')
    .select(['messages.ts', 'messages.thread_ts as threadTs', 'messages.text', 'messages.trouble'])
    .orderBy('messages.ts')
    .execute();
