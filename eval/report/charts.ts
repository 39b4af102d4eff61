import { parse, View, Warn } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import type { Confusion } from '../score/measure.ts';
import type { Report } from './report.ts';

/**
 * Pictures as SVG, drawn by Vega. Their colours are those of the page, light or dark: `var(--…)`. Vega
 * escapes every text.
 */

const FONT = 'system-ui, sans-serif';

export async function draw(spec: TopLevelSpec): Promise<string> {
  const whole: TopLevelSpec = {
    ...spec,
    background: 'transparent',
    config: {
      font: FONT,
      view: { stroke: null },
      axis: {
        labelColor: 'var(--ink)',
        titleColor: 'var(--ink)',
        gridColor: 'var(--line)',
        domainColor: 'var(--line)',
        tickColor: 'var(--line)',
        labelFontSize: 12,
        titleFontSize: 12,
        titleFontWeight: 'normal',
        labelLimit: 240,
      },
      legend: { labelColor: 'var(--ink)', labelFontSize: 12, labelLimit: 240, title: null },
      text: { color: 'var(--ink)', fontSize: 12 },
    },
  };
  const view = new View(parse(compile(whole).spec), { renderer: 'none', logLevel: Warn });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

/** A row for each label: the darker a cell, the larger its share of the row. */
export function drawConfusion({ gold, predicted, counts }: Confusion): Promise<string> {
  const values = gold.flatMap((row, index) => {
    const all = (counts[index] ?? []).reduce((sum, n) => sum + n, 0);
    return predicted.map((column, place) => {
      const n = counts[index]?.[place] ?? 0;
      return { row, column, n, share: all === 0 ? 0 : n / all };
    });
  });
  const x = { field: 'column', type: 'nominal', sort: predicted, title: 'the answer' } as const;
  const y = { field: 'row', type: 'nominal', sort: gold, title: 'the label' } as const;
  return draw({
    data: { values },
    // Each column is as wide as the longest label above it.
    width: { step: Math.max(110, 8 * Math.max(...predicted.map(({ length }) => length))) },
    height: { step: 44 },
    encoding: {
      x: { ...x, axis: { orient: 'top', labelAngle: 0, ticks: false, domain: false } },
      y: { ...y, axis: { ticks: false, domain: false } },
    },
    layer: [
      {
        mark: { type: 'rect', fill: 'var(--accent)', stroke: 'var(--line)', strokeWidth: 1 },
        encoding: {
          fillOpacity: {
            field: 'share',
            type: 'quantitative',
            legend: null,
            scale: { domain: [0, 1], range: [0, 0.75] },
          },
        },
      },
      { mark: { type: 'text' }, encoding: { text: { field: 'n' } } },
    ],
  });
}

/** From 0 to 1. */
const SHARE = { domain: [0, 1] };

/** Below the diagonal, answers are surer than they are right. */
export function drawReliability({ calibration }: Pick<Report, 'calibration'>): Promise<string> {
  const x = {
    field: 'meanConfidence',
    type: 'quantitative',
    scale: SHARE,
    title: 'confidence',
  } as const;
  return draw({
    width: 360,
    height: 360,
    data: { values: calibration },
    layer: [
      {
        data: { values: [{ at: 0 }, { at: 1 }] },
        mark: { type: 'line', stroke: 'var(--muted)', strokeDash: [4, 4] },
        encoding: {
          x: { field: 'at', type: 'quantitative', title: 'confidence' },
          y: { field: 'at', type: 'quantitative', title: 'share that is right' },
        },
      },
      {
        mark: { type: 'rule', stroke: 'var(--accent)', strokeWidth: 2, opacity: 0.5 },
        encoding: {
          x,
          y: { field: 'low', type: 'quantitative', scale: SHARE, title: 'share that is right' },
          y2: { field: 'high' },
        },
      },
      {
        mark: { type: 'point', filled: true, fill: 'var(--accent)', stroke: null, opacity: 1 },
        encoding: {
          x,
          y: { field: 'accuracy', type: 'quantitative' },
          size: {
            field: 'messages',
            type: 'quantitative',
            legend: null,
            scale: { range: [30, 300] },
          },
        },
      },
    ],
  });
}

/** Macro-F1 by the number of examples, with its interval, and what the nearest example alone says. */
export function drawCurve({ curve }: Pick<Report, 'curve'>): Promise<string> {
  const values = curve.flatMap((point) => [
    {
      examples: point.examples,
      who: 'judged with examples',
      f1: point.macroF1,
      low: point.macroF1Low,
      high: point.macroF1High,
    },
    ...(point.nearest
      ? [{ examples: point.examples, who: 'the nearest example', f1: point.nearest.macroF1 }]
      : []),
  ]);
  const color = {
    field: 'who',
    type: 'nominal',
    scale: {
      domain: ['judged with examples', 'the nearest example'],
      range: ['var(--accent)', 'var(--muted)'],
    },
    legend: { orient: 'bottom' },
  } as const;
  const x = { field: 'examples', type: 'quantitative', title: 'labelled messages' } as const;
  const y = { type: 'quantitative', scale: SHARE, title: 'macro-F1' } as const;
  return draw({
    width: 480,
    height: 300,
    data: { values },
    layer: [
      {
        transform: [{ filter: 'isValid(datum.low)' }],
        mark: { type: 'area', fill: 'var(--accent)', opacity: 0.2 },
        encoding: {
          x,
          y: { ...y, field: 'low' },
          y2: { field: 'high' },
        },
      },
      {
        mark: { type: 'line', point: { filled: true } },
        encoding: { x, y: { ...y, field: 'f1' }, color },
      },
    ],
  });
}
