import { z } from 'zod';
import type { Context } from '../jobs/context.ts';
import { recordOutsider } from '../store/intake/users.ts';

const person = z.looseObject({ id: z.string(), team_id: z.string() });
const author = z.looseObject({ user: z.string(), user_team: z.string() });

/** Whoever pressed a button, and whoever wrote a message. */
const bodySchema = z.union([
  z.looseObject({ user: person }).transform(({ user }) => ({ user: user.id, team: user.team_id })),
  z
    .looseObject({ event: author })
    .transform(({ event }) => ({ user: event.user, team: event.user_team })),
]);

/**
 * What Slack sends may say that a person is of another team, which saves asking who they are. Within
 * an Enterprise Grid another team may be of the same organization: there Slack is asked.
 */
export async function recordForeignTeam(
  { db, workspace }: Pick<Context, 'db' | 'workspace'>,
  body: unknown,
): Promise<void> {
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success || workspace.enterpriseId !== null) return;
  const { user, team } = parsed.data;
  if (team !== workspace.id) await recordOutsider(db, user);
}
