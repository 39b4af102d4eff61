import { type Placed, scoreClusters } from './clusters.ts';

/**
 * The baseline of grouping: messages whose words are similar (the cosine of their TF-IDF vectors) are
 * linked, and whatever is linked, directly or through others, is a group.
 */

interface Labelled {
  /** Only messages of a channel are grouped with one another. */
  channel: string;
  cluster: string;
  text: string;
}

/** A pair of messages, by their indexes. */
interface Link {
  one: number;
  other: number;
  similarity: number;
}

/** Without other messages to choose it on. */
const DEFAULT_THRESHOLD = 0.3;

const THRESHOLDS = Array.from({ length: 19 }, (_, n) => (n + 1) / 20);

/**
 * The threshold with the best B-cubed F1, the highest one where several are equally good.
 * @param messages others than those that it is used for
 */
export function chooseThreshold(messages: Labelled[]): number {
  const channels = [...Map.groupBy(messages, ({ channel }) => channel).values()].map((members) => ({
    members,
    links: findLinks(members.map(({ text }) => text)),
  }));
  let best = { threshold: DEFAULT_THRESHOLD, f1: -1 };
  for (const threshold of THRESHOLDS) {
    const placed = channels.flatMap(({ members, links }) => place(members, links, threshold));
    const f1 = scoreClusters(placed, 0, 0).bcubed.f1 ?? -1;
    if (f1 >= best.f1 && placed.length > 0) best = { threshold, f1 };
  }
  return best.threshold;
}

/** Groups messages of one channel. */
export const groupByWords = (messages: Labelled[], threshold: number): Placed[] =>
  place(messages, findLinks(messages.map(({ text }) => text)), threshold);

function place(messages: Labelled[], links: Link[], threshold: number): Placed[] {
  const root = messages.map((_, index) => index);
  const find = (index: number): number => {
    let found = index;
    while (root[found] !== found) found = root[found] ?? found;
    return found;
  };
  for (const { one, other, similarity } of links) {
    if (similarity >= threshold) root[find(other)] = find(one);
  }
  return messages.map(({ channel, cluster }, index) => ({
    cluster,
    group: `${channel} ${find(index)}`,
  }));
}

/** All pairs that share a word. */
function findLinks(texts: string[]): Link[] {
  const vectors = buildVectors(texts);
  return vectors.flatMap((vector, one) =>
    vectors.slice(one + 1).flatMap((next, index): Link[] => {
      const similarity = multiply(vector, next);
      return similarity > 0 ? [{ one, other: one + 1 + index, similarity }] : [];
    }),
  );
}

/** Of length 1; a word weighs more the fewer texts have it. */
function buildVectors(texts: string[]): Map<string, number>[] {
  const counted = texts.map((text) => {
    const counts = new Map<string, number>();
    for (const word of readWords(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
    return counts;
  });
  const having = new Map<string, number>();
  for (const word of counted.flatMap((counts) => [...counts.keys()])) {
    having.set(word, (having.get(word) ?? 0) + 1);
  }
  return counted.map((counts) => {
    const weights = [...counts].map(([word, n]): [string, number] => [
      word,
      n * (Math.log((1 + texts.length) / (1 + (having.get(word) ?? 0))) + 1),
    ]);
    const length = Math.hypot(...weights.map(([, weight]) => weight));
    return new Map(weights.map(([word, weight]) => [word, weight / length]));
  });
}

function multiply(one: Map<string, number>, other: Map<string, number>): number {
  let product = 0;
  for (const [word, weight] of one) product += weight * (other.get(word) ?? 0);
  return product;
}

const readWords = (text: string) =>
  text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .match(/[\p{L}\p{N}]{2,}/gu) ?? [];
