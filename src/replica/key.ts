import { createClaude } from '../claude/batches.ts';
import { findKeyProblem } from '../claude/check-key.ts';
import type { Hosted } from '../core/settings/hosted.ts';
import type { ManyConfig } from '../many-config.ts';
import type { Sealer } from '../store/workspaces/seal.ts';
import type { ControlDb } from '../store/workspaces/tables.ts';
import { setAnthropicKey } from '../store/workspaces/workspaces.ts';

/**
 * A workspace's key of Anthropic, which its people set in Slack. It is checked with the model that it is for, and stored
 * sealed.
 * @param own the key that it has; null: it uses that of whoever runs Winnow, if there is one
 */
export function createHosted(
  {
    control,
    sealer,
    config,
    onChanged,
  }: {
    control: ControlDb;
    sealer: Sealer;
    config: Pick<ManyConfig, 'claude' | 'settings'>;
    /** Has the workspace started again with its new key. */
    onChanged(): Promise<void>;
  },
  { team, installedBy, own }: { team: string; installedBy: string; own: string | null },
): Hosted {
  const { apiKey, baseUrl } = config.claude;
  return {
    installedBy,
    key: own !== null ? 'own' : apiKey !== null ? 'shared' : 'none',
    async setKey(key) {
      const claude = key === null ? null : createClaude({ apiKey: key, baseUrl });
      const problem = claude && (await findKeyProblem(claude, config.settings.model));
      if (problem) return problem;
      await setAnthropicKey(control, sealer, team, key);
      await onChanged();
      return { kind: 'ok' };
    },
  };
}
