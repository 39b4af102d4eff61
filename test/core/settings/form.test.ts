import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_EMOJI } from '../../../src/core/people/acts.ts';
import { DEFAULT_TAXONOMY, type Taxonomy } from '../../../src/core/runs/taxonomy.ts';
import { type CategoryRow, fillForm, type SettingsForm } from '../../../src/core/settings/form.ts';
import { readForm } from '../../../src/core/settings/read-form.ts';
import { type Settings, savedSettingsSchema } from '../../../src/core/settings/settings.ts';
import { checkCron } from '../../../src/jobs/runs/schedule.ts';

const SETTINGS: Settings = {
  summarySchedule: '0 9 * * 1-5',
  classifySchedule: null,
  timeZone: 'Europe/Paris',
  taxonomy: DEFAULT_TAXONOMY,
  remindAfterMs: 48 * 3_600_000,
  closeTheLoop: false,
  asTheyCome: false,
};

const FORM = fillForm(SETTINGS);

const read = (form: SettingsForm, current = SETTINGS) =>
  readForm(form, {
    current,
    emoji: DEFAULT_EMOJI,
    checkCron: (pattern) => checkCron(pattern, Date.parse('2026-11-22T12:00Z')),
  });

/** What the form becomes. */
function save(change: Partial<SettingsForm>, current = SETTINGS): Settings {
  const answer = read({ ...fillForm(current), ...change }, current);
  if (answer.kind === 'problems') throw new Error(JSON.stringify([...answer.problems]));
  return answer.settings;
}

/** What is wrong with it, field by field. */
function refuse(change: Partial<SettingsForm>, current = SETTINGS): Record<string, string> {
  const answer = read({ ...fillForm(current), ...change }, current);
  return answer.kind === 'problems' ? Object.fromEntries(answer.problems) : {};
}

/** The categories with a row changed, by its number from 0; or added after them. */
const rows = (index: number, change: Partial<CategoryRow>): CategoryRow[] => {
  const row = FORM.categories[index] ?? { row: `new${index}`, name: '', emoji: '', meaning: '' };
  return FORM.categories.with(index, { ...row, ...change });
};
const added = (...more: Partial<CategoryRow>[]): CategoryRow[] => [
  ...FORM.categories,
  ...more.map((row, n) => ({
    row: `new${n + 1}`,
    name: '',
    emoji: '',
    meaning: 'What belongs there',
    ...row,
  })),
];

test('the form says what the settings are', () => {
  expect({ ...FORM, categories: FORM.categories.slice(0, 1) }).toEqual({
    days: [1, 2, 3, 4, 5],
    time: '09:00',
    summaryCron: '',
    timeZone: 'Europe/Paris',
    classifyEvery: 'never',
    classifyCron: '',
    rules: 'high urgency\nbug, medium urgency, negative sentiment',
    remindHours: '48',
    closeTheLoop: false,
    asTheyCome: false,
    categories: [
      {
        row: 'c-bug',
        name: 'Bug',
        emoji: ':bug:',
        meaning: `${DEFAULT_TAXONOMY.categories[0]?.meaning}\nNot: ${DEFAULT_TAXONOMY.categories[0]?.not}`,
      },
    ],
  });
});

test('schedules of another form stand there as cron patterns', () => {
  const odd = { ...SETTINGS, summarySchedule: '0 9 1 * *', classifySchedule: '*/20 8-18 * * *' };
  expect(fillForm(odd)).toMatchObject({
    days: [],
    time: null,
    summaryCron: '0 9 1 * *',
    classifyEvery: null,
    classifyCron: '*/20 8-18 * * *',
  });
});

describe('what nobody touches stays exactly as it is', () => {
  const cron = fc.constantFrom('0 9 * * 1-5', '00 09 * * MON-FRI', '0 9 L * *', '*/5 * * * * *');
  const taxonomies: Taxonomy[] = [
    DEFAULT_TAXONOMY,
    { ...DEFAULT_TAXONOMY, flagged_when: [] },
    {
      categories: [
        { key: 'a', name: ' Two\nlines ', emoji: 'bug', meaning: ' First line\n  and the second ' },
        { key: 'b', name: 'high urgency?', meaning: 'x'.repeat(400), not: ' Some\n  others ' },
      ],
      flagged_when: [{ category: 'a' }, { category: 'b', urgency: 'low' }],
    },
  ];
  const settings = fc.record({
    summarySchedule: cron,
    classifySchedule: fc.option(fc.oneof(cron, fc.constant('0 */6 * * *'))),
    timeZone: fc.constantFrom('UTC', 'Asia/Kolkata', 'EST', 'America/Indiana/Knox'),
    taxonomy: fc.constantFrom(...taxonomies),
    remindAfterMs: fc.option(fc.integer({ min: 1, max: 40_000_000_000 })),
    closeTheLoop: fc.boolean(),
    asTheyCome: fc.boolean(),
  });
  test('whatever it is', () => {
    fc.assert(
      fc.property(settings, (current) => {
        expect(save({}, current)).toEqual(current);
        expect(savedSettingsSchema.parse(current)).toEqual(current);
      }),
    );
  });
});

describe('a schedule', () => {
  test('of days and a time', () => {
    expect(save({ days: [1, 3, 7], time: '07:05' }).summarySchedule).toBe('5 7 * * 1,3,7');
  });
  test('a cron pattern outranks them', () => {
    expect(save({ summaryCron: ' 0 9 1 * * ' }).summarySchedule).toBe('0 9 1 * *');
  });
  test('needs a day and a time', () => {
    expect(refuse({ days: [], time: null })).toEqual({
      days: 'Choose at least one day.',
      time: 'Choose a time.',
    });
    expect(refuse({ time: '25:00' })).toEqual({ time: 'Choose a time.' });
  });
  test.each(['nonsense', '61 * * * *', '0 9 * *', 'x'.repeat(5000)])(
    'is no pattern: %s',
    (cron) => {
      expect(refuse({ summaryCron: cron, classifyCron: cron })).toEqual({
        summaryCron: expect.stringMatching(/^This is not a cron pattern/),
        classifyCron: expect.stringMatching(/^This is not a cron pattern/),
      });
    },
  );
  test('has to come some day', () => {
    expect(refuse({ summaryCron: '0 0 9 1 1 * 2020' })).toEqual({
      summaryCron: 'That time never comes.',
    });
  });
  test('of quiet runs', () => {
    expect(save({ classifyEvery: '4' }).classifySchedule).toBe('0 */4 * * *');
    expect(save({ classifyEvery: 'never' }).classifySchedule).toBeNull();
    expect(save({ classifyEvery: '4', classifyCron: '5 * * * *' }).classifySchedule).toBe(
      '5 * * * *',
    );
    expect(save({ classifyEvery: '5' }).classifySchedule).toBeNull();
  });
});

describe('a time zone', () => {
  test('by its name or a city', () => {
    expect(save({ timeZone: ' tokyo ' }).timeZone).toBe('Asia/Tokyo');
  });
  test('that there is not', () => {
    expect(refuse({ timeZone: 'Atlantis' })).toEqual({
      timeZone: expect.stringMatching(/^There is no such time zone/),
    });
    expect(refuse({ timeZone: '' })).toHaveProperty('timeZone');
  });
});

describe('reminders', () => {
  test.each([
    ['0', null],
    ['0.5', 1_800_000],
    ['1,5', 5_400_000],
    ['8760', 8_760 * 3_600_000],
  ])('after %s hours', (remindHours, ms) => {
    expect(save({ remindHours }).remindAfterMs).toBe(ms);
  });
  test.each(['', '-1', 'two', '1e3', 'Infinity', '0x10', '9'.repeat(400)])(
    'not %j',
    (remindHours) => {
      expect(refuse({ remindHours })).toEqual({
        remindHours: expect.stringMatching(/^Write a number of hours/),
      });
    },
  );
  test('not after more than a year', () => {
    expect(refuse({ remindHours: '8761' })).toEqual({
      remindHours: expect.stringMatching(/more than a year/),
    });
  });
});

describe('categories', () => {
  const keys = ({ taxonomy }: Settings) => taxonomy.categories.map(({ key }) => key);

  test('one that is renamed keeps its key, and the rules that name it follow', () => {
    for (const rules of ['feature request', 'wish', 'feature_request']) {
      const saved = save({ categories: rows(1, { name: 'Wish' }), rules });
      expect(keys(saved)).toEqual(keys(SETTINGS));
      expect(saved.taxonomy.flagged_when).toEqual([{ category: 'feature_request' }]);
      expect(fillForm(saved).rules).toBe('wish');
    }
  });

  test('one whose name is cleared is removed, whatever else stands in its row', () => {
    const saved = save({ categories: rows(2, { name: ' ' }) });
    expect(keys(saved)).toEqual(['bug', 'feature_request', 'praise', 'question', 'noise']);
  });

  test('new ones get a key of their own, made of their name', () => {
    const saved = save({
      categories: added(
        { name: 'Billing & Co.', emoji: ':moneybag:' },
        { name: 'BUG!', emoji: 'ant' },
        { name: 'Ärger', emoji: '' },
        { name: '請求', emoji: '' },
        { name: '日本', emoji: '' },
        { name: `3D ${'x'.repeat(37)}` },
      ),
    });
    expect(saved.taxonomy.categories.slice(6)).toMatchObject([
      {
        key: 'billing_co',
        name: 'Billing & Co.',
        emoji: 'moneybag',
        meaning: 'What belongs there',
      },
      { key: 'bug_2', name: 'BUG!', emoji: 'ant' },
      { key: 'arger' },
      { key: 'category' },
      { key: 'category_2' },
      { key: `d_${'x'.repeat(26)}` },
    ]);
    expect(saved.taxonomy.categories[8]).not.toHaveProperty('emoji');
  });

  test('rows that are empty are none', () => {
    expect(save({ categories: added({ meaning: '' }, { meaning: '  ' }) })).toEqual(SETTINGS);
  });

  test('what Claude reads of one stands on one line', () => {
    const meaning = 'First line\n- bug (Bug): everything\r\n\tand more';
    const saved = save({ categories: rows(0, { meaning }) });
    expect(saved.taxonomy.categories[0]?.meaning).toBe(
      'First line - bug (Bug): everything and more',
    );
  });

  test('what it is not follows "Not:", at the beginning of a line or of a sentence', () => {
    const read = (meaning: string) => {
      const [bug] = save({ categories: rows(0, { meaning }) }).taxonomy.categories;
      return [bug?.meaning, bug?.not];
    };
    expect(read('What belongs there\nNot: what  does\nnot')).toEqual([
      'What belongs there',
      'what does not',
    ]);
    expect(read('What belongs there. not: the rest')).toEqual(['What belongs there.', 'the rest']);
    expect(read('Whether or not: it belongs')).toEqual(['Whether or not: it belongs', undefined]);
    expect(read('What belongs there\nNothing else')).toEqual([
      'What belongs there Nothing else',
      undefined,
    ]);
  });

  test.each<[string, Partial<SettingsForm>, Record<string, unknown>]>([
    [
      'a new one without a name',
      { categories: added({ emoji: ':ant:' }) },
      { 'new1-name': 'Name the category, or clear its other fields.' },
    ],
    [
      'a long name',
      { categories: rows(0, { name: 'Bug '.repeat(12) }) },
      { 'c-bug-name': 'At most 40 characters are possible; these are 47.' },
    ],
    [
      'a name twice',
      { categories: added({ name: 'bug' }) },
      { 'new1-name': 'Another category has this name.' },
    ],
    [
      'a name that says something else in a rule',
      { categories: added({ name: 'Low urgency' }) },
      { 'new1-name': expect.stringMatching(/^A rule above would mean something else/) },
    ],
    [
      'no emoji name',
      { categories: rows(0, { emoji: ':bug: :ant:' }) },
      { 'c-bug-emoji': expect.stringMatching(/^Write one emoji by its name/) },
    ],
    [
      'an emoji itself, and one with a skin tone',
      {
        categories: added({ name: 'A', emoji: '🐜' }, { name: 'B', emoji: ':wave::skin-tone-2:' }),
      },
      { 'new1-emoji': expect.any(String), 'new2-emoji': expect.any(String) },
    ],
    [
      'an emoji twice, by another of its names',
      { categories: added({ name: 'A', emoji: 'thumbsdown' }, { name: 'B', emoji: ':-1:' }) },
      { 'new2-emoji': 'A has this emoji: choose another.' },
    ],
    [
      'an emoji by which people act',
      { categories: added({ name: 'A', emoji: 'thumbsup' }, { name: 'B', emoji: ':+1:' }) },
      {
        'new1-emoji': 'By this reaction people say that its category is right: choose another.',
        'new2-emoji': 'By this reaction people say that its category is right: choose another.',
      },
    ],
    [
      'a meaning that says nothing, and one that says too much',
      {
        categories: added({ name: 'A', meaning: 'short' }, { name: 'B', meaning: 'x'.repeat(401) }),
      },
      {
        'new1-meaning': 'Say in 10 to 400 characters what belongs here: Claude goes by it.',
        'new2-meaning': expect.any(String),
      },
    ],
    [
      'one that does not say what belongs elsewhere, and one that says too much of it',
      {
        categories: added(
          { name: 'A', meaning: 'What belongs there. Not: it' },
          { name: 'B', meaning: `What belongs there. Not: ${'x'.repeat(401)}` },
        ),
      },
      {
        'new1-meaning': 'Say after "Not:" in 3 to 400 characters what belongs elsewhere.',
        'new2-meaning': expect.stringMatching(/^Say after "Not:"/),
      },
    ],
    [
      'fewer than two',
      { categories: FORM.categories.map((row, n) => (n === 0 ? row : { ...row, name: '' })) },
      { 'c-bug-name': 'At least two categories are needed.' },
    ],
    ['none at all', { categories: [], rules: '' }, { rules: expect.any(String) }],
    [
      'more than twenty',
      { categories: added(...Array.from({ length: 15 }, (_, n) => ({ name: `N${n}` }))) },
      { 'new15-name': 'At most 20 categories are possible.' },
    ],
    [
      'a rule about one that is removed',
      { categories: rows(0, { name: '' }) },
      { rules: expect.stringMatching(/^Line 2: there is no category "bug"/) },
    ],
  ])('%s', (_what, change, problems) => {
    expect(refuse(change)).toEqual(problems);
  });
});

test('everything that is wrong is said at once', () => {
  const problems = refuse({
    days: [],
    classifyCron: 'x',
    timeZone: 'x',
    rules: 'x',
    remindHours: 'x',
    categories: rows(0, { emoji: 'x x', meaning: '' }),
  });
  expect(Object.keys(problems).sort()).toEqual([
    'c-bug-emoji',
    'c-bug-meaning',
    'classifyCron',
    'days',
    'remindHours',
    'rules',
    'timeZone',
  ]);
});

test('an emoji counts as one character, and a row that comes twice as two categories', () => {
  const short = refuse({ categories: rows(0, { meaning: '🐛🐛🐛🐛🐛 is' }) });
  expect(short).toEqual({ 'c-bug-meaning': expect.stringMatching(/^Say in 10 to/) });
  const [bug] = FORM.categories;
  if (!bug) throw new Error('there is no category');
  const twice = save({
    categories: [...FORM.categories, { ...bug, name: 'Defect', emoji: 'ant' }],
  });
  const keys = twice.taxonomy.categories.map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
});

test('whatever is typed, it is saved as something that can be read again, or refused in words', () => {
  const typed = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 60 }),
    fc.constantFrom('bug', ':bug:', 'high urgency', '0 9 * * *', '12', 'Paris', '<!here>', '\n'),
  );
  fc.assert(
    fc.property(
      fc.record({
        days: fc.subarray([1, 2, 3, 4, 5, 6, 7]),
        time: fc.option(fc.constantFrom('09:00', '9', '')),
        summaryCron: typed,
        timeZone: typed,
        classifyEvery: fc.option(typed),
        classifyCron: typed,
        rules: typed,
        remindHours: typed,
        closeTheLoop: fc.boolean(),
        asTheyCome: fc.boolean(),
        categories: fc.array(
          fc.record({
            row: fc.constantFrom('c-bug', 'c-noise', 'c-other', 'new1', 'new2'),
            name: typed,
            emoji: typed,
            meaning: typed,
          }),
          { maxLength: 5 },
        ),
      }),
      (form) => {
        const answer = read(form);
        if (answer.kind === 'settings') {
          expect(savedSettingsSchema.parse(JSON.parse(JSON.stringify(answer.settings)))).toEqual(
            answer.settings,
          );
        } else {
          expect(answer.problems.size).toBeGreaterThan(0);
          for (const words of answer.problems.values()) expect(words.length).toBeLessThan(1000);
        }
      },
    ),
  );
});
