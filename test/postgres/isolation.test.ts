import fc from 'fast-check';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { FLAG, type People, PRAISE, pressOn, startPeople } from '../people/stage.ts';
import { onPostgres } from './fresh-workspace.ts';

/**
 * Two workspaces in one database whose ids are the same: those of their channels, people, messages, runs and
 * verdicts. Nothing of one ever crosses into the other.
 */

/** A word that only one of them knows. */
const WORDS = ['zanzibar', 'quetzal'] as const;

const side = fc.constantFrom(0, 1);
const what = fc.constantFrom(
  'react',
  'press',
  'edit',
  'delete',
  'post',
  'search',
  'export',
  'sumUp',
);
const acts = fc.array(fc.tuple(side, what, fc.nat(2), fc.nat(99)), { minLength: 4, maxLength: 9 });
type Act = typeof acts extends fc.Arbitrary<(infer One)[]> ? One : never;

async function start(word: string): Promise<People> {
  const people = await startPeople(
    [`It crashes when I open ${word}`, `Please add a map of ${word}`, `${PRAISE} of ${word}`],
    { slack: { salt: 'SAME' } },
  );
  await people.sumUp();
  return people;
}

async function play(people: People, word: string, [, kind, index, n]: Act): Promise<void> {
  const { slack, channel, ben } = people;
  const ts = people.sent[index] ?? '';
  switch (kind) {
    case 'react':
      if (slack.message(channel, ts))
        slack.react({ channel, ts, user: ben, name: [FLAG, 'bulb', 'eyes'][n % 3] ?? FLAG });
      break;
    case 'press': {
      const card = people.cards(ts).at(-1);
      if (card && JSON.stringify(card.blocks).includes('flag_resolve'))
        await pressOn(people, card, ben, 'resolve');
      break;
    }
    case 'edit':
      if (slack.message(channel, ts)) slack.edit({ channel, ts, text: `${word} is broken ${n}` });
      break;
    case 'delete':
      if (n % 3 === 0 && slack.message(channel, ts)) slack.delete({ channel, ts });
      break;
    case 'post':
      slack.post({ channel, user: ben, text: `${word} is slow today ${n}` });
      break;
    case 'search':
    case 'export':
      await people.type(kind === 'search' ? `search ${word}` : 'export json', { user: ben });
      break;
    case 'sumUp':
      await people.sumUp();
      break;
    default:
      kind satisfies never;
  }
  await people.rest();
}

/** Every row that its bot can read, and all that its people can see. */
async function read(people: People): Promise<string> {
  const { db } = people.context;
  const tables = await db.introspection.getTables();
  const rows: Record<string, unknown[]> = {};
  for (const { name } of tables) {
    const { rows: found } = await sql`select * from ${sql.table(name)}`.execute(db);
    rows[name] = found.map((row) => JSON.stringify(row)).sort();
  }
  return JSON.stringify({ rows, seen: seenBy(people) }, null, 1);
}

function seenBy({ slack, channel, ben, user }: People) {
  const direct = slack.direct(ben);
  const sent = direct === undefined ? [] : slack.messages(direct);
  const ids = sent.flatMap(({ files = [] }) => files.map(({ id }) => String(id)));
  return {
    messages: slack.messages(channel),
    told: [ben, user].map((person) => slack.ephemerals(person)),
    sent,
    files: ids.map((id) => slack.file(id)?.bytes.toString()),
  };
}

describe.runIf(onPostgres)('two workspaces in one database', () => {
  test('never see, change or tell of anything of the other', async () => {
    await fc.assert(
      fc.asyncProperty(acts, async (drawn) => {
        const both = [await start(WORDS[0]), await start(WORDS[1])] as const;
        const [one, other] = both;
        const ids = (of: People) =>
          of.rows(sql`select channel, ts, verdict from messages order by ts`);
        expect(await ids(one)).toEqual(await ids(other));
        for (const act of drawn) {
          const [acting, resting] = act[0] === 0 ? [one, other] : [other, one];
          const before = await read(resting);
          await play(acting, WORDS[act[0]] ?? '', act);
          expect(await read(resting)).toEqual(before);
        }
        for (const [n, people] of both.entries()) {
          const foreign = WORDS[1 - n] ?? '';
          expect((await read(people)).toLowerCase()).not.toContain(foreign);
          expect(await people.type(`search ${foreign}`, { user: people.ben })).not.toContain(
            `of ${foreign}`,
          );
        }
      }),
      { numRuns: 6, seed: 20_261_130 },
    );
  });
});
