/** A history that is slow, or cannot be read, holds work up for at most this long. */
export const MAX_WAIT_MS = 20_000;

/**
 * Which channels have been read since events may last have been missed: at a start, or while the
 * connection was lost. Until a channel has been read, a deletion or an edit in it may be unknown,
 * so nothing of it is sent to Claude or published. This lives in memory: the next process has to
 * read every channel again.
 */
export class CatchUp {
  /** How often events may have been missed. */
  #missed = 0;
  #waitUntil = 0;
  /** By channel: the value of the counter when its last reading began. */
  readonly #readAfter = new Map<string, number>();

  /**
   * Call it when events may have been missed: a sweep that begins from now on has to read every
   * channel.
   */
  missEvents(now: number): void {
    this.#missed++;
    // A connection that is lost again and again must not delay work for ever.
    if (this.#waitUntil <= now) this.#waitUntil = now + MAX_WAIT_MS;
  }

  /** Call it when a sweep begins. Call the result for each channel that has been read. */
  beginReading(): { channel(id: string): void; everything(): void } {
    const missed = this.#missed;
    return {
      channel: (id) => void this.#readAfter.set(id, missed),
      everything: () => {
        if (missed === this.#missed) this.#waitUntil = 0;
      },
    };
  }

  /**
   * @param since when the work was asked for: after a slow start it still waits for its own 20 seconds
   * @returns until when work on a channel has to wait at most; null when it may go on
   */
  waitFor(channel: string, now: number, since = 0): number | null {
    if (this.#waitUntil === 0 || this.#readAfter.get(channel) === this.#missed) return null;
    return ahead(Math.max(this.#waitUntil, since + MAX_WAIT_MS), now);
  }

  /** The same for work on all channels. */
  waitForAll(now: number): number | null {
    return ahead(this.#waitUntil, now);
  }
}

/** A time to wait for; null when it is past, or when the clock was set back, so that it is too far off. */
function ahead(until: number, now: number): number | null {
  const left = until - now;
  return left > 0 && left <= MAX_WAIT_MS ? until : null;
}
