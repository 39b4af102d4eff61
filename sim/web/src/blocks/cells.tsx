import { LibraryBlock } from './library-block.tsx';
import { isJson, type Json, listOf, wordsOf } from './values.ts';

/** A cell of a table: text, a number, or rich text. */
export function CellView({ cell }: { cell: Json }) {
  if (cell.type === 'rich_text') return <LibraryBlock block={cell} />;
  if (cell.type === 'raw_number') return wordsOf(cell) || String(cell.value);
  return wordsOf(cell);
}

/** The sort key of a cell. */
export function sortKeyOf(cell: Json | undefined): string | number {
  if (cell === undefined) return '';
  if (typeof cell.value === 'number') return cell.value;
  return cell.type === 'rich_text' ? plainOf(cell) : wordsOf(cell);
}

function plainOf(value: unknown): string {
  if (!isJson(value)) return '';
  if (typeof value.text === 'string') return value.text;
  return listOf(value.elements).map(plainOf).join('');
}

export function rowsOf(block: Json): Json[][] {
  return Array.isArray(block.rows) ? block.rows.map((row: unknown) => listOf(row)) : [];
}
