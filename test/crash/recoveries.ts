/**
 * What the bot only does after a crash, such as looking for a post whose answer was lost, no
 * undisturbed day shows. Those points are found in the second process, and are crashed at as well.
 */

/** So soon after a call of a recovery what it found is committed. */
const FOLLOWING = 5;

/** `[first crash, second crash]` */
type Recovery = [string, string];

/**
 * @returns a few for every kind of recovery, each with the other ways to come to the same kind:
 * whether a recovery is needed hangs on timing, but not for all of them
 */
export function listRecoveries(undisturbed: string[], crashed: string[][][]): Recovery[][] {
  const usual = new Set(undisturbed.map(labelOf));
  const kinds = new Map<string, Recovery[]>();
  for (const [first = [], second = []] of crashed) {
    const crash = first.at(-1);
    if (crash === undefined) continue;
    for (const [index, point] of second.entries()) {
      if (!isCall(point) || usual.has(labelOf(point))) continue;
      const commits = second.slice(index + 1, index + FOLLOWING).filter(isCommit);
      for (const following of [point, ...commits]) {
        const kind = `${kindOf(point)} → ${kindOf(following)}`;
        const ways = kinds.get(kind) ?? [];
        ways.push([crash, following]);
        kinds.set(kind, ways);
      }
    }
  }
  // From the middle: at both ends of the day it hangs on timing whether a recovery is needed.
  const chosen = [...kinds.values()].flatMap((ways) =>
    [1 / 4, 3 / 4].flatMap((part) => {
      const at = Math.floor(part * ways.length);
      return ways.length === 0 ? [] : [[...ways.slice(at), ...ways.slice(0, at)]];
    }),
  );
  return [...new Map(chosen.map((ways) => [ways[0]?.join(), ways])).values()];
}

/** `after chat.postMessage 2` is `after chat.postMessage` of many. */
const kindOf = (point: string) => point.replace(/ \d+$/, '');

const labelOf = (point: string) => kindOf(point).replace(/^(before|after) /, '');

const isCommit = (point: string) => /^(before|after) commit\b/.test(point);

/** A call that may belong to a recovery. Every sweep reads history, and threads that have changed. */
const isCall = (point: string) =>
  !/^(before|after) (commit|ack|answer)\b/.test(point) &&
  !/^(before|after) conversations\.(history|replies|info) \d+$/.test(point);
