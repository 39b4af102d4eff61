import { z } from 'zod';
import type { Clock } from '../core/clock.ts';
import { isSlackError } from '../core/delivery/slack-errors.ts';
import type { Log } from '../core/log.ts';
import type { InstallationChange } from '../core/workspaces/envelope.ts';
import { describeFailure, type Slack } from '../slack/client.ts';
import { listTeams } from '../slack/teams.ts';
import {
  endInstallation,
  findInstallation,
  grantWorkspaces,
} from '../store/workspaces/installations.ts';
import type { Sealer } from '../store/workspaces/seal.ts';
import type { ControlDb } from '../store/workspaces/tables.ts';
import {
  type AddedWorkspace,
  endWorkspace,
  findWorkspace,
  isActive,
} from '../store/workspaces/workspaces.ts';

/** In which workspaces the app is, as Slack tells of it. */
export interface Installations {
  isActive(team: string): Promise<boolean>;
  /** @throws when Slack is to send it again */
  apply(change: InstallationChange): Promise<void>;
  /**
   * Ends the installation of a workspace if Slack refuses its token: that it was taken out was never heard.
   * @throws when Slack does not say it
   */
  endIfRefused(team: string): Promise<void>;
  /** The workspaces that the admins of an org have added the app to. */
  listOfOrg(token: string): Promise<AddedWorkspace[]>;
}

export function createInstallations({
  control,
  sealer,
  clock,
  log,
  createClient,
  onChanged,
}: {
  control: ControlDb;
  sealer: Sealer;
  clock: Clock;
  log: Log;
  /** A client that calls Slack with a token. */
  createClient(token: string): Slack;
  /** Tells every process that workspaces have come or gone. */
  onChanged(): Promise<void>;
}): Installations {
  /**
   * Slack may tell late of what has ended, when the app has been installed again.
   * @throws when Slack does not say it: the tokens of what is alive must not be deleted
   */
  const isAlive = async (id: string): Promise<boolean> => {
    const found = await findInstallation(control, sealer, id);
    if (!found) return false;
    const slack = createClient(found.tokens.bot);
    const answer = await slack.call('auth.test', {}, z.looseObject({}));
    if (answer.kind === 'ok') return true;
    if (answer.kind === 'refused' && isSlackError(answer.error, 'token')) return false;
    throw new Error(`Slack does not say whether ${id} has the app: ${describeFailure(answer)}`);
  };
  const endUnlessAlive = async (
    installation: string,
    end: { why: string; at: number },
  ): Promise<boolean> => {
    if (await isAlive(installation)) return false;
    if (!(await endInstallation(control, installation, end))) return false;
    log.info({ installation, why: end.why }, 'the app was taken out of a workspace');
    return true;
  };
  return {
    isActive: (team) => isActive(control, team),
    async endIfRefused(team) {
      const workspace = await findWorkspace(control, sealer, team);
      if (workspace?.endedAt !== null) return;
      const end = { why: 'token refused', at: clock.now() };
      if (await endUnlessAlive(workspace.installation, end)) await onChanged();
    },
    async apply(change) {
      const { kind, installation, at } = change;
      if (kind === 'ended') {
        if (!(await endUnlessAlive(installation, { why: change.why, at }))) return;
      } else if (kind === 'granted') {
        if (!(await grantWorkspaces(control, installation, change.teams, at))) return;
        log.info({ installation, teams: change.teams }, 'an org has added the app to workspaces');
      } else {
        for (const team of change.teams) await endWorkspace(control, team, at);
        log.info(
          { installation, teams: change.teams },
          'an org has taken the app out of workspaces',
        );
      }
      await onChanged();
    },
    async listOfOrg(token) {
      const teams = await listTeams(createClient(token));
      return teams.map(({ id, name }) => ({ team: id, name, url: null }));
    },
  };
}
