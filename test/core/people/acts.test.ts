import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ActiveAct,
  type ActState,
  DEFAULT_EMOJI,
  deriveActState,
  interpretReaction,
  lastStateAct,
  type StateActKind,
} from '../../../src/core/people/acts.ts';
import { DEFAULT_TAXONOMY } from '../../../src/core/runs/taxonomy.ts';

const taxonomy = DEFAULT_TAXONOMY;
const KEYS = taxonomy.categories.map(({ key }) => key);

/** Acts in their order, each a minute after the one before: `claim by Ana`, `correct to bug by Ben`. */
function acts(...told: string[]): ActiveAct[] {
  return told.map((words, index) => {
    const match = /^(\w+)(?: to (\w+))? by (\w+)$/.exec(words);
    if (!match) throw new Error(`not an act: ${words}`);
    const [, kind, category, user = ''] = match;
    return {
      id: index + 1,
      user,
      kind: kind as StateActKind,
      category: category ?? null,
      at: (index + 1) * 60_000,
    };
  });
}

const stand = (...told: string[]) => deriveActState(acts(...told), taxonomy);

describe('a reaction asks for', () => {
  const interpret = (name: string) => interpretReaction(name, DEFAULT_EMOJI, taxonomy);

  test.each<[string, StateActKind]>([
    ['eyes', 'claim'],
    ['white_check_mark', 'resolve'],
    ['heavy_check_mark', 'resolve'],
    ['no_good', 'dismiss'],
    ['woman-gesturing-no::skin-tone-4', 'dismiss'],
    ['+1', 'confirm'],
    ['thumbsup::skin-tone-2', 'confirm'],
    ['triangular_flag_on_post', 'flag'],
  ])(':%s: to %s', (name, kind) => {
    expect(interpret(name)).toEqual({ kind, category: null });
  });

  test('a correction when it is the emoji of a category', () => {
    for (const { key, emoji } of taxonomy.categories) {
      if (emoji) expect(interpret(emoji)).toEqual({ kind: 'correct', category: key });
    }
    expect(interpret('grey_question')).toEqual({ kind: 'correct', category: 'question' });
  });

  test('nothing otherwise', () => {
    for (const name of ['heart', 'ladybug', '', '::', 'eyes2', 'noise']) {
      expect(interpret(name)).toBeUndefined();
    }
  });

  test('what the settings say', () => {
    const own = { ...DEFAULT_EMOJI, claim: 'thumbsup', confirm: 'ok_hand' };
    expect(interpretReaction('+1', own, taxonomy)).toEqual({ kind: 'claim', category: null });
    expect(interpretReaction('eyes', own, taxonomy)).toBeUndefined();
  });

  test('something or nothing, whatever it is called', () => {
    const known = fc.constantFrom(...Object.values(DEFAULT_EMOJI), 'bug', 'question', 'x');
    const tone = fc.constantFrom('', '::skin-tone-2', '::', '::skin-tone-9::x');
    const toned = fc.tuple(known, tone).map((parts) => parts.join(''));
    const name = fc.oneof(fc.string({ unit: 'binary' }), toned);
    fc.assert(
      fc.property(name, (reaction) => {
        const asked = interpret(reaction);
        if (asked?.kind === 'correct') expect(KEYS).toContain(asked.category);
        else expect(asked?.category ?? null).toBeNull();
      }),
    );
  });
});

describe('a message stands', () => {
  const untouched: ActState = {
    state: 'open',
    by: null,
    why: null,
    at: null,
    flaggedBy: null,
    correction: null,
  };

  test('as it came when nobody has done anything', () => {
    expect(stand()).toEqual(untouched);
  });

  test.each<[string[], Partial<ActState>]>([
    [['claim by Ana'], { state: 'claimed', by: 'Ana' }],
    [['resolve by Ana'], { state: 'resolved', by: 'Ana' }],
    [['dismiss by Ana'], { state: 'dismissed', by: 'Ana' }],
    [['flag by Ana'], { flaggedBy: 'Ana' }],
    [['claim by Ana', 'claim by Ben'], { state: 'claimed', by: 'Ben' }],
    [['resolve by Ana', 'claim by Ben'], { state: 'claimed', by: 'Ben' }],
    [['dismiss by Ana', 'flag by Ben'], { flaggedBy: 'Ben' }],
    [['flag by Ana', 'resolve by Ben'], { state: 'resolved', by: 'Ben', flaggedBy: 'Ana' }],
  ])('by the last of %j', (told, standing) => {
    const at = told.length * 60_000;
    expect(stand(...told)).toEqual({ ...untouched, at, ...standing });
  });

  test('as before when its category is corrected or confirmed', () => {
    expect(stand('claim by Ana', 'correct to bug by Ben')).toMatchObject({
      state: 'claimed',
      by: 'Ana',
      correction: { category: 'bug', user: 'Ben', act: 2 },
    });
    expect(stand('resolve by Ana', 'confirm to praise by Ben')).toMatchObject({
      state: 'resolved',
      correction: { category: 'praise', user: 'Ben', act: 2 },
    });
  });

  test('dismissed when somebody says that it is noise', () => {
    expect(stand('claim by Ana', 'correct to noise by Ben')).toMatchObject({
      state: 'dismissed',
      by: 'Ben',
      correction: { category: 'noise', user: 'Ben' },
    });
    // That noise is noise asks nobody to do anything.
    expect(stand('flag by Ana', 'confirm to noise by Ben')).toMatchObject({ state: 'open' });
  });

  test('open again when somebody else says that it is no noise after all', () => {
    expect(stand('correct to noise by Ana', 'correct to bug by Ben')).toMatchObject({
      state: 'open',
      correction: { category: 'bug', user: 'Ben' },
    });
    // Ben has said in between that it is a bug, and taken it back.
    expect(stand('correct to noise by Ana', 'confirm to bug by Cleo')).toMatchObject({
      state: 'open',
      correction: { category: 'bug', user: 'Cleo' },
    });
  });

  test('by the last correction; a confirmation of no category changes none', () => {
    expect(stand('correct to bug by Ana', 'correct to praise by Ben')).toMatchObject({
      correction: { category: 'praise', user: 'Ben', act: 2 },
    });
    expect(stand('correct to bug by Ana', 'confirm by Ben')).toMatchObject({
      correction: { category: 'bug', user: 'Ana', act: 1 },
    });
  });

  test('as before when the category that somebody gave it is no longer in the taxonomy', () => {
    expect(stand('claim by Ana', 'correct to lost_category by Ben')).toMatchObject({
      state: 'claimed',
      by: 'Ana',
    });
  });
});

describe('whatever people did', () => {
  const act = fc.record({
    user: fc.constantFrom('U1', 'U2', 'U3'),
    kind: fc.constantFrom<StateActKind>(
      'claim',
      'resolve',
      'dismiss',
      'flag',
      'correct',
      'confirm',
    ),
    category: fc.constantFrom(...KEYS, 'lost_category'),
  });
  /** Ids and times go up, and there is a category where there has to be one. */
  const history = fc.array(act, { maxLength: 12 }).map((told) =>
    told.map((one, index): ActiveAct => {
      const judges = one.kind === 'correct' || one.kind === 'confirm';
      return { ...one, id: index + 1, at: index, category: judges ? one.category : null };
    }),
  );
  const check = (property: (all: ActiveAct[]) => void) => fc.assert(fc.property(history, property));

  test('somebody is named exactly when it is claimed, resolved or dismissed', () => {
    check((all) => {
      const { state, by } = deriveActState(all, taxonomy);
      expect(by === null).toBe(state === 'open');
    });
  });

  test('it stands by an act that somebody did, and says when', () => {
    check((all) => {
      const last = lastStateAct(all, taxonomy);
      const { by, at } = deriveActState(all, taxonomy);
      expect(at).toBe(last?.at ?? null);
      if (by !== null) expect(by).toBe(last?.user);
      if (last) expect(all).toContain(last);
    });
  });

  test('the last act of its kind is what counts', () => {
    check((all) => {
      const last = all.at(-1);
      if (!last) return;
      const { state, by, flaggedBy, correction } = deriveActState(all, taxonomy);
      const { kind, user, category, id: act } = last;
      switch (kind) {
        case 'claim':
          expect({ state, by }).toEqual({ state: 'claimed', by: user });
          return;
        case 'resolve':
          expect({ state, by }).toEqual({ state: 'resolved', by: user });
          return;
        case 'dismiss':
          expect({ state, by }).toEqual({ state: 'dismissed', by: user });
          return;
        case 'flag':
          expect({ state, flaggedBy }).toEqual({ state: 'open', flaggedBy: user });
          return;
        case 'correct':
        case 'confirm':
          expect(correction).toEqual({ category, user, act });
          return;
        default:
          kind satisfies never;
      }
    });
  });

  test('taking back the act that its state follows from uncovers the one before it', () => {
    check((all) => {
      const last = lastStateAct(all, taxonomy);
      if (!last) return;
      const left = all.filter((one) => one !== last);
      const uncovered = lastStateAct(left, taxonomy);
      expect(uncovered?.id ?? 0).toBeLessThan(last.id);
      const { by } = deriveActState(left, taxonomy);
      if (by !== null) expect(by).toBe(uncovered?.user);
    });
  });

  test('taking back everything, in any order, leaves it as it came', () => {
    const shuffled = history.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(shuffled, ([all, order]) => {
        let left = all;
        for (const undone of order) {
          left = left.filter((one) => one !== undone);
          expect(() => deriveActState(left, taxonomy)).not.toThrow();
        }
        expect(deriveActState(left, taxonomy)).toEqual(deriveActState([], taxonomy));
      }),
    );
  });

  test('taking back an act that a later one covers changes only what it alone had said', () => {
    check((all) => {
      const standing = deriveActState(all, taxonomy);
      const counting = new Set([
        lastStateAct(all, taxonomy)?.id,
        standing.correction?.act,
        all.findLast(({ kind }) => kind === 'flag')?.id,
      ]);
      for (const covered of all.filter(({ id }) => !counting.has(id))) {
        const left = all.filter((one) => one !== covered);
        expect(deriveActState(left, taxonomy)).toEqual(standing);
      }
    });
  });
});
