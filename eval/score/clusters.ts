import type { Interval } from '../../src/core/proportions.ts';
import { middle } from './interval.ts';
import { createRandom } from './random.ts';

/**
 * How well groups match labelled clusters, exactly: B-cubed (each message counts the same) and by pairs
 * of messages (each pair counts the same). The 95 % intervals are bootstrapped: whole clusters are drawn
 * with replacement.
 */

/** A message in a cluster, by its label, and in a group, by the grouping. */
export interface Placed {
  cluster: string;
  group: string;
}

interface Figures {
  /** null: nothing to measure it on. */
  precision: number | null;
  recall: number | null;
  f1: number | null;
}

type Scored = Figures & {
  precisionLow: number | null;
  precisionHigh: number | null;
  recallLow: number | null;
  recallHigh: number | null;
  f1Low: number | null;
  f1High: number | null;
};

export interface ClusterScore {
  messages: number;
  clusters: number;
  /** Groups of two or more messages. */
  groups: number;
  bcubed: Scored;
  pairwise: Scored;
}

/** What one cluster adds to the figures of all. */
interface Part {
  messages: number;
  /** The sums of its messages. */
  precision: number;
  recall: number;
  /** Pairs of its messages that are in one group; pairs in its cluster; its share of the pairs in groups. */
  right: number;
  labelled: number;
  grouped: number;
}

const RESAMPLES = 2000;

export function scoreClusters(placed: Placed[], seed: number, resamples = RESAMPLES): ClusterScore {
  const groups = Map.groupBy(placed, ({ group }) => group);
  const parts = [...Map.groupBy(placed, ({ cluster }) => cluster).values()].map((members) =>
    measureCluster(members, groups),
  );
  const random = createRandom(seed);
  const drawn = Array.from({ length: parts.length === 0 ? 0 : resamples }, () =>
    sum(parts.map(() => parts[Math.floor(random() * parts.length)] ?? NOTHING)),
  );
  const total = sum(parts);
  return {
    messages: placed.length,
    clusters: parts.length,
    groups: [...groups.values()].filter(({ length }) => length > 1).length,
    bcubed: withIntervals(total, drawn, describeBcubed),
    pairwise: withIntervals(total, drawn, describePairs),
  };
}

function measureCluster(members: Placed[], groups: Map<string, Placed[]>): Part {
  const part = { ...NOTHING, messages: members.length, labelled: countPairs(members.length) };
  for (const [name, both] of Map.groupBy(members, ({ group }) => group)) {
    const size = groups.get(name)?.length ?? 0;
    part.precision += (both.length * both.length) / size;
    part.recall += (both.length * both.length) / members.length;
    part.right += countPairs(both.length);
    // Each message of a group has half of each of its pairs.
    part.grouped += (both.length * (size - 1)) / 2;
  }
  return part;
}

const NOTHING: Part = { messages: 0, precision: 0, recall: 0, right: 0, labelled: 0, grouped: 0 };

const countPairs = (size: number) => (size * (size - 1)) / 2;

function sum(parts: Part[]): Part {
  const total = { ...NOTHING };
  for (const part of parts) {
    total.messages += part.messages;
    total.precision += part.precision;
    total.recall += part.recall;
    total.right += part.right;
    total.labelled += part.labelled;
    total.grouped += part.grouped;
  }
  return total;
}

const ratio = (part: number, whole: number) => (whole === 0 ? null : part / whole);

function describeBcubed({ messages, precision, recall }: Part): Figures {
  const [p, r] = [ratio(precision, messages), ratio(recall, messages)];
  return { precision: p, recall: r, f1: p === null || r === null ? null : (2 * p * r) / (p + r) };
}

const describePairs = ({ right, labelled, grouped }: Part): Figures => ({
  precision: ratio(right, grouped),
  recall: ratio(right, labelled),
  f1: ratio(2 * right, labelled + grouped),
});

function withIntervals(total: Part, drawn: Part[], describe: (part: Part) => Figures): Scored {
  const figures = drawn.map(describe);
  const of = (name: keyof Figures): Interval | { low: null; high: null } =>
    middle(figures.flatMap((one) => one[name] ?? [])) ?? { low: null, high: null };
  const [precision, recall, f1] = [of('precision'), of('recall'), of('f1')];
  return {
    ...describe(total),
    precisionLow: precision.low,
    precisionHigh: precision.high,
    recallLow: recall.low,
    recallHigh: recall.high,
    f1Low: f1.low,
    f1High: f1.high,
  };
}
