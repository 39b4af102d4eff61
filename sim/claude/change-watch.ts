/** Waiting for a state without polling: a predicate is asked again at every change. */
export interface WaitOptions {
  /** Default 60,000. */
  timeoutMs?: number;
  /** What is waited for, for the message when it does not come. */
  what?: string;
}

export class ChangeWatch {
  readonly #asks = new Set<() => void>();

  notify(): void {
    for (const ask of this.#asks) ask();
  }

  /** Calls at every change, until the function that it answers is called. */
  listen(listener: () => void): () => void {
    // A function of its own, so that the same listener may be given twice.
    const ask = () => listener();
    this.#asks.add(ask);
    return () => void this.#asks.delete(ask);
  }

  /** Resolves with the predicate's first truthy value; rejects after `timeoutMs`. */
  async waitFor<T>(
    predicate: () => T,
    { timeoutMs = 60_000, what = 'a change' }: WaitOptions = {},
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        this.#asks.delete(ask);
        settle();
      };
      const ask = () => {
        try {
          const value = predicate();
          if (value) finish(() => resolve(value));
        } catch (error) {
          finish(() => reject(error));
        }
      };
      const timer = setTimeout(
        () => finish(() => reject(new Error(`waited ${timeoutMs} ms in vain for ${what}`))),
        timeoutMs,
      );
      this.#asks.add(ask);
      ask();
    });
  }
}
