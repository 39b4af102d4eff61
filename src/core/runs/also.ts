import type { Taxonomy } from './taxonomy.ts';

/** A message that does two things has a second category, `also`, besides the one that counts. */

/** Which categories can be a second one: noise does nothing else. */
export const listSecondCategories = ({ categories }: Taxonomy) =>
  categories.filter(({ emoji }) => emoji);

/** The second category as it may stand beside the first: another one, and neither of them noise. */
export function checkAlso(
  also: string | null,
  category: string,
  { categories }: Taxonomy,
): string | null {
  // Nobody knows whether a removed category was noise.
  const isNoise = (key: string) => categories.some((one) => one.key === key && !one.emoji);
  return also === null || also === category || isNoise(also) || isNoise(category) ? null : also;
}
