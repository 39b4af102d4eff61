import type { SlackReadError } from '../../slack/read.ts';

/** How well the bot hears Slack: what refuses it, and what no event brings. In memory only. */
export class Connection {
  #listRefusal: SlackReadError | null = null;
  #untold = false;

  /** The error code with which Slack refuses the list of channels; null while it does not. */
  get listRefusal(): string | null {
    return this.#listRefusal?.code ?? null;
  }

  /** @returns whether it is news */
  recordListRefusal(error: SlackReadError | null): boolean {
    if (error?.code === this.#listRefusal?.code) return false;
    this.#listRefusal = error;
    this.#untold = error !== null;
    return true;
  }

  /** The refusal of the list, the first time that it is asked for. */
  takeNewRefusal(): SlackReadError | null {
    const isNew = this.#untold;
    this.#untold = false;
    return isNew ? this.#listRefusal : null;
  }
}
