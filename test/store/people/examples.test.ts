import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { joinChannel } from '../../../src/store/intake/channels.ts';
import {
  countExamples,
  deleteExamples,
  findExamples,
  readExamples,
  recordExamples,
  upsertExample,
} from '../../../src/store/people/examples.ts';
import { CHANNEL, MODEL, type Scene, START, startScene, ts } from '../scene.ts';

const PRIVATE = 'C0PRIVATE';

async function startLesson() {
  const scene = await startScene();
  await scene.commit((tx) => joinChannel(tx, PRIVATE, { invitedBy: 'U0ANA', at: START }));
  const run = await scene.open();
  /** A message that is judged: by a person, unless said otherwise. */
  const judge = async (
    n: number,
    text: string,
    category: string,
    { channel = CHANNEL, person = 'U0ANA' as string | null } = {},
  ) => {
    await scene.keep(n, { channel, text });
    const { id } = await scene.db
      .insertInto('verdicts')
      .values({
        channel,
        ts: ts(n),
        revision: 1,
        run: run.id,
        taxonomy_version: run.taxonomy_version,
        category,
        emoji: null,
        sentiment: 'neutral',
        urgency: 'low',
        gist: 'A gist',
        language: 'en',
        confidence: 0.9,
        flagged: 0,
        model: MODEL,
        created_at: START,
        person,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await change(n, { verdict: id, state: 'judged' }, channel);
  };
  const change = (n: number, to: Parameters<typeof setMessage>[2], channel = CHANNEL) =>
    setMessage(scene, { channel, ts: ts(n) }, to);
  const teach = async (n: number, text: string, category = 'bug', channel = CHANNEL) => {
    await judge(n, text, category, { channel });
    await scene.commit((tx) => upsertExample(tx, { channel, ts: ts(n), text }));
  };
  const find = (text: string, { n = 999, channel = CHANNEL, limit = 6 } = {}) =>
    findExamples(scene.db, { channel, ts: ts(n), text }, limit);
  const findTexts = async (text: string) => (await find(text)).map((example) => example.text);
  return { ...scene, judge, change, teach, find, findTexts };
}

async function setMessage(
  { db }: Scene,
  message: { channel: string; ts: string },
  to: { verdict?: number; state?: 'pending' | 'judged'; deleted_at?: number },
) {
  const { channel, ts } = message;
  await db
    .updateTable('messages')
    .set(to)
    .where('channel', '=', channel)
    .where('ts', '=', ts)
    .execute();
}

describe('the examples for a message', () => {
  test('are those with most of its words, nearest first, with their category', async () => {
    const { teach, find } = await startLesson();
    await teach(1, 'The calendar export loses my appointments', 'bug');
    await teach(2, 'Export of the calendar to PDF, please', 'feature_request');
    await teach(3, 'Lovely colours', 'praise');
    await teach(4, 'Cannot log in with my company account', 'bug');
    await teach(5, 'The window is too small', 'usability');
    expect(await find('Exporting my calendar to PDF')).toEqual([
      {
        ts: ts(2),
        text: 'Export of the calendar to PDF, please',
        category: 'feature_request',
        also: null,
      },
      { ts: ts(1), text: 'The calendar export loses my appointments', category: 'bug', also: null },
    ]);
  });

  test('are none when all that they have in common is small change', async () => {
    const { teach, find } = await startLesson();
    await teach(1, 'The new export for the whole team does not work');
    expect(await find('I love the new look and how it was made for us')).toEqual([]);
  });

  test('are found by a short word when the message has no other', async () => {
    const { teach, findTexts } = await startLesson();
    await teach(1, 'PDF is empty');
    expect(await findTexts('pdf!')).toEqual(['PDF is empty']);
  });

  test('are never the message itself, and never those of another channel', async () => {
    const { teach, find } = await startLesson();
    const text = 'The calendar export loses my appointments';
    await teach(1, text);
    await teach(2, text, 'noise', PRIVATE);
    expect(await find(text, { n: 1 })).toEqual([]);
    expect(await find(text)).toEqual([{ ts: ts(1), text, category: 'bug', also: null }]);
    expect(await find(text, { channel: 'C0NEW' })).toEqual([]);
  });

  test('do not say the same again, and are no more than asked for', async () => {
    const { teach, find, findTexts } = await startLesson();
    for (const n of [1, 2, 3]) await teach(n, `Great calendar${'!'.repeat(n)}`, 'praise');
    for (const n of [4, 5, 6, 7, 8])
      await teach(n, `The calendar lost appointment number ${n}0${n}`);
    const texts = await findTexts('Great calendar');
    expect(texts.filter((text) => text.startsWith('Great'))).toHaveLength(1);
    expect(texts[0]).toMatch(/^Great/);
    expect(await find('Great calendar', { limit: 2 })).toHaveLength(2);
  });

  test.each([
    ['Japanese', 'カレンダーの書き出しが動作しません', '書き出しボタンを押しても動作しません'],
    ['Chinese', '导出PDF时应用崩溃', '我想导出PDF但是应用崩溃了'],
    ['Korean', '로그인이 되지 않아요', '어제부터 로그인을 할 수 없고 되지 않아요'],
    ['Thai', 'แอปค้างตอนส่งออกไฟล์', 'ส่งออกไฟล์ไม่ได้เลย'],
    ['Russian', 'Не работает экспорт в PDF', 'Экспорт календаря сломан'],
  ])('are found in %s', async (_language, message, example) => {
    const { teach, findTexts } = await startLesson();
    await teach(1, example);
    await teach(2, 'Something else altogether');
    expect(await findTexts(message)).toEqual([example]);
  });

  test.each([
    ['nothing', ''],
    ['an emoji', '🎉🎉🎉'],
    ['small words', 'ok no it'],
    ['an address', 'https://calendar.example/appointments'],
  ])('for %s are none', async (_what, text) => {
    const { teach, find } = await startLesson();
    await teach(1, 'calendar appointments 🎉🎉🎉 ok no it https://calendar.example/appointments');
    expect(await find(text)).toEqual([]);
  });
});

describe('whatever the text', () => {
  const pieces = fc.constantFrom(
    ...['"', "'", ' AND ', ' OR ', ' NOT ', 'NEAR(', ')', '*', '^', ':', '-', '+', '{text}:', ';'],
    ...[
      'export',
      'calendar',
      '\0',
      '\n',
      '導出日曆',
      '🎉',
      '👩‍👩‍👧',
      '\ud800',
      'ﬁ',
      'İ',
      'ก็ำ',
      '%',
      '\\',
    ],
  );
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.array(pieces).map((chosen) => chosen.join('')),
    fc.tuple(pieces, pieces).map(([one, other]) => (one + other).repeat(10_000).slice(0, 40_000)),
  );

  test('a search never fails, and a text can be kept', async () => {
    const { teach, find, commit } = await startLesson();
    await teach(1, 'The calendar export loses my appointments');
    await teach(2, '');
    await fc.assert(
      fc.asyncProperty(texts, texts, async (text, kept) => {
        await commit((tx) => upsertExample(tx, { channel: CHANNEL, ts: ts(2), text: kept }));
        const examples = await find(text, { n: 1 });
        expect(examples.map((example) => example.ts).filter((each) => each !== ts(2))).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  test('one that is said again finds what it said before', async () => {
    const { teach, find, commit } = await startLesson();
    await teach(1, '');
    const word = fc.oneof(
      fc.string({ unit: fc.constantFrom(...'abcdeéñжщ1'), minLength: 3, maxLength: 12 }),
      fc.string({ unit: fc.constantFrom(...'导出日历崩溃カレンダー로그인'), minLength: 3 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(word, { minLength: 1 }), async (words) => {
        const text = words.join(' ');
        await commit((tx) => upsertExample(tx, { channel: CHANNEL, ts: ts(1), text }));
        expect(await find(text.toUpperCase())).toMatchObject([{ ts: ts(1) }]);
      }),
      { numRuns: 100 },
    );
  });
});

describe('an example', () => {
  const TEXT = 'The calendar export loses my appointments';

  test('kept again has its new text only', async () => {
    const { teach, findTexts, judge, commit, db } = await startLesson();
    await teach(1, TEXT);
    await judge(2, 'in between', 'bug');
    await commit((tx) =>
      upsertExample(tx, { channel: CHANNEL, ts: ts(1), text: 'Login is broken' }),
    );
    expect(await findTexts(TEXT)).toEqual([]);
    expect(await findTexts('broken login')).toEqual(['Login is broken']);
    expect(await countExamples(db, CHANNEL, 9)).toBe(1);
  });

  test('dropped is gone, and its like elsewhere stays', async () => {
    const { teach, find, commit, db } = await startLesson();
    await teach(1, TEXT);
    await teach(2, 'Login is broken');
    await teach(1, TEXT, 'bug', PRIVATE);
    for (let twice = 0; twice < 2; twice++) {
      await commit((tx) => deleteExamples(tx, CHANNEL, [ts(1)]));
    }
    expect(await find(TEXT)).toEqual([]);
    expect(await find(TEXT, { channel: PRIVATE })).toHaveLength(1);
    expect(await countExamples(db, CHANNEL, 9)).toBe(1);
  });

  test('has the category that people gave it last', async () => {
    const { teach, find, db, change } = await startLesson();
    await teach(1, TEXT, 'bug');
    const verdict = await db.selectFrom('verdicts').selectAll().executeTakeFirstOrThrow();
    const { id, ...rest } = verdict;
    await db
      .insertInto('verdicts')
      .values({ ...rest, category: 'usability' })
      .execute();
    await change(1, { verdict: id + 1 });
    expect(await find(TEXT)).toMatchObject([{ category: 'usability' }]);
  });

  test('is none while people hold nothing of it', async () => {
    const { teach, judge, find, change } = await startLesson();
    await teach(1, TEXT);
    await change(1, { state: 'pending' });
    expect(await find(TEXT)).toEqual([]);
    await judge(1, TEXT, 'bug', { person: null });
    expect(await find(TEXT)).toEqual([]);
    await judge(1, TEXT, 'bug');
    expect(await find(TEXT)).toHaveLength(1);
    await change(1, { deleted_at: START });
    expect(await find(TEXT)).toEqual([]);
  });

  test('can be read again, in the order in which it was shown', async () => {
    const { teach, commit, db } = await startLesson();
    for (const n of [1, 2, 3]) await teach(n, `${TEXT} ${n}`);
    await commit((tx) => deleteExamples(tx, CHANNEL, [ts(2)]));
    const shown = await readExamples(db, CHANNEL, [3, 2, 1, 7].map(ts));
    expect(shown.map((example) => example.ts)).toEqual([3, 1].map(ts));
    expect(shown[0]).toEqual({ ts: ts(3), text: `${TEXT} 3`, category: 'bug', also: null });
    expect(await readExamples(db, CHANNEL, [])).toEqual([]);
    expect(await readExamples(db, PRIVATE, [ts(1)])).toEqual([]);
  });

  test('is counted for its channel, as far as it is asked', async () => {
    const { teach, db } = await startLesson();
    for (const n of [1, 2, 3]) await teach(n, TEXT);
    expect(await countExamples(db, CHANNEL, 6)).toBe(3);
    expect(await countExamples(db, CHANNEL, 2)).toBe(2);
    expect(await countExamples(db, PRIVATE, 6)).toBe(0);
  });
});

test('what a batch is sent with replaces what was noted for a submission that was not made', async () => {
  const { keep, submit, commit, db } = await startScene();
  await keep(1);
  await keep(2);
  const { batch } = await submit();
  const example = (n: number) => ({ ts: ts(n), text: 'like it', category: 'bug', also: null });
  const noted = async () =>
    (await db.selectFrom('requests').select('examples').orderBy('ts').execute()).map(
      ({ examples }) => examples && JSON.parse(examples),
    );
  await commit((tx) => recordExamples(tx, batch.id, new Map([[ts(1), [example(8), example(9)]]])));
  expect(await noted()).toEqual([[ts(8), ts(9)], null]);
  await commit((tx) => recordExamples(tx, batch.id, new Map([[ts(2), [example(8)]]])));
  expect(await noted()).toEqual([null, [ts(8)]]);
});
