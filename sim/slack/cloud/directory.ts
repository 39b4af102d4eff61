// The workspaces of the cloud and the Enterprise Grids that they belong to, with how the app is installed.
import type { Delivery } from '../delivery.ts';
import type { SlackSim } from '../slack-sim.ts';
import type { Team } from '../team.ts';
import type { SimUser } from '../types.ts';
import type { Installation } from './tokens.ts';

export interface Mounted {
  readonly id: string;
  readonly team: Team;
  readonly sim: SlackSim;
  readonly enterprise: Enterprise | undefined;
  /** In this workspace alone. */
  installation: Installation | undefined;
}

export interface Enterprise {
  readonly id: string;
  /** All its workspaces know the app by one bot user. */
  readonly bot: { botUserId: string; botId: string };
  readonly members: Map<string, Mounted>;
  /** Delivers what belongs to no workspace. */
  readonly delivery: Delivery;
  /** On the whole of it. */
  installation: Installation | undefined;
  /** The workspaces that this installation reaches. */
  readonly granted: Set<string>;
}

export interface Directory {
  readonly workspaces: Map<string, Mounted>;
  readonly enterprises: Map<string, Enterprise>;
}

/** The installation by which the app is in a workspace. */
export function installationIn({
  id,
  enterprise,
  installation,
}: Mounted): Installation | undefined {
  return enterprise?.granted.has(id) ? enterprise.installation : installation;
}

export function reaches(installation: Installation, { id, enterprise }: Mounted): boolean {
  if (!installation.isOrgWide) return installation.id === id;
  return enterprise?.id === installation.id && enterprise.granted.has(id);
}

export function findPlace(directory: Directory, id: string): Mounted | Enterprise {
  const place = directory.workspaces.get(id) ?? directory.enterprises.get(id);
  if (!place) throw new Error(`There is neither a workspace nor an Enterprise Grid ${id}.`);
  return place;
}

export function isEnterprise(place: Mounted | Enterprise): place is Enterprise {
  return 'members' in place;
}

/** Throws if the person may not install an app there. */
export function requireInstaller(place: Mounted | Enterprise, user: string): void {
  if (!listInstallers(place).some(({ id }) => id === user))
    throw new Error(`${user} may not install an app in ${place.id}.`);
}

/** The people who may install the app there: members, and on a whole Enterprise Grid its admins. */
export function listInstallers(place: Mounted | Enterprise): SimUser[] {
  const isOrg = isEnterprise(place);
  const teams = isOrg ? [...place.members.values()] : [place];
  const people = teams.flatMap(({ id, team }) =>
    [...team.world.users.values()].filter(
      (user) =>
        !user.isBot &&
        !user.isRestricted &&
        !user.isDeactivated &&
        user.teamId === id &&
        (!isOrg || user.isAdmin),
    ),
  );
  return [...new Map(people.map((person) => [person.id, person])).values()];
}
