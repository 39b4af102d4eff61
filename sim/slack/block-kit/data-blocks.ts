// Tables and charts: table, data_table, data_visualization.
import { isObject } from '../types.ts';
import { richTextCell } from './rich-text.ts';
import {
  byType,
  type Check,
  fields,
  flag,
  list,
  number,
  type Rule,
  report,
  text,
} from './rules.ts';

const cell: Rule = byType(
  {
    rich_text: richTextCell,
    raw_text: fields({ text: text({ min: 1 }) }),
    raw_number: fields({ value: number() }, { text: text({ min: 1 }) }),
  },
  'cell',
);

function sameLength(rows: unknown, path: string, check: Check): void {
  if (!Array.isArray(rows)) return;
  const lengths = new Set(rows.map((row) => (Array.isArray(row) ? row.length : -1)));
  if (lengths.size > 1) report(check, path, 'every row must have the same number of cells');
}

export const table = {
  required: { rows: list(list(cell, { min: 1, max: 20 }), { min: 1, max: 100 }) },
  optional: {
    column_settings: list(
      (value: unknown, path: string, check: Check) => {
        // `null` means that a column has no settings.
        if (value !== null)
          fields({}, { align: text({ oneOf: ['left', 'center', 'right'] }), is_wrapped: flag })(
            value,
            path,
            check,
          );
      },
      { max: 20 },
    ),
  },
};

export const dataTable = {
  required: {
    rows: list(list(cell, { min: 1, max: 20 }), { min: 2, max: 100 }),
    caption: text({ min: 1, max: 2000 }),
  },
  optional: {
    page_size: number({ min: 1, max: 100, integer: true }),
    row_header_column_index: number({ min: 0, max: 19, integer: true }),
  },
  extra(value: Record<string, unknown>, path: string, check: Check): void {
    sameLength(value.rows, `${path}/rows`, check);
    const header = Array.isArray(value.rows) ? value.rows[0] : undefined;
    if (Array.isArray(header) && header.some((c) => isObject(c) && c.type === 'rich_text')) {
      report(check, `${path}/rows/0`, 'header cells must not be rich_text');
    }
  },
};

const label = text({ min: 1, max: 20 });
const point = fields({ label, value: number() });

function namesOf(list: unknown, key: string): string[] {
  return Array.isArray(list)
    ? list.map((entry) => (isObject(entry) ? String(entry[key]) : ''))
    : [];
}

const axes: Rule = fields(
  {
    series: list(fields({ name: label, data: list(point, { min: 1, max: 20 }) }), {
      min: 1,
      max: 6,
    }),
    axis_config: fields(
      { categories: list(label, { min: 1, max: 20 }) },
      { x_label: text({ max: 50 }), y_label: text({ max: 50 }) },
    ),
  },
  {},
  (value, path, check) => {
    const names = namesOf(value.series, 'name');
    if (new Set(names).size !== names.length)
      report(check, `${path}/series`, 'series names must be unique');
    const categories = isObject(value.axis_config) ? value.axis_config.categories : undefined;
    if (!Array.isArray(categories) || !Array.isArray(value.series)) return;
    for (const [index, series] of value.series.entries()) {
      const labels = isObject(series) ? namesOf(series.data, 'label') : [];
      if (labels.length !== categories.length || labels.some((l) => !categories.includes(l))) {
        report(check, `${path}/series/${index}/data`, 'labels must match the categories');
      }
    }
  },
);

export const dataVisualization = {
  required: {
    title: text({ min: 1, max: 50 }),
    chart: byType(
      {
        pie: fields({
          segments: list(fields({ label, value: number({ min: Number.MIN_VALUE }) }), {
            min: 1,
            max: 6,
          }),
        }),
        bar: axes,
        area: axes,
        line: axes,
      },
      'chart type',
    ),
  },
};
