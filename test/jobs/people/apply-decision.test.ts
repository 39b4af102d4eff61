import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Db } from '../../../src/store/db/tables.ts';
import { histories, play } from './history.ts';

/**
 * What follows from a verdict is the same whether it comes among many others or alone.
 */

/** Another seed, or many more, to look for something new. */
const SEED = Number(process.env.SETTLE_SEED ?? 20_261_129);
const RUNS = Number(process.env.SETTLE_RUNS ?? 30);

/** All rows, with names in place of ids that depend on the order in which verdicts were written. */
async function readRows(db: Db) {
  const verdicts = await db.selectFrom('verdicts').selectAll().orderBy('id').execute();
  const nameOf = new Map<number, string>();
  for (const [ts, those] of Map.groupBy(verdicts, (verdict) => verdict.ts)) {
    for (const [index, { id }] of those.entries()) nameOf.set(id, `verdict ${index} of ${ts}`);
  }
  const name = (id: number | null) => id && nameOf.get(id);
  const messages = await db.selectFrom('messages').selectAll().orderBy('ts').execute();
  const examples = await db.selectFrom('examples').select(['rowid', 'ts', 'text']).execute();
  const runs = await db.selectFrom('runs').selectAll().orderBy('id').execute();
  const outbox = await db.selectFrom('outbox').selectAll().orderBy('id').execute();
  return {
    verdicts: verdicts
      .map((verdict) => ({ ...verdict, id: name(verdict.id) }))
      .sort((a, b) => String(a.id).localeCompare(String(b.id))),
    messages: messages.map((message) => ({ ...message, verdict: name(message.verdict) })),
    examples: examples
      .map((example) => ({ ...example, rowid: name(example.rowid) }))
      .sort((a, b) => a.ts.localeCompare(b.ts)),
    // When a digest is told anew does not matter here: each change puts it off a little.
    runs: runs.map((run) => ({ ...run, stale_at: run.stale_at !== null })),
    flags: await db.selectFrom('flags').selectAll().orderBy('ts').execute(),
    cards: await db.selectFrom('cards').selectAll().orderBy('key').execute(),
    acts: await db.selectFrom('acts').selectAll().orderBy('id').execute(),
    batches: await db.selectFrom('batches').selectAll().orderBy('id').execute(),
    requests: await db.selectFrom('requests').selectAll().orderBy('batch').orderBy('ts').execute(),
    // Effects on one thing in their order.
    outbox: outbox
      .map(({ id: _, ...effect }) => ({
        ...effect,
        key: effect.key
          .replace(/^update-\d+$/, 'update')
          .replace(/(?<=react-(flag-)?)v(\d+)$/, (_all, _flag, id) => String(name(Number(id)))),
      }))
      .sort((a, b) => (a.about ?? a.key).localeCompare(b.about ?? b.key)),
  };
}

type Rows = Awaited<ReturnType<typeof readRows>>;

/** What the histories have to come to now and then, or they would show nothing. */
const CASES: Record<string, (rows: Rows) => boolean> = {
  'a person’s category counts': ({ messages, verdicts }) =>
    messages.some(({ verdict }) => verdicts.some(({ id, person }) => id === verdict && person)),
  'a person’s second category counts': ({ messages, verdicts }) =>
    messages.some(({ verdict }) =>
      verdicts.some(({ id, person, also }) => id === verdict && person && also),
    ),
  'Claude’s second category': ({ verdicts }) =>
    verdicts.some(({ person, also }) => !person && also),
  'one that was taken back': ({ messages, verdicts }) =>
    messages.some(({ verdict, ts }) =>
      verdicts.some(
        ({ id, person, ts: one }) => one === ts && person && String(id) > String(verdict),
      ),
    ),
  'an example': ({ examples }) => examples.length > 0,
  'judged twice': ({ verdicts }) => verdicts.some(({ id }) => String(id).startsWith('verdict 1')),
  'judged again in place': ({ requests, messages }) =>
    requests.some(({ again, outcome }) => again === 1 && outcome === 'judged') &&
    messages.some(({ digest }) => digest !== null),
  'edited meanwhile': ({ requests }) =>
    requests.some(({ outcome }) => outcome?.startsWith('edited') ?? false),
  'deleted meanwhile': ({ requests }) => requests.some(({ outcome }) => outcome === 'deleted'),
  'given back': ({ requests }) => requests.some(({ outcome }) => outcome === 'no result came back'),
  dead: ({ messages }) => messages.some(({ state }) => state === 'dead'),
  canceled: ({ runs }) => runs.some(({ canceled_by }) => canceled_by !== null),
  'a stale digest': ({ runs }) =>
    runs.some(({ stale_at, published_at }) => stale_at && published_at !== null),
  withdrawn: ({ flags }) => flags.some(({ state }) => state === 'withdrawn'),
  revived: ({ acts }) => acts.some(({ kind }) => kind === 'revive'),
  resolved: ({ flags }) => flags.some(({ state }) => state === 'resolved'),
  'a card': ({ cards }) => cards.length > 0,
  'a changed card': ({ outbox }) => outbox.some(({ key }) => key === 'update'),
  'a reaction taken back': ({ outbox }) => outbox.some(({ key }) => key.startsWith('unreact-verd')),
  thanks: ({ outbox }) => outbox.some(({ key }) => key.startsWith('thanks-')),
};

test(
  'verdicts that come in bulk and verdicts that come one by one leave the same rows',
  async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(histories, async (history) => {
        const [bulk, single] = [await play('in bulk', history), await play('one by one', history)];
        const rows = await readRows(bulk.db);
        expect(rows).toEqual(await readRows(single.db));
        for (const [name, happened] of Object.entries(CASES)) if (happened(rows)) seen.add(name);
      }),
      { seed: SEED, numRuns: RUNS },
    );
    expect([...seen].sort()).toEqual(Object.keys(CASES).sort());
  },
  60_000 + RUNS * 2000,
);
