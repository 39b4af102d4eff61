import { findKeyProblem } from '../src/claude/check-key.ts';
import type { Claude } from '../src/claude/outgoing.ts';
import type { Hosted } from '../src/core/settings/hosted.ts';

/** Keys are checked by whether this model can be used. */
const MODEL = 'claude-haiku-5-5';

/** A workspace that has installed the app by OAuth, and its key. */
export interface HostedOptions {
  key: Hosted['key'];
  /** Default: the user of the stage. */
  installedBy?: string;
  /** Stands for a failure of what stores keys. */
  beforeSetting?: (key: string | null) => Promise<void>;
}

/** Keeps the key of a hosted bot while the bot is started again. */
export class KeyVault {
  #key: string | null;
  readonly #options: HostedOptions;
  readonly #connect: (key: string | null) => Claude;

  /**
   * @param accepted the key that Claude takes
   * @param connect talks to Claude with a key
   */
  constructor(
    options: HostedOptions,
    service: { accepted: string; connect: (key: string | null) => Claude },
  ) {
    this.#options = options;
    this.#connect = service.connect;
    this.#key = options.key === 'none' ? null : service.accepted;
  }

  /** What the bot talks to Claude with, as of this start. */
  connect = (): Claude => this.#connect(this.#key);

  /** What the bot knows of it, as of this start. */
  describe(installedBy: string): Hosted {
    const { key, beforeSetting } = this.#options;
    return {
      installedBy,
      key: key === 'shared' ? 'shared' : this.#key === null ? 'none' : 'own',
      setKey: async (next) => {
        await beforeSetting?.(next);
        const problem =
          next === null ? undefined : await findKeyProblem(this.#connect(next), MODEL);
        if (problem) return problem;
        this.#key = next;
        return { kind: 'ok' };
      },
    };
  }
}
