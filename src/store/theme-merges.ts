import type { Tx } from './database.ts';

/** Themes that may be the same: proposed by Claude, merged, kept apart and parted again by people. */

/** Proposes pairs that were not proposed before. @returns how many are new */
export async function proposeMerges(
  tx: Tx,
  { channel, run }: { channel: string; run: number },
  pairs: [number, number][],
  now: number,
): Promise<number> {
  let proposed = 0;
  for (const [first, second] of pairs) {
    const [one, other] = first < second ? [first, second] : [second, first];
    const { numInsertedOrUpdatedRows = 0n } = await tx
      .insertInto('theme_merges')
      .values({ channel, one, other, run, state: 'proposed', moved: null, by: null, at: now })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    proposed += Number(numInsertedOrUpdatedRows);
  }
  return proposed;
}
