// Waiting for a condition without polling: whoever changes the world says so, and the waiting
// predicates are asked again once per turn of the event loop.

export interface WaitOptions {
  /** Default 60,000. */
  timeoutMs?: number;
  /** What is being waited for, for the message of the rejection. */
  what?: string;
}

export interface Changes {
  note(): void;
  waitFor<T>(predicate: () => T | undefined | false, options?: WaitOptions): Promise<T>;
}

export function createChanges(describe: () => string): Changes {
  const waiters = new Set<() => void>();
  let scheduled = false;
  const note = () => {
    if (scheduled || waiters.size === 0) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      for (const check of [...waiters]) check();
    });
  };
  return {
    note,
    waitFor<T>(predicate: () => T | undefined | false, options: WaitOptions = {}): Promise<T> {
      const { timeoutMs = 60_000, what = predicate.toString() } = options;
      return new Promise<T>((resolve, reject) => {
        const stop = () => {
          waiters.delete(check);
          clearTimeout(timer);
        };
        const check = () => {
          try {
            const value = predicate();
            if (value === undefined || value === false) return;
            stop();
            resolve(value);
          } catch (error) {
            stop();
            reject(error);
          }
        };
        const timer = setTimeout(() => {
          stop();
          reject(new Error(`Waited ${timeoutMs} ms in vain for: ${what}\n${describe()}`));
        }, timeoutMs);
        waiters.add(check);
        check();
      });
    },
  };
}
