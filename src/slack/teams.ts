import { z } from 'zod';
import type { Slack } from './client.ts';
import { pageOf } from './paginate.ts';
import { readPages } from './read.ts';

const teamsSchema = pageOf({ teams: z.array(z.looseObject({ id: z.string(), name: z.string() })) });

/**
 * The workspaces that the admins of an org have added the app to.
 * @param slack calls with the org's token
 * @throws SlackReadError
 */
export async function listTeams(slack: Slack): Promise<{ id: string; name: string }[]> {
  const all: { id: string; name: string }[] = [];
  for await (const { teams } of readPages(slack, 'auth.teams.list', {}, teamsSchema)) {
    all.push(...teams.map(({ id, name }) => ({ id, name })));
  }
  return all;
}
