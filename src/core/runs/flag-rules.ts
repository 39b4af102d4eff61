import {
  type Category,
  describeFlagRule,
  SENTIMENTS,
  type Sentiment,
  type Taxonomy,
  URGENCIES,
  type Urgency,
} from './taxonomy.ts';

/**
 * Flag rules as people write them, one per line, in the words that describe them elsewhere: "high
 * urgency", "bug, medium urgency, negative sentiment".
 */

type FlagRule = Taxonomy['flagged_when'][number];

const MAX_RULES = 20;

/** How many problems are listed; the rest are only counted. */
const PROBLEMS_SHOWN = 4;

const URGENCY = new RegExp(`^(${URGENCIES.join('|')}) urgency$`);
const SENTIMENT = new RegExp(`^(${SENTIMENTS.join('|')}) sentiment$`);

const words = (text: string) => text.trim().replace(/\s+/g, ' ').toLowerCase();

const partsOf = (line: string) =>
  line
    .split(',')
    .map(words)
    .filter((part) => part !== '');

/** A category's name as rules spell it. Names that are spelled the same cannot be told apart there. */
export const sayName = (name: string) => partsOf(name).join(', ');

/** Whether a category name could be mistaken for other words of a rule. */
export const isReservedName = (name: string) =>
  sayName(name) === '' || partsOf(name).some((part) => URGENCY.test(part) || SENTIMENT.test(part));

/** The rules of a taxonomy in words. A category with an ambiguous name is written by its key. */
export function formatFlagRules(taxonomy: Taxonomy): string {
  const { categories } = taxonomy;
  const byKey = categories.map((category) => {
    const same = categories.filter(({ name }) => sayName(name) === sayName(category.name));
    return same.length > 1 || isReservedName(category.name)
      ? { ...category, name: category.key }
      : category;
  });
  return taxonomy.flagged_when
    .map((rule) => describeFlagRule({ ...taxonomy, categories: byKey }, rule).replace(/\s+/g, ' '))
    .join('\n');
}

/** @returns the rules, or in words what is wrong with which lines */
export function parseFlagRules(
  text: string,
  categories: Pick<Category, 'key' | 'name'>[],
): { kind: 'rules'; rules: FlagRule[] } | { kind: 'problem'; problem: string } {
  const rules = new Map<string, FlagRule>();
  const problems: string[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (words(line) === '') continue;
    const rule = parseRule(line, categories);
    if (typeof rule === 'string') problems.push(`Line ${index + 1}: ${rule}`);
    else rules.set(JSON.stringify(rule), rule);
  }
  if (problems.length > PROBLEMS_SHOWN) {
    const more = problems.length - PROBLEMS_SHOWN;
    problems.splice(PROBLEMS_SHOWN, more, `And ${more} more.`);
  }
  if (rules.size > MAX_RULES) {
    problems.push(`There are ${rules.size} rules; at most ${MAX_RULES} are possible.`);
  }
  return problems.length > 0
    ? { kind: 'problem', problem: problems.join(' ') }
    : { kind: 'rules', rules: [...rules.values()] };
}

/** @returns the rule, or what is wrong with it */
function parseRule(line: string, categories: Pick<Category, 'key' | 'name'>[]): FlagRule | string {
  const rule: { urgency?: Urgency; sentiment?: Sentiment } = {};
  const rest: string[] = [];
  for (const part of partsOf(line)) {
    const urgency = URGENCY.exec(part)?.[1];
    const sentiment = SENTIMENT.exec(part)?.[1];
    if ((urgency && rule.urgency) || (sentiment && rule.sentiment)) {
      return `it names ${urgency ? 'an urgency' : 'a sentiment'} twice; write a line for each.`;
    }
    if (urgency) rule.urgency = urgency as Urgency;
    else if (sentiment) rule.sentiment = sentiment as Sentiment;
    // The rest names a category; the name itself may contain commas.
    else rest.push(part);
  }
  if (rest.length === 0) {
    return rule.urgency || rule.sentiment ? rule : 'it says nothing.';
  }
  const name = rest.join(', ');
  const category =
    categories.find((candidate) => sayName(candidate.name) === name) ??
    categories.find(({ key }) => key === name);
  if (category) return { category: category.key, ...rule };
  const shown = name.length > 40 ? `${name.slice(0, 39).toWellFormed()}…` : name;
  return `there is no category "${shown}". Write a category, low, medium or high urgency, positive, neutral or negative sentiment, separated by commas.`;
}
