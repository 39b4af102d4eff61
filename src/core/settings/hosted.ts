/**
 * A hosted bot: one of many workspaces that have installed the app by OAuth. Nobody there has an environment
 * file, so the key of Anthropic is set in Slack.
 */
export interface Hosted {
  /** Who installed the app; may set the key as long as they are a member, as admins and owners may. */
  readonly installedBy: string;
  /** `own`: the workspace's; `shared`: that of the operator of Winnow; `none`: nothing is classified until one is set. */
  readonly key: 'own' | 'shared' | 'none';
  /**
   * Checks a key at Anthropic and stores it; null removes it. Once this has resolved, the workspace is started
   * again with it: who awaits it, answers a person first.
   */
  setKey(
    key: string | null,
  ): Promise<
    { kind: 'ok' } | { kind: 'refused'; reason: string } | { kind: 'unclear'; reason: string }
  >;
}

/** By this, words say who can change something; null: a bot of its own. */
export type Host = Pick<Hosted, 'key'> | null;
