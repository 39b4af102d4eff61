import { findFlagRule, type Sentiment, type Taxonomy, type Urgency } from '../runs/taxonomy.ts';
import { divideSeats } from '../strata.ts';

/**
 * A rehearsal tries changed categories or flag rules on recent messages before they are saved. This file
 * chooses the messages and compares what they are judged as: rows in, choice and figures out.
 */

export const SAMPLE_SIZE = 40;

/** A judged message that could be in the sample. */
export interface Candidate {
  channel: string;
  ts: string;
  /** The category that counts. */
  category: string;
  /** Whether a person has corrected or confirmed it. */
  corrected: boolean;
}

/**
 * Chooses up to 40 messages: all that people have corrected, then the newest of each category in proportion
 * to the categories' sizes. With more than 40 corrected ones, these are divided in the same way.
 * @param candidates in any order, each once
 * @returns the newest first
 */
export function chooseSample<One extends Candidate>(candidates: One[]): One[] {
  const corrected = candidates.filter((one) => one.corrected);
  if (corrected.length >= SAMPLE_SIZE) return chooseNewest(corrected, SAMPLE_SIZE).sort(byNewest);
  const others = candidates.filter((one) => !one.corrected);
  const chosen = chooseNewest(others, SAMPLE_SIZE - corrected.length);
  return [...corrected, ...chosen].sort(byNewest);
}

function chooseNewest<One extends Candidate>(candidates: One[], seats: number): One[] {
  const groups = [...Map.groupBy(candidates, ({ category }) => category)]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([, members]) => members.toSorted(byNewest));
  const sizes = groups.map(({ length }) => ({ size: length, pickable: length }));
  const given = divideSeats(sizes, seats);
  // There may be fewer seats than categories: then the newest messages of all have them.
  return groups
    .flatMap((members, index) => members.slice(0, given[index]))
    .sort(byNewest)
    .slice(0, seats);
}

interface Place {
  channel: string;
  ts: string;
}

const byNewest = (one: Place, other: Place): number => {
  if (one.ts !== other.ts) return one.ts > other.ts ? -1 : 1;
  return one.channel < other.channel ? -1 : 1;
};

/** What a message was judged as. */
export interface Judged {
  category: string;
  urgency: Urgency;
  sentiment: Sentiment;
}

export interface RehearsedMessage extends Place {
  /** By the settings in force; null: there is no usable answer. */
  before: Judged | null;
  /** By the ones that are tried. */
  after: Judged | null;
  /** The category that people hold to be right; null: nobody has said. */
  people: string | null;
}

/**
 * What a change of category means by what people have said. `open`: people could not have said it, because
 * one set of categories lacks theirs, or the new category did not exist. `unsaid`: nobody has judged it, or
 * both are wrong.
 */
export type Effect = 'better' | 'worse' | 'open' | 'unsaid';

export interface Flip extends Place {
  from: string;
  to: string;
  people: string | null;
  effect: Effect;
}

export interface Comparison {
  /** Messages that were judged both ways: all figures count these alone. */
  compared: number;
  /** Messages without a usable answer. */
  unanswered: number;
  /** Those of another category, what is worse first, then what is better; the newest first. */
  flips: Flip[];
  flags: {
    before: number;
    after: number;
    /** Flagged after the change alone, or before it alone; the newest first. */
    opened: Place[];
    closed: Place[];
  };
  /** By what people have said, where both sets of categories allow it. */
  corrections: { compared: number; rightBefore: number; rightAfter: number };
}

/** Compares what messages are judged as by two taxonomies. */
export function compareVerdicts(
  messages: RehearsedMessage[],
  taxonomies: { before: Taxonomy; after: Taxonomy },
): Comparison {
  const sorted = messages.toSorted(byNewest).flatMap(({ before, after, ...message }) => {
    if (before === null || after === null) return [];
    const effect = findEffect({ before, after, people: message.people }, taxonomies);
    const flaggedBefore = findFlagRule(taxonomies.before, before) !== undefined;
    const flaggedAfter = findFlagRule(taxonomies.after, after) !== undefined;
    return [{ ...message, before, after, effect, flaggedBefore, flaggedAfter }];
  });
  const place = ({ channel, ts }: Place) => ({ channel, ts });
  const flips = sorted
    .filter(({ before, after }) => before.category !== after.category)
    .map(({ channel, ts, people, effect, before, after }) => ({
      ...{ channel, ts, people, effect },
      from: before.category,
      to: after.category,
    }))
    // Sorting is stable: the newest stay first.
    .sort((one, other) => ORDER[one.effect] - ORDER[other.effect]);
  const said = sorted.filter(({ people, effect }) => people !== null && effect !== 'open');
  return {
    compared: sorted.length,
    unanswered: messages.length - sorted.length,
    flips,
    flags: {
      before: sorted.filter(({ flaggedBefore }) => flaggedBefore).length,
      after: sorted.filter(({ flaggedAfter }) => flaggedAfter).length,
      opened: sorted.filter((one) => one.flaggedAfter && !one.flaggedBefore).map(place),
      closed: sorted.filter((one) => one.flaggedBefore && !one.flaggedAfter).map(place),
    },
    corrections: {
      compared: said.length,
      rightBefore: said.filter(({ people, before }) => before.category === people).length,
      rightAfter: said.filter(({ people, after }) => after.category === people).length,
    },
  };
}

const ORDER: Record<Effect, number> = { worse: 0, better: 1, open: 2, unsaid: 3 };

function findEffect(
  { before, after, people }: { before: Judged; after: Judged; people: string | null },
  taxonomies: { before: Taxonomy; after: Taxonomy },
): Effect {
  if (people === null) return 'unsaid';
  const has = ({ categories }: Taxonomy, wanted: string) =>
    categories.some(({ key }) => key === wanted);
  const fair =
    has(taxonomies.before, people) &&
    has(taxonomies.after, people) &&
    has(taxonomies.before, after.category);
  if (!fair) return 'open';
  const [was, is] = [before.category === people, after.category === people];
  if (was === is) return 'unsaid';
  return is ? 'better' : 'worse';
}
