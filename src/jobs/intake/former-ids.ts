import { MINUTE_MS } from '../../core/durations.ts';
import type { IdChange } from '../../store/intake/channel-ids.ts';

/** How long work that began before a change may still store something under the former id. */
const STRAGGLE_MS = 10 * MINUTE_MS;

/** The former ids of all channels, in memory, so that translating one costs nothing. */
export class ChannelIds {
  readonly #ids = new Map<string, { id: string; changedAt: number; settled: boolean }>();
  /** Former ids in FEEDBACK_CHANNELS that the log has named. */
  readonly warned = new Set<string>();
  /** Pairs of channels that were compared and are not the same. */
  readonly different = new Set<string>();

  /** The id that a channel has now. */
  current(id: string): string {
    return this.#ids.get(id)?.id ?? id;
  }

  /** The ids that a channel had before. */
  formerOf(id: string): string[] {
    return [...this.#ids].flatMap(([former, now]) => (now.id === id ? former : []));
  }

  get isEmpty(): boolean {
    return this.#ids.size === 0;
  }

  replaceAll(rows: (IdChange & { changed_at: number })[]): void {
    this.#ids.clear();
    for (const { former, id, changed_at: changedAt } of rows) {
      this.#ids.set(former, { id, changedAt, settled: false });
    }
  }

  /** Changes after which something may still be stored under the former id. */
  unsettled(): IdChange[] {
    return [...this.#ids].flatMap(([former, { id, settled }]) => (settled ? [] : { former, id }));
  }

  settle(former: string, now: number): void {
    const change = this.#ids.get(former);
    if (change && now - change.changedAt > STRAGGLE_MS) change.settled = true;
  }
}
