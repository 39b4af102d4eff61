import type { RichTextBlock } from '@slack/types';
import { z } from 'zod';
import type { Rendered } from '../../../core/delivery/effects.ts';
import type { Chart } from '../../../core/digest/chart.ts';
import { count, escapeMrkdwn, formatNumber } from '../../../core/text.ts';
import { bold, bullets, richText, section, text } from '../rich-text.ts';

/**
 * A chart as a block that Slack draws in messages, and in words: for views, where Slack accepts no
 * charts, and for workspaces that refuse the block.
 */

/** New in June 2026 and not in Slack's types yet: https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block */
export interface DataVisualizationBlock {
  type: 'data_visualization';
  /** At most 50 characters. */
  title: string;
  chart: {
    type: 'line';
    /** At most 6, with different names; names and labels at most 20 characters. */
    series: { name: string; data: { label: string; value: number }[] }[];
    axis_config: { categories: string[]; y_label?: string };
  };
}

const NAME_LENGTH = 20;

/** The post of a summary's thread that has the chart. */
export function renderChartPost(chart: Chart): Rendered {
  const block = renderChart(chart);
  return { text: escapeMrkdwn(block.title), blocks: [block] };
}

export function renderChart({ days, series }: Chart): DataVisualizationBlock {
  const labels = labelDays(days.map(({ date }) => date));
  const names = nameSeries(series.map(({ name }) => name));
  return {
    type: 'data_visualization',
    title: `Feedback per day, last ${count(days.length, 'day')}`,
    chart: {
      // Bars of six categories over a fortnight would be too thin to compare.
      type: 'line',
      series: series.map(({ counts }, n) => ({
        name: names[n] ?? '',
        data: labels.map((label, day) => ({ label, value: counts[day] ?? 0 })),
      })),
      axis_config: { categories: labels },
    },
  };
}

const dayFormat = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  timeZone: 'UTC',
});

/** `9 Nov`, `10`, `11`: a fortnight of whole dates would not fit side by side. */
const labelDays = (dates: string[]) =>
  dates.map((date, n) => {
    const label = dayFormat.format(Date.parse(`${date}T12:00:00Z`));
    return n === 0 || date.endsWith('-01') ? label : (label.split(' ')[0] ?? label);
  });

/** Expands a label to a date, with the month of the nearest label before it that has one. */
function expandLabel(labels: string[], label: string): string {
  const before = labels.slice(0, labels.indexOf(label) + 1);
  const month = before.findLast((one) => one.includes(' '))?.split(' ')[1] ?? '';
  return label.includes(' ') ? label : `${label} ${month}`.trimEnd();
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Makes names short enough, and distinct. */
function nameSeries(names: string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let short = cut(name, NAME_LENGTH);
    for (let n = 2; taken.has(short); n++) short = `${cut(name, NAME_LENGTH - 3)} ${n}`;
    taken.add(short);
    return short;
  });
}

function cut(name: string, length: number): string {
  if (name.length <= length) return name;
  let kept = '';
  for (const { segment } of graphemes.segment(name)) {
    if (kept.length + segment.length > length - 1) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}

const BARS = '▁▂▃▄▅▆▇█';

const chartSchema = z.looseObject({
  title: z.string(),
  chart: z.looseObject({
    series: z.array(
      z.looseObject({
        name: z.string(),
        data: z.array(z.looseObject({ label: z.string(), value: z.number() })),
      }),
    ),
  }),
});

/** The chart in words: the course, the sum and the peak of each series. */
export function describeChart(block: unknown): RichTextBlock | undefined {
  const parsed = chartSchema.safeParse(block);
  if (!parsed.success) return undefined;
  const { title, chart } = parsed.data;
  const top = Math.max(1, ...chart.series.flatMap(({ data }) => data.map(({ value }) => value)));
  const toBar = (value: number) =>
    value <= 0 ? '·' : (BARS[Math.ceil((value / top) * BARS.length) - 1] ?? '');
  const items = chart.series.map(({ name, data }) => {
    const sum = data.reduce((before, { value }) => before + value, 0);
    const labels = data.map(({ label }) => label);
    const most = data.reduce((a, b) => (b.value > a.value ? b : a), { label: '', value: 0 });
    const peak =
      most.value > 0
        ? `, most on ${expandLabel(labels, most.label)}: ${formatNumber(most.value)}`
        : '';
    const course = data.map(({ value }) => toBar(value)).join('');
    return section(text(`${course} `), bold(formatNumber(sum)), text(` ${name}${peak}`));
  });
  return richText(section(bold(title)), bullets(items));
}
