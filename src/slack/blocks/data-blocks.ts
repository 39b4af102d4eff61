import type { RichTextBlock, RichTextElement, RichTextSection } from '@slack/types';
import { z } from 'zod';
import { formatNumber } from '../../core/text.ts';
import { describeChart } from './digest/chart.ts';
import { bold, bullets, richText, section, text } from './rich-text.ts';

/**
 * Charts and tables in words. Their blocks are new in 2026, and a workspace may refuse them; every
 * workspace accepts the words.
 */

/** The most rows of a table to put into words. */
const MAX_ROWS = 30;

/** Replaces the charts and tables of a post by words; undefined if it has none. */
export function replaceDataBlocks(blocks: object[]): object[] | undefined {
  const replaced = blocks.map((block) => describeDataBlock(block) ?? block);
  return replaced.some((block, n) => block !== blocks[n]) ? replaced : undefined;
}

/** A chart or a table in words; undefined for any other block. */
export function describeDataBlock(block: object): RichTextBlock | undefined {
  const { type } = block as { type?: unknown };
  if (type === 'data_visualization') return describeChart(block);
  if (type === 'data_table') return describeTable(block);
  return undefined;
}

const cellSchema = z.union([
  z.looseObject({ type: z.literal('raw_text'), text: z.string() }),
  z.looseObject({
    type: z.literal('raw_number'),
    value: z.number(),
    text: z.string().optional(),
  }),
  z.looseObject({ type: z.literal('rich_text'), elements: z.array(z.unknown()) }),
]);
type Cell = z.infer<typeof cellSchema>;

const tableSchema = z.looseObject({
  caption: z.string(),
  rows: z.tuple([z.array(cellSchema)], z.array(cellSchema)),
});

/** A bullet for each row: its first cell, then each other cell after its column's heading. */
function describeTable(block: object): RichTextBlock | undefined {
  const parsed = tableSchema.safeParse(block);
  if (!parsed.success) return undefined;
  const {
    caption,
    rows: [headings, ...rows],
  } = parsed.data;
  const toItem = (row: Cell[]): RichTextSection =>
    section(
      ...row.flatMap((cell, column) => {
        const heading = headings[column];
        const label = heading && column > 0 ? `${plainCell(heading).toLowerCase()} ` : '';
        return [...(column > 0 ? [text(` · ${label}`)] : []), ...renderCell(cell)];
      }),
    );
  const more = rows.length - MAX_ROWS;
  return richText(
    section(bold(caption)),
    bullets(rows.slice(0, MAX_ROWS).map(toItem)),
    ...(more > 0 ? [section(text(`and ${formatNumber(more)} more`, { italic: true }))] : []),
  );
}

const sectionSchema = z.looseObject({
  type: z.literal('rich_text_section'),
  elements: z.array(z.unknown()),
});

/** The cell's own elements, unchecked: we rendered them ourselves. */
function renderCell(cell: Cell): RichTextElement[] {
  if (cell.type !== 'rich_text') return [text(plainCell(cell))];
  return cell.elements.flatMap((element) => {
    const { data } = sectionSchema.safeParse(element);
    return (data?.elements ?? []) as RichTextElement[];
  });
}

function plainCell(cell: Cell): string {
  if (cell.type === 'raw_text') return cell.text;
  if (cell.type === 'raw_number') return cell.text ?? formatNumber(cell.value);
  return '';
}
