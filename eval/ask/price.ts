import { estimateUsd } from '../../src/claude/pricing.ts';
import { measurePrefix } from '../../src/claude/prompt.ts';
import type { Lane } from '../../src/core/runs/lane.ts';
import type { Taxonomy } from '../../src/core/runs/taxonomy.ts';
import type { Question } from './question.ts';

/** About the most that asking these costs, in US dollars; null when the price of the model is not known. */
export function priceQuestions(
  asked: Map<Lane, Question[]>,
  { model, taxonomy }: { model: string; taxonomy: Taxonomy },
): number | null {
  let usd: number | null = 0;
  for (const [lane, questions] of asked) {
    const lengths = questions.map(({ params }) => JSON.stringify(params.messages).length);
    const price = estimateUsd(model, lane, {
      messages: questions.length,
      characters: lengths.reduce((sum, length) => sum + length, 0),
      prefixCharacters: measurePrefix(taxonomy, model),
    });
    usd = usd === null || price === null ? null : usd + price;
  }
  return usd;
}
