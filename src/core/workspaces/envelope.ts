import { z } from 'zod';

/** What Slack sends to the app, as far as it says which workspace it is for. */

const id = z.string().min(1);
const team = z.looseObject({ id });

const eventSchema = z.looseObject({
  type: z.literal('event_callback'),
  team_id: id.nullish(),
  authorizations: z
    .array(z.looseObject({ team_id: id.nullish() }))
    .optional()
    .catch(undefined),
});

const viewSchema = z.looseObject({
  view: z.looseObject({ app_installed_team_id: id.nullish() }),
  team: team.nullish(),
  user: z.looseObject({ team_id: id.nullish() }).nullish(),
});

const interactionSchema = z.looseObject({
  team: team.nullish(),
  user: z.looseObject({ team_id: id.nullish() }),
});

const commandSchema = z.looseObject({ command: id, team_id: id });

const teamSchema = z.union([
  // In a channel that is shared with others, an event is for the workspace whose bot may see it.
  eventSchema.transform((body) => body.authorizations?.[0]?.team_id ?? body.team_id),
  commandSchema.transform((body) => body.team_id),
  viewSchema.transform(({ view, team: at, user }) => {
    const { app_installed_team_id: installed } = view;
    // With an org-wide installation, it is the org.
    const isOrg = installed?.startsWith('E') ?? true;
    return isOrg ? (at?.id ?? user?.team_id) : installed;
  }),
  // With an org-wide installation, a person may be known by the workspace only.
  interactionSchema.transform(({ team: at, user }) => at?.id ?? user.team_id),
]);

/** @returns the workspace that an envelope is for, such as `T0123ABCD`; undefined when it does not say it */
export const findTeam = (body: unknown): string | undefined =>
  teamSchema.safeParse(body).data ?? undefined;

/** Whether somebody waits for what the bot answers: a command, a click, a modal. */
export const isAwaited = (body: unknown): boolean => !eventSchema.safeParse(body).success;

/** That the app, or its tokens, are gone from a workspace or from a whole org; or that an org has changed where it is. */
const changeSchema = z.looseObject({
  type: z.literal('event_callback'),
  team_id: id.nullish(),
  enterprise_id: id.nullish(),
  is_enterprise_install: z.boolean().optional(),
  event_time: z.number(),
  authorizations: z
    .array(
      z.looseObject({
        enterprise_id: id.nullish(),
        is_enterprise_install: z.boolean().optional(),
      }),
    )
    .optional()
    .catch(undefined),
  event: z.union([
    z.looseObject({ type: z.literal('app_uninstalled') }),
    z.looseObject({
      type: z.literal('tokens_revoked'),
      tokens: z.looseObject({ bot: z.array(id).nullish() }),
    }),
    z.looseObject({
      type: z.enum(['team_access_granted', 'team_access_revoked']),
      team_ids: z.array(id),
    }),
  ]),
});

export type InstallationChange =
  | { kind: 'ended'; installation: string; why: string; at: number }
  | { kind: 'granted' | 'revoked'; installation: string; teams: string[]; at: number };

/** @returns what an event says of an installation; undefined when it says nothing of one. `at` is in ms since 1970. */
export function findInstallationChange(body: unknown): InstallationChange | undefined {
  const parsed = changeSchema.safeParse(body).data;
  if (!parsed) return undefined;
  const { event, event_time: seconds, team_id: team, authorizations: [by] = [] } = parsed;
  const org = parsed.enterprise_id ?? by?.enterprise_id;
  // Slack names whole seconds: what was installed within this one was there before.
  const at = (seconds + 1) * 1000 - 1;
  if (event.type === 'team_access_granted' || event.type === 'team_access_revoked') {
    // Only an org does that. Slack names one of its workspaces as well, as if the app were installed there.
    if (!org) return undefined;
    const kind = event.type === 'team_access_granted' ? 'granted' : 'revoked';
    return { kind, installation: org, teams: event.team_ids, at };
  }
  const isOrg = parsed.is_enterprise_install ?? by?.is_enterprise_install ?? false;
  const installation = (isOrg ? org : team) ?? org;
  // The tokens of a person, which the bot does not have.
  const isOfPerson = event.type === 'tokens_revoked' && !event.tokens.bot?.length;
  if (!installation || isOfPerson) return undefined;
  return { kind: 'ended', installation, why: event.type, at };
}
