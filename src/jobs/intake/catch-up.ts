/** A history that is slow to read, or cannot be read, holds work up for so long and no longer. */
export const MAX_WAIT_MS = 20_000;

/**
 * Which channels have been read since events may last have been missed: at a start, or while the
 * connection was lost. Until a channel has been read, a deletion or an edit in it may be unknown,
 * so nothing of it is sent to Claude or published. It is kept in memory: the next process has to
 * read every channel again.
 */
export class CatchUp {
  /** How often events may have been missed. */
  #missed = 0;
  #waitUntil = 0;
  /** By channel: how often events had been missed when its last reading began. */
  readonly #readAfter = new Map<string, number>();

  /** Events may have been missed: every channel has to be read, by a sweep that begins from now on. */
  missEvents(now: number): void {
    this.#missed++;
    // A connection that is lost again and again must not put work off for ever.
    if (this.#waitUntil <= now) this.#waitUntil = now + MAX_WAIT_MS;
  }

  /** A sweep begins. The answer notes what it reads. */
  beginReading(): { channel(id: string): void; everything(): void } {
    const missed = this.#missed;
    return {
      channel: (id) => void this.#readAfter.set(id, missed),
      everything: () => {
        if (missed === this.#missed) this.#waitUntil = 0;
      },
    };
  }

  /** @returns until when work on a channel has to wait at most; null when it may go on */
  waitFor(channel: string, now: number): number | null {
    return this.#readAfter.get(channel) === this.#missed ? null : this.waitForAll(now);
  }

  /** The same for work on all channels. */
  waitForAll(now: number): number | null {
    const left = this.#waitUntil - now;
    // More is left than there was when the clock was set back.
    return left > 0 && left <= MAX_WAIT_MS ? this.#waitUntil : null;
  }
}
