import {
  countHonesty,
  type Honesty,
  type HonestySample,
  type Question,
} from '../../../src/core/people/honesty.ts';
import { START } from './digest/digests.ts';

/** Figures to render. */

const WEEK_MS = 7 * 24 * 3_600_000;

/** Of each category: how many messages there were, how many were answered, and how many are right. */
type Counts = Record<string, [size: number, answered: number, right: number]>;

/** A draw a week, each with a part of these. */
export function honestyOf(counts: Counts, weeks = 1, unanswered = 0, otherModel = 0): Honesty {
  const sample: HonestySample = { draws: [], questions: [], answers: [] };
  for (let week = 0; week < weeks; week++) {
    const sizes = Object.entries(counts).map(([key, [size]]) => [key, Math.ceil(size / weeks)]);
    sample.draws.push({
      run: week + 1,
      drawnAt: START - (weeks - week - 1) * WEEK_MS,
      messages: Object.fromEntries(sizes),
    });
  }
  const ask = (category: string, n: number) => {
    const question: Question = {
      ...{ ts: `${category}-${n}`, run: (n % weeks) + 1, category, taxonomyVersion: 1 },
      model: sample.questions.length < otherModel ? 'another' : 'claude',
    };
    sample.questions.push(question);
    return question;
  };
  for (const [category, [, answered, right]] of Object.entries(counts)) {
    for (let n = 0; n < answered; n++) {
      const { ts } = ask(category, n);
      const said = n < right ? category : 'other';
      sample.answers.push({ ts, user: 'U0ANA', category: said });
      if (n % 5 === 0) {
        sample.answers.push({ ts, user: 'U0BOB', category: n % 10 === 0 ? said : 'noise' });
      }
    }
  }
  const [first = ''] = Object.keys(counts);
  for (let n = 0; n < unanswered; n++) ask(first, 10_000 + n);
  return countHonesty(sample, START);
}
