import { z } from 'zod';
import type { Answer, Slack } from './client.ts';

const listSchema = z.looseObject({
  emoji: z.record(z.string(), z.string()),
  categories: z.array(z.looseObject({ emoji_names: z.array(z.string()) })).optional(),
});

/** The names of all emoji of the workspace; undefined when Slack does not list its own ones. */
export async function listEmoji(slack: Slack): Promise<Answer<string[] | undefined>> {
  const answer = await slack.call('emoji.list', { include_categories: true }, listSchema);
  if (answer.kind !== 'ok') return answer;
  const { emoji, categories = [] } = answer.value;
  const standard = categories.flatMap(({ emoji_names }) => emoji_names);
  if (standard.length === 0) return { kind: 'ok', value: undefined };
  return { kind: 'ok', value: [...Object.keys(emoji), ...standard] };
}
