import { dateOf } from '../core/calendar.ts';
import { count, formatUsd } from '../core/text.ts';
import type { SeenPlace, SeenWorkspace } from './read.ts';

/** What the operator is told, in lines and as JSON. */

const COLUMNS: { title: string; isNumber?: true; of(seen: SeenWorkspace): string }[] = [
  { title: 'WORKSPACE', of: ({ team }) => team },
  { title: 'ADDRESS', of: ({ url }) => nameAddress(url) ?? '' },
  { title: 'INSTALLED', of: ({ addedAt }) => formatDate(addedAt) },
  { title: 'BY', of: ({ installedBy }) => installedBy },
  { title: 'STATE', of: formatState },
  { title: 'KEY', of: ({ hasOwnKey }) => (hasOwnKey ? 'own' : '') },
  { title: 'BUDGET', isNumber: true, of: formatBudget },
  {
    title: 'THIS MONTH',
    isNumber: true,
    of: ({ usage }) =>
      'trouble' in usage ? '?' : usage.spentUsd === null ? 'unknown' : formatUsd(usage.spentUsd),
  },
  {
    title: 'MESSAGES',
    isNumber: true,
    of: ({ usage }) => ('trouble' in usage ? '?' : String(usage.messages)),
  },
  {
    title: 'PENDING',
    isNumber: true,
    of: ({ usage }) => ('trouble' in usage ? '?' : String(usage.pending)),
  },
];

const formatDate = (ms: number) => dateOf(ms, 'UTC');

const nameAddress = (url: string | null) => (url === null ? null : new URL(url).host);

function formatState({ endedAt, keptUntil }: SeenWorkspace): string {
  if (endedAt === null) return 'active';
  const until = keptUntil === null ? '' : `, kept until ${formatDate(keptUntil)}`;
  return `ended ${formatDate(endedAt)}${until}`;
}

/** An own budget, or the one for all. */
function formatBudget({ budget, budgetUsd }: SeenWorkspace): string {
  const usd = budgetUsd === null ? 'none' : formatUsd(budgetUsd);
  return budget === 'default' ? `default ${usd}` : usd;
}

/** A table, and what is to be said about it. */
export function renderTable({ workspaces: seen, unknownFiles }: SeenPlace): string {
  const others =
    unknownFiles.length > 0
      ? [
          `There are files of workspaces that are not known: ${unknownFiles.join(', ')}. They go on with these once they install the app again; otherwise delete them yourself.`,
        ]
      : [];
  if (seen.length === 0) return ['Nobody has installed the app yet.', ...others].join('\n');
  const rows = [
    COLUMNS.map(({ title }) => title),
    ...seen.map((one) => COLUMNS.map(({ of }) => of(one))),
  ];
  const widths = COLUMNS.map((_, n) => Math.max(...rows.map((cells) => cells[n]?.length ?? 0)));
  const table = rows.map((cells) =>
    cells
      .map((cell, n) =>
        COLUMNS[n]?.isNumber ? cell.padStart(widths[n] ?? 0) : cell.padEnd(widths[n] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  const ended = seen.filter(({ endedAt }) => endedAt !== null).length;
  const troubles = seen.flatMap(({ team, usage }) =>
    'trouble' in usage ? [`${team} cannot be read: ${usage.trouble}`] : [],
  );
  const summary = `${count(seen.length, 'workspace')}${ended > 0 ? `, ${ended} of them ended` : ''}.`;
  return [...table, '', summary, ...troubles, ...others].join('\n');
}

/** The same for programs: a list with times in ISO format. */
export const renderJson = ({ workspaces }: SeenPlace): string =>
  JSON.stringify(
    workspaces.map(({ team, name, url, installedBy, hasOwnKey, ...more }) => ({
      ...{ team, name, url, installedBy },
      installedAt: toIso(more.addedAt),
      endedAt: toIso(more.endedAt),
      keptUntil: toIso(more.keptUntil),
      ...{ hasOwnKey, budget: more.budget, budgetUsd: more.budgetUsd },
      ...more.usage,
    })),
  );

const toIso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());

/** Such as `T0123ABCD (acme.slack.com)`. */
export function nameWorkspace({ team, url }: Pick<SeenWorkspace, 'team' | 'url'>): string {
  const address = nameAddress(url);
  return address === null ? team : `${team} (${address})`;
}

export function describeBudget(seen: SeenWorkspace): string {
  const { budget, budgetUsd, usage } = seen;
  const may =
    budgetUsd === null
      ? 'may spend as much as it wants'
      : `may spend ${formatUsd(budgetUsd)} a month`;
  const why = budget === 'default' ? ', as MONTHLY_BUDGET_USD says' : '';
  const spent =
    'trouble' in usage || usage.spentUsd === null
      ? ''
      : ` It has spent ${formatUsd(usage.spentUsd)} this month.`;
  return `${nameWorkspace(seen)} ${may}${why}.${spent} A Winnow that runs goes by this within seconds.`;
}

/** What would be deleted. */
export function describeEnded({ team, ...seen }: SeenWorkspace, endedAt: number): string {
  const { usage } = seen;
  const messages = 'trouble' in usage ? '' : `, and has ${count(usage.messages, 'message')}`;
  return `${nameWorkspace({ ...seen, team })} ended on ${formatDate(endedAt)}${messages}. Deleting it cannot be undone. If it is to be deleted, type: npm run workspaces -- delete ${team} --yes ${team}`;
}
