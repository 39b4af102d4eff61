import { z } from 'zod';
import { judgeByRules } from '../../sim/claude/judge.ts';
import { fillAnswer } from '../../sim/claude/keyword-rules.ts';
import type { Taxonomy } from '../../src/core/runs/taxonomy.ts';
import { answerSchema } from '../../src/core/runs/verdict.ts';
import { toPlainText } from '../../src/core/text.ts';
import { type ExampleIndex, openExampleIndex } from '../gold/example-index.ts';
import type { GoldMessage } from '../gold/message.ts';
import { type GoldClass, type Outcome, resolveOutcome } from './outcome.ts';

/** What judging is compared with: the same messages, judged without a model. */

/** By the keyword rules of the stand-in for Claude. */
export function judgeByKeywords(
  messages: GoldMessage[],
  taxonomy: Taxonomy,
  classes: GoldClass[],
): Outcome[] {
  const schema = z.toJSONSchema(answerSchema(taxonomy));
  return messages.map(({ text, right }) => {
    const plain = toPlainText(text, () => undefined);
    const { category } = fillAnswer(plain, schema, { judgement: judgeByRules(plain) });
    return resolveOutcome(right, String(category), classes);
  });
}

/**
 * As the most similar of other labelled messages is labelled; where none has enough in common, as most
 * of them are.
 */
export async function judgeByNearest(
  messages: GoldMessage[],
  pool: GoldMessage[],
  taxonomy: Taxonomy,
): Promise<Outcome[]> {
  const index = await openExampleIndex(taxonomy);
  try {
    await index.add(pool);
    return await judgeByIndex(messages, pool, index);
  } finally {
    await index.close();
  }
}

/** @param pool what the index holds */
export async function judgeByIndex(
  messages: GoldMessage[],
  pool: GoldMessage[],
  index: ExampleIndex,
): Promise<Outcome[]> {
  const counts = new Map<string, number>();
  for (const {
    right: [main = ''],
  } of pool)
    counts.set(main, (counts.get(main) ?? 0) + 1);
  const [usual] = [...counts].sort(([, one], [, other]) => other - one);
  const outcomes: Outcome[] = [];
  for (const message of messages) {
    const nearest = await index.findNearest(message);
    const predicted = nearest?.right[0] ?? usual?.[0] ?? '';
    const hit = message.right.includes(predicted);
    outcomes.push({ gold: (hit ? predicted : message.right[0]) ?? '', predicted });
  }
  return outcomes;
}
