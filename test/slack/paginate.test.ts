import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Range } from '../../src/core/intake/ranges.ts';
import { paginateRange } from '../../src/slack/paginate.ts';

/** Whatever way pages come: a range is called whole only if nothing of it is missing. */

const at = (n: number) => `1700000000.${String(n).padStart(6, '0')}`;
const RANGE = { oldest: at(10), latest: at(90) };

interface Answer {
  timestamps: string[];
  has_more?: boolean;
  response_metadata?: { next_cursor: string };
}

interface Asked extends Range {
  cursor: string | undefined;
}

async function read(ask: (args: Asked) => Answer, mostCalls = 400) {
  const seen: string[] = [];
  const knowns: { known: Range; seen: string[] }[] = [];
  let whole = false;
  let calls = 0;
  const pages = paginateRange(
    RANGE,
    async (args) => {
      calls++;
      if (calls > mostCalls) throw new Error('it reads for ever');
      return ask(args);
    },
    (page) => ({ page, timestamps: page.timestamps }),
  );
  for await (const page of pages) {
    seen.push(...page.answer.timestamps);
    if (page.known) knowns.push({ known: page.known, seen: [...seen] });
    whole = page.whole;
  }
  return { seen: [...new Set(seen)].toSorted(), knowns, whole, calls };
}

/** A service with messages, which pages as told. */
const serve = (
  all: string[],
  how: {
    size: number;
    fromOldest: boolean;
    ascending: boolean;
    cursors: (call: number) => boolean;
  },
) => {
  let calls = 0;
  return ({ oldest, latest, cursor }: Asked): Answer => {
    calls++;
    const range = all.filter((ts) => ts >= oldest && ts <= latest);
    const left = range.filter(
      (ts) => cursor === undefined || (how.fromOldest ? ts >= cursor : ts < cursor),
    );
    const page = how.fromOldest ? left.slice(0, how.size) : left.slice(-how.size);
    const timestamps = how.ascending ? page : page.toReversed();
    const more = left.length > page.length;
    const next = how.fromOldest ? left[how.size] : page[0];
    if (!more || next === undefined || !how.cursors(calls)) return { timestamps, has_more: more };
    return { timestamps, has_more: true, response_metadata: { next_cursor: next } };
  };
};

test('everything is read, from either end, with cursors, without, or with some', async () => {
  const ways = fc.record({
    all: fc.uniqueArray(fc.integer({ min: 0, max: 99 }), { maxLength: 60, size: 'max' }),
    size: fc.integer({ min: 1, max: 9 }),
    fromOldest: fc.boolean(),
    ascending: fc.boolean(),
    cursors: fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
  });
  await fc.assert(
    fc.asyncProperty(ways, async ({ all, cursors, ...how }) => {
      const stored = all.map(at).toSorted();
      const has = (call: number) => cursors[call % cursors.length] ?? true;
      const { seen, knowns, whole } = await read(serve(stored, { ...how, cursors: has }));
      expect(whole).toBe(true);
      const isIn = ({ oldest, latest }: Range, ts: string) => oldest <= ts && ts <= latest;
      expect(seen).toEqual(stored.filter((ts) => isIn(RANGE, ts)));
      // Whoever stops after any page has read all of what is known to be read.
      for (const { known, seen: until } of knowns) {
        expect(stored.filter((ts) => isIn(known, ts) && !until.includes(ts))).toEqual([]);
      }
      expect(knowns.at(-1)?.known).toEqual(RANGE);
    }),
    { numRuns: 300, seed: 20_261_129 },
  );
});

describe('what is known after a page', () => {
  const all = Array.from({ length: 9 }, (_, n) => at(20 + n));
  const play = async (fromOldest: boolean) => {
    const how = { size: 3, fromOldest, ascending: false, cursors: () => true };
    return (await read(serve(all, how))).knowns.map(({ known }) => known);
  };

  test('is what lies between its ends; from the second one on also the side where they begin', async () => {
    expect(await play(false)).toEqual([
      { oldest: at(26), latest: at(28) },
      { oldest: at(23), latest: RANGE.latest },
      RANGE,
    ]);
    expect(await play(true)).toEqual([
      { oldest: at(20), latest: at(22) },
      { oldest: RANGE.oldest, latest: at(25) },
      RANGE,
    ]);
  });

  test('is nothing when the page is not in order, or when it goes back', async () => {
    const next = (next_cursor: string) => ({
      has_more: true,
      response_metadata: { next_cursor },
    });
    const pages: Record<string, Answer> = {
      first: { timestamps: [at(50), at(40)], ...next('second') },
      second: { timestamps: [at(45), at(30)], ...next('third') },
      third: { timestamps: [at(20)], ...next('third') },
    };
    const { knowns } = await read((args) => pages[args.cursor ?? 'first'] ?? { timestamps: [] });
    expect(knowns.map(({ known }) => known)).toEqual([{ oldest: at(40), latest: at(50) }]);
  });
});

describe('not whole', () => {
  const more = { has_more: true };
  const cursor = (next_cursor: string) => ({ response_metadata: { next_cursor } });
  const cases: Record<string, () => (args: Asked) => Answer> = {
    'the same cursor again': () => () => ({ timestamps: [at(50)], ...more, ...cursor('a') }),
    'the same cursor again, and nothing more': () => () => ({
      timestamps: [at(50)],
      has_more: false,
      ...cursor('a'),
    }),
    'the same page again, without a cursor': () => () => ({ timestamps: [at(50)], ...more }),
    'an empty page with more to come': () => () => ({ timestamps: [], ...more }),
    'always another cursor, and nothing new': () => {
      let n = 0;
      return () => ({ timestamps: [at(50)], ...more, ...cursor(`c${n++}`) });
    },
    'a page without order and without a cursor': () => () => ({
      timestamps: [at(50), at(30), at(40)],
      ...more,
    }),
  };
  test.each(Object.entries(cases))('%s', async (_name, make) => {
    expect(await read(make(), 40)).toMatchObject({ whole: false });
  });

  test('but whole after empty pages that a cursor leads on from', async () => {
    const pages: Record<string, Answer> = {
      first: { timestamps: [at(80)], ...more, ...cursor('second') },
      second: { timestamps: [], ...more, ...cursor('third') },
      third: { timestamps: [at(20)], has_more: false },
    };
    const asked = await read((args) => pages[args.cursor ?? 'first'] ?? { timestamps: [] });
    expect(asked).toMatchObject({ whole: true, seen: [at(20), at(80)] });
  });
});
