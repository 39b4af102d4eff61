import { DAY_MS } from '../durations.ts';
import { compareShares, type Estimate, estimateShare } from '../proportions.ts';
import { divideSeats } from '../strata.ts';

/**
 * How often verdicts are right, by what people answer about messages that were picked at random:
 * `docs/decisions/how-often-right.md`. Rows in, questions and figures out.
 */

/** How many messages a draw asks about; more when there are more categories. */
const QUESTIONS = 10;

/** Figures count draws for this long. What happened before says little about today's verdicts. */
export const PERIOD_MS = 90 * DAY_MS;

/** The trend compares draws of this long with those before. */
export const RECENT_MS = 28 * DAY_MS;

/** No figure is shown for fewer answered messages. */
export const LEAST_ANSWERED = 20;

/** A message that was judged since the last draw, under the category that Claude gave it. */
export interface Candidate {
  ts: string;
  category: string;
  /** Nobody has judged it, and it was never drawn. */
  open: boolean;
}

/**
 * Picks messages at random: one of each category, the others in proportion to the categories' sizes.
 * @param rankOf gives a message its place in a random order: the same ranks pick the same messages
 * @returns their timestamps, the oldest message first
 */
export function pickQuestions(candidates: Candidate[], rankOf: (ts: string) => string): string[] {
  const strata = [...Map.groupBy(candidates, ({ category }) => category)]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([, members]) => ({
      size: members.length,
      open: members.flatMap(({ open, ts }) => (open ? { ts, rank: rankOf(ts) } : [])).sort(byRank),
    }));
  const groups = strata.map(({ size, open }) => ({ size, pickable: open.length }));
  const seats = divideSeats(groups, QUESTIONS);
  return strata
    .flatMap(({ open }, index) => open.slice(0, seats[index]))
    .map(({ ts }) => ts)
    .sort();
}

const byRank = (one: { rank: string }, other: { rank: string }) => (one.rank < other.rank ? -1 : 1);

/** One draw of a channel, and how many messages each category had in what it was drawn from. */
export interface Draw {
  run: number;
  /** ms since 1970 */
  drawnAt: number;
  messages: Record<string, number>;
}

export interface Question {
  ts: string;
  run: number;
  /** What Claude had chosen when the message was drawn. */
  category: string;
  model: string;
  taxonomyVersion: number;
}

/** What a person says about a question now. */
export interface QuestionAnswer {
  ts: string;
  user: string;
  category: string;
}

/** All that figures are counted from: a channel's draws up to one of them, or up to now. */
export interface HonestySample {
  draws: Draw[];
  questions: Question[];
  /** At most one of each person about each message. */
  answers: QuestionAnswer[];
}

/** A question as it is shown. */
export interface AskedMessage {
  ts: string;
  threadTs: string | null;
  /** Slack's text; '' once it is deleted. */
  text: string;
  category: string;
  /** Why nobody can answer any more. */
  over: 'deleted' | 'forgotten' | 'edited' | null;
  /** Who has answered, in the order of their first answers. */
  people: string[];
  /** The act of the newest answer; 0 when there is none. */
  last: number;
}

export interface CategoryHonesty {
  category: string;
  drawn: number;
  answered: number;
  right: number;
  /** Its share of all messages that were drawn from. */
  share: number;
  /** null when none was answered. */
  interval: { low: number; high: number } | null;
}

export interface Honesty {
  /** The period, in ms since 1970. */
  from: number;
  to: number;
  drawn: number;
  /** Messages with an answer: too few of them, and nothing is said of how many are right. */
  answered: number;
  figures: Figures | null;
}

export interface Figures {
  right: number;
  overall: Estimate;
  /** The largest first. */
  categories: CategoryHonesty[];
  /** null when too few were answered in either part of the period. */
  trend: { recent: Estimate; before: Estimate; change: 'better' | 'worse' | 'unclear' } | null;
  /** Messages that two or more people answered, and those of them on which all said the same. */
  agreement: { messages: number; agreed: number };
  people: number;
  /** Answered ones that another model judged, or other categories, than the newest draw. */
  judgedOtherwise: number;
}

/** @param to the end of the period, in ms since 1970 */
export function countHonesty({ draws, questions, answers }: HonestySample, to: number): Honesty {
  const from = to - PERIOD_MS;
  const drawnAt = new Map(draws.map((draw) => [draw.run, draw.drawnAt]));
  const inPeriod = draws.filter((draw) => draw.drawnAt > from);
  const runs = new Set(inPeriod.map(({ run }) => run));
  const given = Map.groupBy(answers, ({ ts }) => ts);
  const drawn = questions
    .filter(({ run }) => runs.has(run))
    .map((question) => {
      const said = given.get(question.ts) ?? [];
      const recent = (drawnAt.get(question.run) ?? 0) > to - RECENT_MS;
      return { ...question, recent, said, right: isRight(question, said) };
    });
  const answered = drawn.filter(({ said }) => said.length > 0);
  const sizes = sumSizes(inPeriod);
  const overall = answered.length < LEAST_ANSWERED ? null : estimate(answered, sizes);
  const figures = overall && {
    right: answered.filter(({ right }) => right).length,
    overall,
    categories: countCategories(drawn, sizes),
    trend: findTrend(answered, sizes),
    agreement: countAgreement(answered.map(({ said }) => said)),
    people: new Set(answered.flatMap(({ said }) => said.map(({ user }) => user))).size,
    judgedOtherwise: countOtherwise(answered, drawn),
  };
  return { from, to, drawn: drawn.length, answered: answered.length, figures };
}

interface Counted extends Question {
  recent: boolean;
  said: QuestionAnswer[];
  right: boolean;
}

/** Where people disagree, more than half of them have to say that it is right. */
const isRight = ({ category }: Pick<Question, 'category'>, said: QuestionAnswer[]): boolean =>
  2 * said.filter((answer) => answer.category === category).length > said.length;

function sumSizes(draws: Draw[]): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const { messages } of draws) {
    for (const [category, size] of Object.entries(messages)) {
      sizes.set(category, (sizes.get(category) ?? 0) + size);
    }
  }
  return sizes;
}

function estimate(answered: Counted[], sizes: Map<string, number>): Estimate | null {
  const groups = Map.groupBy(answered, ({ category }) => category);
  const strata = [...groups].map(([category, members]) => ({
    weight: sizes.get(category) ?? 0,
    right: members.filter(({ right }) => right).length,
    counted: members.length,
  }));
  return estimateShare(strata);
}

function countCategories(drawn: Counted[], sizes: Map<string, number>): CategoryHonesty[] {
  const all = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  const groups = Map.groupBy(drawn, ({ category }) => category);
  return [...sizes]
    .toSorted(([one, size], [other, than]) => than - size || (one < other ? -1 : 1))
    .map(([category, size]) => {
      const members = groups.get(category) ?? [];
      const answered = members.filter(({ said }) => said.length > 0);
      const right = answered.filter((one) => one.right).length;
      const interval = estimateShare([{ weight: 1, right, counted: answered.length }]);
      return {
        category,
        drawn: members.length,
        answered: answered.length,
        right,
        share: size / all,
        interval: interval && { low: interval.low, high: interval.high },
      };
    });
}

/**
 * Both parts are weighted alike, so that only verdicts make a difference: only categories that were answered in both
 * can be compared.
 */
function findTrend(answered: Counted[], sizes: Map<string, number>): Figures['trend'] {
  const categories = [true, false].map(
    (when) =>
      new Set(answered.filter(({ recent }) => recent === when).map(({ category }) => category)),
  );
  const common = answered.filter(({ category }) =>
    categories.every((known) => known.has(category)),
  );
  const parts = [true, false].map((when) => common.filter(({ recent }) => recent === when));
  if (parts.some(({ length }) => length < LEAST_ANSWERED)) return null;
  const [recent, before] = parts.map((part) => estimate(part, sizes));
  if (!recent || !before) return null;
  const { low, high } = compareShares(recent, before);
  return { recent, before, change: low > 0 ? 'better' : high < 0 ? 'worse' : 'unclear' };
}

function countAgreement(answers: QuestionAnswer[][]): Figures['agreement'] {
  const several = answers.filter(({ length }) => length > 1);
  const agreed = several.filter((said) => new Set(said.map(({ category }) => category)).size === 1);
  return { messages: several.length, agreed: agreed.length };
}

function countOtherwise(answered: Counted[], drawn: Counted[]): number {
  const newest = drawn.reduce<Counted | undefined>(
    (last, one) => (last && last.run > one.run ? last : one),
    undefined,
  );
  return answered.filter(
    ({ model, taxonomyVersion }) =>
      model !== newest?.model || taxonomyVersion !== newest.taxonomyVersion,
  ).length;
}
