import { hash } from 'node:crypto';
import type { GoldMessage } from './message.ts';

/**
 * Draws a sample with the same share of each combination of classes as the data. It follows from the
 * seed, not from the order of the file, and a larger sample of the same seed holds most of a smaller.
 */
export function drawSample(
  messages: GoldMessage[],
  size: number,
  seed: number,
): { sample: GoldMessage[]; rest: GoldMessage[] } {
  const strata = [...Map.groupBy(messages, ({ right }) => right.join(' '))]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, members]) => shuffle(members, seed));
  const chosen = new Set(
    shareOut(
      strata.map(({ length }) => length),
      Math.min(size, messages.length),
    ).flatMap((share, index) => strata[index]?.slice(0, share) ?? []),
  );
  return {
    sample: messages.filter((message) => chosen.has(message)),
    rest: messages.filter((message) => !chosen.has(message)),
  };
}

/** In an order that follows from the seed and from what each message is. */
export function shuffle(messages: GoldMessage[], seed: number): GoldMessage[] {
  const rank = ({ id, text }: GoldMessage) => hash('sha1', JSON.stringify([seed, id, text]));
  return messages
    .map((message) => ({ message, rank: rank(message) }))
    .sort((one, other) => (one.rank < other.rank ? -1 : 1))
    .map(({ message }) => message);
}

/** Shares in proportion to the sizes, by the largest remainder; one each where there is room. */
function shareOut(sizes: number[], total: number): number[] {
  const all = sizes.reduce((sum, size) => sum + size, 0);
  const exact = sizes.map((size) => (all === 0 ? 0 : (size * total) / all));
  const least = total >= sizes.length ? 1 : 0;
  const shares = exact.map((share) => Math.max(least, Math.floor(share)));
  const byRemainder = exact
    .map((share, index) => ({ index, remainder: share - Math.floor(share) }))
    .sort((one, other) => other.remainder - one.remainder || one.index - other.index);
  let open = total - shares.reduce((sum, share) => sum + share, 0);
  for (let turn = 0; open > 0; turn++) {
    const { index = 0 } = byRemainder[turn % byRemainder.length] ?? {};
    if ((shares[index] ?? 0) >= (sizes[index] ?? 0)) continue;
    shares[index] = (shares[index] ?? 0) + 1;
    open--;
  }
  // One each may be more than there is: the largest give up theirs.
  for (; open < 0; open++) {
    const largest = shares.indexOf(Math.max(...shares));
    shares[largest] = (shares[largest] ?? 0) - 1;
  }
  return shares;
}
