import { count, formatDuration, formatNumber, formatUsd } from '../../src/core/text.ts';
import type { Confusion } from '../score/measure.ts';
import type { Score } from '../score/score.ts';
import type { LaneFigures, Report } from './report.ts';

/** The figures as a terminal shows them. */
export function renderText(report: Omit<Report, 'mistakes'>): string {
  const { data, baselines, curve } = report;
  const sections = [
    report.note === null ? [] : [`! ${report.note}`],
    describeData(report),
    [
      'how well',
      ...table([
        ['', 'accuracy', '95 %', 'macro-F1', '95 %'],
        ...Object.entries(report.lanes).map(([lane, figures]) => [
          `${nameJudge(report)} (${lane})`,
          ...rowOf(figures),
        ]),
        ['keyword rules', ...rowOf(baselines.keywords)],
        [
          `nearest of ${formatNumber(baselines.nearest.pool)}${baselines.nearest.leaveOneOut ? ' others' : ''}`,
          ...rowOf(baselines.nearest),
        ],
      ]),
    ],
    ['by class', ...table(listClasses(report))],
    [
      'confusion: the label in the row, the answer in the column',
      ...table(listConfusion(report.confusion)),
    ],
    describeCalibration(report),
    curve.length === 0
      ? []
      : [
          'learning curve: labelled messages as corrections',
          ...table([
            ['examples', 'shown', 'accuracy', 'macro-F1', '95 %', 'nearest of them', 'cost'],
            ...listCurve(report),
          ]),
        ],
    describeAttention(report),
    describeCost(report),
  ];
  if (data.judged < 100)
    sections.push([`${count(data.judged, 'message')}: the intervals are wide, judge more.`]);
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

export const nameJudge = ({ judge, model }: Pick<Report, 'judge' | 'model'>): string =>
  ({ claude: model, 'stand-in': 'the stand-in', recorded: 'recorded answers' })[judge];

export const share = (value: number | null | undefined) =>
  value === null || value === undefined ? '–' : value.toFixed(3);

export const interval = (low: number | null, high: number | null) =>
  low === null || high === null ? '–' : `${low.toFixed(2)} to ${high.toFixed(2)}`;

export const money = (usd: number | null) => (usd === null ? 'price not known' : formatUsd(usd));

const percent = (value: number | null) => (value === null ? '–' : `${(value * 100).toFixed(1)} %`);

const rowOf = (one: Score) => [
  share(one.accuracy),
  interval(one.accuracyLow, one.accuracyHigh),
  share(one.macroF1),
  interval(one.macroF1Low, one.macroF1High),
];

function describeData({ data, model, prompt, seed }: Omit<Report, 'mistakes'>): string[] {
  const leftOut = data.leftOut > 0 ? `; ${formatNumber(data.leftOut)} left out` : '';
  return [
    `${formatNumber(data.judged)} of ${count(data.labelled, 'labelled message')} from ${data.source}${leftOut}`,
    `model ${model}, prompt ${prompt}, seed ${seed}, ${data.examples === 0 ? 'without examples' : `up to 6 examples out of ${formatNumber(data.examples)}`}`,
  ];
}

const classHeadings = ['class', 'precision', '95 %', 'recall', '95 %', 'F1', '95 %', 'messages'];

export function listClasses({ perClass }: Pick<Score, 'perClass'>): string[][] {
  return [
    classHeadings,
    ...Object.entries(perClass).map(([name, one]) => [
      name,
      share(one.precision),
      interval(one.precisionLow, one.precisionHigh),
      share(one.recall),
      interval(one.recallLow, one.recallHigh),
      share(one.f1),
      interval(one.f1Low, one.f1High),
      formatNumber(one.support),
    ]),
  ];
}

function listConfusion({ gold, predicted, counts }: Confusion): string[][] {
  return [
    ['', ...predicted],
    ...gold.map((name, row) => [name, ...(counts[row] ?? []).map((n) => formatNumber(n))]),
  ];
}

export const listBins = ({ calibration }: Pick<Report, 'calibration'>) =>
  calibration.map((bin) => [
    `${bin.from.toFixed(1)} to ${bin.to.toFixed(1)}`,
    share(bin.meanConfidence),
    share(bin.accuracy),
    interval(bin.low, bin.high),
    formatNumber(bin.messages),
  ]);

/** A row for each number of examples. */
export const listCurve = ({ curve }: Pick<Report, 'curve'>): string[][] =>
  curve.map((point) => [
    formatNumber(point.examples),
    point.shown.toFixed(1),
    share(point.accuracy),
    share(point.macroF1),
    interval(point.macroF1Low, point.macroF1High),
    share(point.nearest?.macroF1),
    money(point.usd),
  ]);

export const binHeadings = ['confidence', 'mean', 'right', '95 %', 'messages'];

const describeCalibration = (report: Omit<Report, 'mistakes'>) => [
  `calibration: expected error ${share(report.ece)}`,
  ...table([binHeadings, ...listBins(report)]),
];

export function describeAttention({
  urgency,
  flagRate,
  unusable,
  unusableReasons,
  messages,
  alsoRight,
  alsoNamed,
}: Omit<Report, 'mistakes'>): string[] {
  const reasons = Object.entries(unusableReasons).map(([reason, n]) => `${reason}: ${n}`);
  return [
    `flagged: ${percent(flagRate)}; urgency: high ${urgency.high}, medium ${urgency.medium}, low ${urgency.low}`,
    `unusable answers, which count as wrong: ${unusable} of ${messages}${reasons.length > 0 ? ` (${reasons.join('; ')})` : ''}`,
    `wrong, but right by the second category: ${alsoRight} of ${messages}`,
    ...(alsoNamed.labelled > 0
      ? [`second categories found: ${alsoNamed.found} of ${alsoNamed.labelled}`]
      : []),
  ];
}

export function describeCost(report: Omit<Report, 'mistakes'>): string[] {
  const { answers, lanes, usdNow, judge } = report;
  const lines = Object.entries(lanes).map(([lane, one]) => describeLane(lane, one));
  if (report.lanesAgree !== null) lines.push(`both lanes agree on ${percent(report.lanesAgree)}`);
  const would = judge === 'stand-in' ? ' would have been billed' : ' was billed now';
  const kept = answers.file === null ? '' : `, kept in ${answers.file}`;
  lines.push(
    `${count(answers.asked, 'answer')} asked for, ${formatNumber(answers.kept)} known before${kept}; ${money(usdNow)}${would}`,
  );
  return lines;
}

function describeLane(lane: string, { tokens, usd, seconds, latency }: LaneFigures): string {
  const spent = `${lane}: ${formatNumber(tokens.input)} tokens in, ${formatNumber(tokens.output)} out, ${money(usd)}`;
  const took = seconds > 0 ? `, ${formatDuration(seconds * 1000)}` : '';
  const calls = latency ? `, a call ${latency.p50Ms} ms (median), ${latency.p90Ms} ms (90 %)` : '';
  return spent + took + calls;
}

/** Columns of one width: the first to the left, numbers to the right. */
export function table(rows: string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => [...(row[column] ?? '')].length)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('   ')
      .trimEnd()
      .replace(/^/, '  '),
  );
}
