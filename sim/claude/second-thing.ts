/** The second thing that a text does, by counting words in its parts: the stand-in's guess at `also`. */
import { judgeText } from './judge-text.ts';
import type { Concept } from './keywords.ts';

/** The score that a part has to have to do such a thing on its own. */
const ENOUGH: Partial<Record<Concept, number>> = {
  bug: 3,
  feature: 5,
  usability: 4,
  question: 4,
  praise: 2,
};

/** Longer texts have so many parts that words fall together by chance. */
const LONGEST = 300;

/** Sentences, and what stands on both sides of "but" and "and". */
const PARTS = /(?<=[.!?])\s+|[;,]?\s+(?:but|and|mais|et)\s+/iu;

/** null: it does one thing, or more than two. */
export function findSecondThing(text: string): Concept | null {
  const { concept } = judgeText(text);
  if (concept === 'noise' || text.length > LONGEST) return null;
  const done = new Set(text.split(PARTS).flatMap((part) => readPart(part) ?? []));
  const [second, ...others] = [...done].filter((one) => one !== concept);
  return done.has(concept) && second !== undefined && others.length === 0 ? second : null;
}

function readPart(part: string): Concept | undefined {
  if (part.trim().split(/\s+/u).length < 3) return undefined;
  const { concept, scores } = judgeText(part);
  return scores[concept] >= (ENOUGH[concept] ?? Number.POSITIVE_INFINITY) ? concept : undefined;
}
