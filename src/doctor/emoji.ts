import { hasEmoji } from '../core/people/emoji.ts';
import type { ActiveSettings } from '../core/settings/settings.ts';
import { describeFailure, type Slack } from '../slack/client.ts';
import { listEmoji } from '../slack/emoji.ts';
import { type Finding, fault, ok, warning } from './finding.ts';

/** The emoji of people and of categories: whether the workspace has them. */
export async function checkEmoji(
  slack: Slack,
  { emoji, taxonomy }: Pick<ActiveSettings, 'emoji' | 'taxonomy'>,
): Promise<Finding[]> {
  const answer = await listEmoji(slack);
  if (answer.kind !== 'ok' || !answer.value) {
    const why = answer.kind === 'ok' ? '' : ` (${describeFailure(answer)})`;
    return [
      warning(
        `Slack does not list the emoji of the workspace${why}.`,
        'Look whether each emoji of the settings is there: type its name between colons in Slack.',
      ),
    ];
  }
  const names = answer.value;
  const used = [
    ...Object.entries(emoji).map(([act, name]) => ({
      name,
      use: `${act.toUpperCase()}_EMOJI`,
      step: `Set ${act.toUpperCase()}_EMOJI to an emoji that the workspace has.`,
    })),
    ...taxonomy.categories.flatMap(({ name: category, emoji: name }) =>
      name
        ? [
            {
              name,
              use: `the category “${category}”`,
              step: `Give the category another emoji, with /classify-feedback settings or in TAXONOMY_FILE, or add :${name}: to the workspace.`,
            },
          ]
        : [],
    ),
  ];
  const missing = used.filter(({ name }) => !hasEmoji(names, name));
  if (missing.length === 0) return [ok(`The workspace has all ${used.length} emoji.`)];
  return missing.map(({ name, use, step }) =>
    fault(`The workspace does not have the emoji ${name} of ${use}.`, step),
  );
}
