import type { PeopleEmoji } from '../people/acts.ts';
import { EMOJI_NAME, hasEmoji } from '../people/emoji.ts';
import { isReservedName, parseFlagRules, sayName } from '../runs/flag-rules.ts';
import { type Category, type Taxonomy, taxonomySchema } from '../runs/taxonomy.ts';
import { count } from '../text.ts';
import {
  type CategoryRow,
  formatEmoji,
  formatMeaning,
  MAX_CATEGORIES,
  MEANING_LENGTH,
  NAME_LENGTH,
  NOT_LENGTH,
  type Problems,
  readMeaning,
  type SettingsForm,
} from './form.ts';
import { findEmojiClashes } from './settings.ts';

/** Reads the categories, and the flag rules that name them. */
export function readTaxonomy(
  form: SettingsForm,
  current: Taxonomy,
  { emoji, emojiNames }: { emoji: PeopleEmoji; emojiNames?: readonly string[] | undefined },
  problems: Problems,
): Taxonomy | undefined {
  const before = problems.size;
  const rows = readRows(form.categories, current, problems);
  findNameProblems(rows, problems);
  findEmojiProblems(rows, emoji, problems);
  if (emojiNames) findUnknownEmoji(rows, current, emojiNames, problems);
  const categories = rows.map(({ category }) => category);
  const [first] = form.categories;
  if (categories.length < 2 && problems.size === before) {
    problems.set(first ? `${first.row}-name` : 'rules', 'At least two categories are needed.');
  }
  const last = form.categories.findLast(({ name }) => name.trim() !== '');
  if (categories.length > MAX_CATEGORIES && last) {
    problems.set(`${last.row}-name`, `At most ${MAX_CATEGORIES} categories are possible.`);
  }
  // A rule may still use the previous name of a category.
  const kept = new Set(categories.map(({ key }) => key));
  const earlier = current.categories.filter(({ key }) => kept.has(key));
  const parsed = parseFlagRules(form.rules, [...categories, ...earlier]);
  if (parsed.kind === 'problem') problems.set('rules', parsed.problem);
  if (problems.size > before || parsed.kind === 'problem') return undefined;
  return taxonomySchema.parse({ categories, flagged_when: parsed.rules });
}

/** Slack's own limit for a name, November 2026. */
const EMOJI_LENGTH = 100;

interface ReadRow {
  row: string;
  category: Category;
}

const keyOf = ({ row }: CategoryRow) => (row.startsWith('c-') ? row.slice(2) : null);

/** Reads the rows as categories. A row with an empty name is left out. */
function readRows(rows: CategoryRow[], current: Taxonomy, problems: Problems): ReadRow[] {
  const kept = rows.filter(({ name }) => name.trim() !== '');
  for (const { row, name, emoji, meaning } of rows) {
    // Clearing the name of an existing category removes it; in a new row an empty name is a mistake.
    if (!name.trim() && row.startsWith('new') && (emoji.trim() || meaning.trim())) {
      problems.set(`${row}-name`, 'Name the category, or clear its other fields.');
    }
  }
  const known = new Map(current.categories.map((category) => [category.key, category]));
  const taken = new Set(kept.flatMap((row) => keyOf(row) ?? []).filter((key) => known.has(key)));
  const kinds = new Set<string>();
  return kept.map((row) => {
    // A row that comes twice is another category the second time.
    const before = kinds.has(row.row) ? null : keyOf(row);
    kinds.add(row.row);
    const name = row.name.trim().replace(/\s+/g, ' ');
    const key = before !== null && known.has(before) ? before : makeKey(name, taken);
    taken.add(key);
    const emoji = row.emoji.trim().replace(/^:|:$/g, '');
    const { meaning, not } = readMeaning(row.meaning);
    if (emoji && (!EMOJI_NAME.test(emoji) || emoji.length > EMOJI_LENGTH)) {
      problems.set(
        `${row.row}-emoji`,
        'Write one emoji by its name in Slack, such as :bug:, without a skin tone.',
      );
    }
    const { min, max } = MEANING_LENGTH;
    if (lengthOf(meaning) < min || lengthOf(meaning) > max) {
      problems.set(
        `${row.row}-meaning`,
        `Say in ${min} to ${max} characters what belongs here: Claude goes by it.`,
      );
    }
    if (not !== undefined && (lengthOf(not) < NOT_LENGTH.min || lengthOf(not) > NOT_LENGTH.max)) {
      problems.set(
        `${row.row}-meaning`,
        `Say after "Not:" in ${NOT_LENGTH.min} to ${NOT_LENGTH.max} characters what belongs elsewhere.`,
      );
    }
    const category = {
      key,
      name,
      ...(emoji && { emoji }),
      meaning,
      ...(not !== undefined && { not }),
    };
    return { row: row.row, category: untouched(known.get(key), row) ?? category };
  });
}

/** As zod counts it: an emoji is one character, though JavaScript counts two. */
const lengthOf = (text: string) => [...text].length;

/** The category unchanged, if its row is as the form was filled. */
function untouched(before: Category | undefined, row: CategoryRow): Category | undefined {
  return before &&
    before.name === row.name &&
    formatEmoji(before) === row.emoji &&
    formatMeaning(before).trim() === row.meaning.trim()
    ? before
    : undefined;
}

/** Makes a key from a name. The key never changes, because verdicts refer to their category by it. */
function makeKey(name: string, taken: Set<string>): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[^a-z]+|_+$/g, '')
    .slice(0, 28);
  const base = plain || 'category';
  for (let n = 1; ; n++) {
    const key = n === 1 ? base : `${base}_${n}`;
    if (!taken.has(key)) return key;
  }
}

function findNameProblems(rows: ReadRow[], problems: Problems): void {
  const seen = new Set<string>();
  for (const { row, category } of rows) {
    const { name } = category;
    const same = sayName(name);
    if (name.length > NAME_LENGTH) {
      problems.set(
        `${row}-name`,
        `At most ${count(NAME_LENGTH, 'character')} are possible; these are ${name.length}.`,
      );
    } else if (isReservedName(name)) {
      problems.set(`${row}-name`, 'A rule above would mean something else by it: choose another.');
    } else if (seen.has(same)) {
      problems.set(`${row}-name`, 'Another category has this name.');
    }
    seen.add(same);
  }
}

/** An emoji that was there before and is gone may stay: it may come back. */
function findUnknownEmoji(
  rows: ReadRow[],
  current: Taxonomy,
  names: readonly string[],
  problems: Problems,
): void {
  const before = new Set(current.categories.map(({ emoji }) => emoji));
  for (const { row, category } of rows) {
    const { emoji } = category;
    if (!emoji || before.has(emoji) || problems.has(`${row}-emoji`)) continue;
    if (!hasEmoji(names, emoji)) {
      problems.set(`${row}-emoji`, 'This workspace has no emoji of that name.');
    }
  }
}

const MEANT_BY: Record<keyof PeopleEmoji, string> = {
  claim: 'claim a message',
  resolve: 'resolve a message',
  dismiss: 'say that it is not an issue',
  confirm: 'say that its category is right',
  flag: 'flag a message',
};

function findEmojiProblems(rows: ReadRow[], emoji: PeopleEmoji, problems: Problems): void {
  const rowOf = new Map(rows.map(({ row, category }) => [category.key, { row, category }]));
  const categories = rows.map(({ category }) => category);
  for (const { uses } of findEmojiClashes(emoji, { categories })) {
    const act = uses.find((use) => 'act' in use)?.act;
    const clashing = uses.flatMap((use) =>
      'category' in use ? (rowOf.get(use.category) ?? []) : [],
    );
    // If several categories share an emoji, the first may keep it.
    const [first, ...others] = clashing;
    for (const { row } of act ? clashing : others) {
      problems.set(
        `${row}-emoji`,
        act
          ? `By this reaction people ${MEANT_BY[act]}: choose another.`
          : `${first?.category.name} has this emoji: choose another.`,
      );
    }
  }
}
