/**
 * Whose voice a message is, so that people can be counted, not messages. A person, or the person whom a
 * post names, is one voice however often they write. An integration that names nobody is one voice for
 * each thing it says: what it sends again has another number, time, link or mark, but the same words.
 */

/** How a post that is sent again may begin or end. */
const AGAIN = new Set(
  're fw fwd retry retried retrying attempt resend resent resending repost reposted duplicate'.split(
    ' ',
  ),
);

/** Fewer words than this say too little without their numbers: `Rating: 5` and `Rating: 1`. */
const ENOUGH_WORDS = 4;

/**
 * The words of a post that tell it from others of the same integration; '' when it has none.
 * @param essence what the post says, without what changes by itself: see essence.ts
 */
export function tellingWords(essence: string): string {
  const words =
    essence
      .toLowerCase()
      .normalize('NFKC')
      .replace(/https?:\/\/[^\s|<>]+/g, ' ')
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  const telling = words.filter((word) => !/\p{N}/u.test(word));
  const said = telling.length >= ENOUGH_WORDS ? telling : words;
  const first = said.findIndex((word) => !AGAIN.has(word));
  const last = said.findLastIndex((word) => !AGAIN.has(word));
  return said.slice(Math.max(first, 0), last + 1).join(' ');
}
