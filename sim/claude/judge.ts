/** Judges a text: by its recorded verdict if it is a sample message, by keyword rules otherwise. */
import { findRecorded, type Recorded } from '../feedback/recorded.ts';
import { judgeText } from './judge-text.ts';
import type { Concept } from './keywords.ts';
import { findSecondThing } from './second-thing.ts';

export interface Judgement {
  text: string;
  concept: Concept;
  /** What else the message does; null: nothing. */
  also: Concept | null;
  sentiment: 'positive' | 'neutral' | 'negative' | 'mixed';
  urgency: 'low' | 'medium' | 'high';
  language: string;
  /** At most 15 words. */
  gist: string;
  /** From 0 to 1. */
  confidence: number;
  source: Source;
  /** What the message asks for, by the record; null when it says that no other asks for the same. */
  theme?: string | null;
}

/**
 * What judged a text. It stands as the model in the answer, as the real service names there what
 * answered: nobody takes such a verdict for one of Claude's.
 */
type Source = 'recorded-verdicts' | 'keyword-rules';

export function judge(text: string): Judgement {
  const recorded = findRecorded(text);
  if (!recorded) return judgeByRules(text);
  const { category, sentiment, urgency, language, gist, confidence, theme = null } = recorded;
  return {
    text,
    concept: toConcept(category),
    also: recorded.also === undefined ? null : toConcept(recorded.also),
    sentiment,
    urgency,
    language,
    gist,
    confidence,
    theme,
    source: 'recorded-verdicts',
  };
}

const toConcept = (category: Recorded['category']): Concept =>
  category === 'feature_request' ? 'feature' : category;

/** By keyword rules, also where a verdict is recorded. */
export const judgeByRules = (text: string): Judgement => ({
  ...judgeText(text),
  also: findSecondThing(text),
  source: 'keyword-rules',
});
