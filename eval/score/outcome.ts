/**
 * An answer as scoring counts it: which class the message is of, and which class the answer is of.
 * Both are resolved from the classes of the data, see docs/evaluate.md.
 */
export interface Outcome {
  gold: string;
  /** A class, or the category of no class, or `UNUSABLE`. */
  predicted: string;
}

/** Where an answer stands that has no category. It is wrong. */
export const UNUSABLE = '(unusable)';

/** Categories that count as one, because a label of the data allows all of them. */
export interface GoldClass {
  /** Its categories, joined by `+`. */
  name: string;
  categories: string[];
}

/**
 * @param right the names of the classes that are right for the message, the main one first
 * @param category the answer's; null: there is no usable answer
 */
export function resolveOutcome(
  right: string[],
  category: string | null,
  classes: GoldClass[],
): Outcome {
  const [main] = right;
  if (main === undefined) throw new Error('a message without a right class cannot be scored');
  if (category === null) return { gold: main, predicted: UNUSABLE };
  const holders = classes.filter(({ categories }) => categories.includes(category));
  const hit = right.find((name) => holders.some((one) => one.name === name));
  if (hit !== undefined) return { gold: hit, predicted: hit };
  return { gold: main, predicted: holders[0]?.name ?? category };
}
