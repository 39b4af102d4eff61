import { count } from '../../src/core/text.ts';
import type { Mismatch, ThemesReport } from '../themes/themes-report.ts';
import { draw } from './charts.ts';
import { escapeHtml, figure, frame, table } from './page.ts';
import { nameJudge } from './text.ts';
import { describeClusters, describeThemesCost, groupHeadings, listLevels } from './themes-text.ts';

/** The figures of grouping as one page, which loads nothing. */

/** Groups beyond these are not shown. */
const SHOWN = 50;

export async function renderThemesPage(report: ThemesReport): Promise<string> {
  const { channels, mixed, split, topics } = report;
  const title = `How well feedback is grouped: ${nameJudge(report)}`;
  const byChannel = Object.entries(channels).map(
    ([name, one]) =>
      `<h3>${escapeHtml(name)}: ${count(one.asks.messages, 'message')} in ${count(one.asks.clusters, 'cluster')}</h3>
${table(groupHeadings, listLevels({ ...report, ...one }, 'bcubed'))}`,
  );
  return frame(
    title,
    report.note,
    `${describeClusters(report).map(paragraph).join('')}
<section><h2>Message by message</h2>
<p>B-cubed: precision is how much of its group belongs with a message, recall how much of what belongs with it is in its group. The bars are 95 % intervals.</p>
${figure(await drawLevels(report), 'Precision, recall and F1; the numbers are in the table below')}
${table(groupHeadings, listLevels(report, 'bcubed'))}</section>
<section><h2>Pair by pair</h2>
${table(groupHeadings, listLevels(report, 'pairwise'))}</section>
<section><h2>By channel</h2>
${byChannel.join('\n')}</section>
<section><h2>Cost</h2>
<ul>${describeThemesCost(report)
      .map((line) => `<li>${escapeHtml(line)}</li>`)
      .join('')}</ul></section>
<section><h2>Asks that hold several clusters</h2>
${listMismatches(mixed)}</section>
<section><h2>Clusters that are several ${topics ? 'topics' : 'asks'}</h2>
${listMismatches(split)}</section>`,
  );
}

const paragraph = (line: string) => `<p>${escapeHtml(line)}</p>`;

function listMismatches(all: Mismatch[]): string {
  if (all.length === 0) return '<p>None.</p>';
  const rows = all
    .slice(0, SHOWN)
    .map(({ parts }) => [
      parts[0]?.cluster ?? '',
      parts.map(({ messages }) => messages.length).join(' + '),
      parts.map(({ messages }) => messages[0] ?? '').join('\n'),
    ]);
  const more =
    all.length > SHOWN ? `<p>${count(all.length, 'group')}, the largest ${SHOWN}.</p>` : '';
  return `${more}${table(['label', 'messages', 'the first of each'], rows, 'wide')}`;
}

/** Precision, recall and F1 of each way to group, as points with their intervals. */
function drawLevels(report: ThemesReport): Promise<string> {
  const ways = [
    ['asks', report.asks],
    ['topics', report.topics],
    ['TF-IDF', report.tfIdf],
  ] as const;
  const values = ways.flatMap(([way, score]) => {
    if (!score) return [];
    const {
      precision,
      precisionLow,
      precisionHigh,
      recall,
      recallLow,
      recallHigh,
      f1,
      f1Low,
      f1High,
    } = score.bcubed;
    return [
      { way, figure: 'precision', value: precision, low: precisionLow, high: precisionHigh },
      { way, figure: 'recall', value: recall, low: recallLow, high: recallHigh },
      { way, figure: 'F1', value: f1, low: f1Low, high: f1High },
    ];
  });
  const y = { field: 'way', type: 'nominal', sort: ways.map(([way]) => way), title: null } as const;
  const x = { type: 'quantitative' as const, scale: { domain: [0, 1] }, title: null };
  return draw({
    data: { values },
    facet: {
      row: {
        field: 'figure',
        type: 'nominal',
        sort: ['precision', 'recall', 'F1'],
        header: { title: null, labelColor: 'var(--ink)', labelAngle: 0, labelAlign: 'left' },
      },
    },
    spec: {
      width: 420,
      height: { step: 24 },
      layer: [
        {
          mark: { type: 'rule', stroke: 'var(--accent)', strokeWidth: 2, opacity: 0.5 },
          encoding: { y, x: { ...x, field: 'low' }, x2: { field: 'high' } },
        },
        {
          mark: {
            type: 'point',
            filled: true,
            fill: 'var(--accent)',
            stroke: null,
            opacity: 1,
            size: 80,
          },
          encoding: { y, x: { ...x, field: 'value' } },
        },
      ],
    },
  });
}
