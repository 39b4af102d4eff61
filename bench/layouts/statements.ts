import {
  type CompiledQuery,
  type DatabaseConnection,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely';
import { REACTION_LANE } from '../../src/core/delivery/effects.ts';
import { conflictsWithin } from '../../src/store/db/postgres/conflicts.ts';
import type { Tables, Tx } from '../../src/store/db/tables.ts';
import { endHold } from '../../src/store/delivery/holds.ts';
import { addEffects } from '../../src/store/delivery/outbox.ts';
import { markDone, nextEffects } from '../../src/store/delivery/queue.ts';
import { upsertMessage } from '../../src/store/intake/messages.ts';
import { measurePending } from '../../src/store/intake/pending.ts';
import { readNames } from '../../src/store/intake/users.ts';
import { findBatch, listBatches } from '../../src/store/runs/batches.ts';
import { findOpenRun } from '../../src/store/runs/runs.ts';
import { BATCHES, CHANNELS, RUNS } from './fill.ts';

/**
 * The statements that the bot executes most often. They are not written here: the bot's own functions
 * are called with a connection that only listens.
 */

/** Whole numbers from 1 to `most`. */
type Draw = (most: number) => number;

const SHOWN = { message: 4_000, reply: 500, replies: 20 };

/** Each with a word that tells its statement from others of the same function. */
const HOTTEST: Record<string, [word: string, call: (tx: Tx, draw: Draw) => Promise<unknown>]> = {
  'open run': ['runs', (tx, draw) => findOpenRun(tx, `C${draw(CHANNELS)}`)],
  'batches of a run': ['batches', (tx, draw) => listBatches(tx, draw(RUNS + CHANNELS))],
  'a batch': ['batches', (tx, draw) => findBatch(tx, draw(RUNS * BATCHES))],
  'next effects': ['above', (tx) => nextEffects(tx, REACTION_LANE, Date.now(), 10)],
  'end a hold': [
    'holds',
    (tx, draw) => endHold(tx, { needs: 'reaction', channel: `C${draw(CHANNELS)}`, emoji: '' }),
  ],
  'effect done': [
    'outbox',
    (tx, draw) => markDone(tx, draw(200), { postedTs: null, trouble: null }, Date.now()),
  ],
  names: ['users', (tx) => readNames(tx)],
  'add an effect': [
    'insert',
    (tx, draw) =>
      addEffects(
        tx,
        [
          {
            key: `react-${draw(1e12)}`,
            channel: `C${draw(CHANNELS)}`,
            priority: 5,
            effect: { kind: 'react', ts: `${1_800_000_000 + draw(1e6)}.000100`, name: 'bug' },
          },
        ],
        Date.now() + 86_400_000,
      ),
  ],
  'add a message': [
    'insert into "messages"',
    (tx, draw) =>
      upsertMessage(
        tx,
        {
          channel: `C${draw(CHANNELS)}`,
          ts: `${1_800_000_000 + draw(1e8)}.${draw(9e5) + 1e5 - 1}`,
          threadTs: null,
          author: `U${draw(40)}`,
          authorName: null,
          reporter: `U${draw(40)}`,
          bot: null,
          text: 'The page is empty after I log in with my phone. It worked last week.',
          editedTs: null,
        },
        Date.now(),
      ),
  ],
  'size of the pending': [
    'count',
    (tx, draw) => measurePending(tx, `C${draw(CHANNELS)}`, SHOWN, async () => {}),
  ],
};

export const STATEMENTS = Object.keys(HOTTEST);

/** What functions that need a row find. */
const FOUND = { since_ts: null, messages: 0, characters: 0, count: 0, last: null };

const deaf: DatabaseConnection = {
  executeQuery: async <R>({ sql }: CompiledQuery) => ({
    rows: (/since_ts|count\(|coalesce\(/.test(sql) ? [FOUND] : []) as R[],
  }),
  streamQuery: () => {
    throw new Error('nothing is streamed');
  },
};

/**
 * Writes the statements in PostgreSQL's SQL.
 * @param teamColumn the column that keys begin with, if any
 */
export function createWriter(teamColumn: string | null) {
  let heard: CompiledQuery[] = [];
  const db = new Kysely<Tables>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => Object.assign(new DummyDriver(), { acquireConnection: async () => deaf }),
      createIntrospector: (of) => new PostgresIntrospector(of),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
    plugins: teamColumn === null ? [] : [conflictsWithin(teamColumn)],
    log: ({ query }) => void heard.push(query),
  });
  return async (name: string, draw: Draw): Promise<{ text: string; values: unknown[] }> => {
    const [word, call] = HOTTEST[name] ?? missing(name);
    heard = [];
    await db.transaction().execute((tx) => call(tx, draw));
    const query = heard.find(({ sql }) => sql.includes(word)) ?? missing(name);
    return { text: query.sql, values: [...query.parameters] };
  };
}

function missing(name: string): never {
  throw new Error(`there is no statement ${name}`);
}
