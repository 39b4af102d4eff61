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
  listOrgs,
} from '../store/workspaces/installations.ts';
import type { Sealer } from '../store/workspaces/seal.ts';
import type { ControlDb } from '../store/workspaces/tables.ts';
import {
  type AddedWorkspace,
  endWorkspace,
  findWorkspace,
  isActive,
  listWorkspacesOf,
} from '../store/workspaces/workspaces.ts';

/** With these, Slack refuses the tokens of an app that was taken out. */
const GONE = new Set(['account_inactive', 'token_revoked']);

/** In which workspaces the app is, as Slack tells of it. */
export interface Installations {
  isActive(team: string): Promise<boolean>;
  /** @throws when Slack is to send it again */
  apply(change: InstallationChange): Promise<void>;
  /**
   * Ends the installation of a workspace if Slack says that its token is gone: that the app was taken out was never heard.
   * @throws when Slack does not say it, or refuses the token for another reason
   */
  endIfRefused(team: string): Promise<void>;
  /** Asks Slack which workspaces each org has the app in: what its admins have changed may never have been heard. */
  followOrgs(): Promise<void>;
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
   * @returns `gone` when Slack says that the app was taken out; `refused` when it refuses the token for another reason,
   * which may pass: the token has expired, or the calls come from an address that is not allowed
   * @throws when Slack does not say it
   */
  const askSlack = async (id: string): Promise<'alive' | 'gone' | 'refused'> => {
    const found = await findInstallation(control, sealer, id);
    if (!found) return 'gone';
    const slack = createClient(found.tokens.bot);
    const answer = await slack.call('auth.test', {}, z.looseObject({}));
    if (answer.kind === 'ok') return 'alive';
    if (answer.kind === 'refused' && GONE.has(answer.error)) return 'gone';
    if (answer.kind === 'refused' && isSlackError(answer.error, 'token')) return 'refused';
    throw new Error(`Slack does not say whether ${id} has the app: ${describeFailure(answer)}`);
  };
  /** @returns whether it has ended by that */
  const end = async (installation: string, { why, at }: { why: string; at: number }) => {
    if (!(await endInstallation(control, installation, { why, at }))) return false;
    log.info({ installation, why }, 'the app was taken out of a workspace');
    return true;
  };
  /** @returns whether it has changed */
  const grant = async (installation: string, teams: string[], at: number) => {
    if (!(await grantWorkspaces(control, installation, teams, at))) return false;
    log.info({ installation, teams }, 'an org has added the app to workspaces');
    return true;
  };
  const revoke = async (installation: string, teams: string[], at: number) => {
    for (const team of teams) await endWorkspace(control, team, at);
    log.info({ installation, teams }, 'an org has taken the app out of workspaces');
  };
  /** @returns whether something has changed */
  const followOrg = async (id: string): Promise<boolean> => {
    const at = clock.now();
    const tokens = (await findInstallation(control, sealer, id))?.tokens;
    // A workspace that runs renews a token that has expired.
    if (!tokens || (tokens.expiresAt !== null && tokens.expiresAt <= at)) return false;
    const there = new Set((await listTeams(createClient(tokens.bot))).map((team) => team.id));
    const known = new Set(await listWorkspacesOf(control, id));
    const come = [...there.difference(known)];
    const gone = [...known.difference(there)];
    if (gone.length > 0) await revoke(id, gone, at);
    const isGranted = come.length > 0 && (await grant(id, come, at));
    return isGranted || gone.length > 0;
  };
  return {
    isActive: (team) => isActive(control, team),
    async endIfRefused(team) {
      const workspace = await findWorkspace(control, sealer, team);
      if (workspace?.endedAt !== null) return;
      const { installation } = workspace;
      const state = await askSlack(installation);
      // Its tokens cannot be had again once they are removed.
      if (state === 'refused') throw new Error(`Slack refuses the token of ${installation}`);
      const why = 'token refused';
      if (state === 'gone' && (await end(installation, { why, at: clock.now() })))
        await onChanged();
    },
    async apply(change) {
      const { kind, installation, at } = change;
      if (kind === 'ended') {
        // Slack may tell late of what has ended, when the app has been installed again.
        if ((await askSlack(installation)) === 'alive') return;
        if (!(await end(installation, { why: change.why, at }))) return;
      } else if (kind === 'granted') {
        if (!(await grant(installation, change.teams, at))) return;
      } else await revoke(installation, change.teams, at);
      await onChanged();
    },
    async followOrgs() {
      for (const id of await listOrgs(control)) {
        try {
          if (await followOrg(id)) await onChanged();
        } catch (error) {
          log.warn(
            { err: error, installation: id },
            'it is not known in which workspaces an org has the app',
          );
        }
      }
    },
    async listOfOrg(token) {
      const teams = await listTeams(createClient(token));
      return teams.map(({ id, name }) => ({ team: id, name, url: null }));
    },
  };
}
