import type { Rendered } from '../../core/delivery/effects.ts';
import { type LegendFacts, renderLegend } from '../../slack/blocks/help/legend.ts';
import type { Group, Subcommand } from './asked.ts';
import { findNearest } from './nearest.ts';
import { COMMAND, quoteTyped } from './wording.ts';

/** `/classify-feedback help`, and the answer to an unknown word. */

const GROUPS: Record<Group, string> = {
  'sum up': 'Sum up',
  look: 'Look',
  'set up': 'Set up',
};

type Subcommands = Record<string, Subcommand>;

/** The list of the sub-commands, and what the reactions mean. */
export function renderHelp(subcommands: Subcommands, legend: LegendFacts): Rendered {
  const text = listSubcommands(subcommands);
  const list = { type: 'section', text: { type: 'mrkdwn', text } };
  return { text, blocks: [list, renderLegend(legend)] };
}

/** Every sub-command with what it does, under the headings, as mrkdwn. */
export function listSubcommands(subcommands: Subcommands): string {
  const groups = Object.entries(GROUPS).map(([group, title]) => {
    const lines = Object.entries(subcommands)
      .filter(([, subcommand]) => subcommand.group === group)
      .map(([word, subcommand]) => renderLine(word, subcommand));
    return lines.length === 0 ? '' : [`*${title}*`, ...lines].join('\n');
  });
  return [
    ...groups.filter(Boolean),
    `\`${COMMAND}\` alone is the same as \`${COMMAND} run\`. Answers are visible only to you.`,
  ].join('\n');
}

/** A sub-command as people type it. */
export const formatTyped = (word: string, { usage }: Pick<Subcommand, 'usage'>) =>
  [COMMAND, word, usage].filter(Boolean).join(' ');

function renderLine(word: string, subcommand: Subcommand): string {
  const { help, example } = subcommand;
  const typed = formatTyped(word, subcommand);
  return `• \`${typed}\`: ${help}${example ? `, for instance \`${word} ${example}\`` : ''}`;
}

export function renderUnknown(typed: string, subcommands: Subcommands): string {
  const known = Object.entries(subcommands)
    .filter(([, { spends }]) => !spends)
    .map(([word, { also }]) => [word, also] as const);
  const nearest = findNearest(typed, Object.fromEntries(known));
  const unknown = `Unknown command ${quoteTyped(typed)}.`;
  if (!nearest) return `${unknown}\n${listSubcommands(subcommands)}`;
  return `${unknown} Did you mean \`${COMMAND} ${nearest}\`? \`${COMMAND} help\` lists every command.`;
}
