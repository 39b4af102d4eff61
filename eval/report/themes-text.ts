import { count, formatNumber } from '../../src/core/text.ts';
import type { ClusterScore } from '../score/clusters.ts';
import type { Levels, ThemesReport } from '../themes/themes-report.ts';
import { interval, money, nameJudge, share, table } from './text.ts';

/** The figures of grouping as a terminal shows them. */
export function renderThemesText(report: Omit<ThemesReport, 'mixed' | 'split'>): string {
  const { channels } = report;
  const names = Object.keys(channels);
  const sections = [
    report.note === null ? [] : [`! ${report.note}`],
    describeClusters(report),
    ['B-cubed: each message counts the same', ...listFigures(report, 'bcubed')],
    ['by pairs: each pair of messages counts the same', ...listFigures(report, 'pairwise')],
    ...names.flatMap((name) => {
      const one = channels[name];
      if (!one || names.length < 2) return [];
      const { messages, clusters } = one.asks;
      return [
        [
          `${name}: ${count(messages, 'message')} in ${count(clusters, 'cluster')}, B-cubed`,
          ...listFigures({ ...report, ...one }, 'bcubed'),
        ],
      ];
    }),
    describeThemesCost(report),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

type Named = Levels & Pick<ThemesReport, 'judge' | 'model'>;

const listFigures = (report: Named, kind: 'bcubed' | 'pairwise') =>
  table([groupHeadings, ...listLevels(report, kind)]);

export const groupHeadings = [
  '',
  'precision',
  '95 %',
  'recall',
  '95 %',
  'F1',
  '95 %',
  'groups of several',
];

/** A row for each level, and for words alone. */
export function listLevels(report: Named, kind: 'bcubed' | 'pairwise'): string[][] {
  const judge = nameJudge(report);
  return [
    [`${judge}: asks`, report.asks] as const,
    ...(report.topics ? [[`${judge}: topics`, report.topics] as const] : []),
    ['TF-IDF, single link', report.tfIdf] as const,
  ].map(([name, score]) => [name, ...rowOf(score, kind)]);
}

function rowOf(score: ClusterScore, kind: 'bcubed' | 'pairwise'): string[] {
  const one = score[kind];
  return [
    share(one.precision),
    interval(one.precisionLow, one.precisionHigh),
    share(one.recall),
    interval(one.recallLow, one.recallHigh),
    share(one.f1),
    interval(one.f1Low, one.f1High),
    formatNumber(score.groups),
  ];
}

export function describeClusters(report: Omit<ThemesReport, 'mixed' | 'split'>): string[] {
  const { data, asks, model, prompt, seed, channels } = report;
  const linked = Object.entries(channels).map(([name, { threshold }]) => `${name} ${threshold}`);
  return [
    `${formatNumber(data.grouped)} of ${count(data.labelled, 'labelled message')} from ${data.source}, in ${count(asks.clusters, 'cluster')}`,
    `model ${model}, grouping prompt ${prompt}, seed ${seed}; TF-IDF links from a similarity of: ${linked.join(', ')}`,
  ];
}

export function describeThemesCost(report: Omit<ThemesReport, 'mixed' | 'split'>): string[] {
  const { unusable, noise, tokens, usd, usdNow, requests, answers, judge } = report;
  const would = judge === 'stand-in' ? ' would have been billed' : ' was billed now';
  const kept = answers.file === null ? '' : `, kept in ${answers.file}`;
  return [
    `${formatNumber(noise)} called noise and ${formatNumber(unusable)} without a usable answer: each of them is alone`,
    `${count(requests, 'request')} for groups; with the gists ${formatNumber(tokens.input)} tokens in, ${formatNumber(tokens.output)} out, ${money(usd)}`,
    `${count(answers.asked, 'answer')} asked for, ${formatNumber(answers.kept)} known before${kept}; ${money(usdNow)}${would}`,
  ];
}
