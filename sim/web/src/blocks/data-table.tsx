import { useMemo, useState } from 'react';
import { CellView, rowsOf, sortKeyOf } from './cells.tsx';
import { type Json, textOf } from './values.ts';

const PAGE = 10;

/** A paged table; a click on a column header sorts it. */
export function DataTable({ block }: { block: Json }) {
  const all = useMemo(() => rowsOf(block), [block]);
  const [head = [], ...body] = all;
  const [sort, setSort] = useState<{ column: number; isDown: boolean }>();
  const [page, setPage] = useState(0);
  const size = typeof block.page_size === 'number' ? block.page_size : PAGE;
  const sorted = sort
    ? [...body].sort(
        (a, b) =>
          compare(sortKeyOf(a[sort.column]), sortKeyOf(b[sort.column])) * (sort.isDown ? -1 : 1),
      )
    : body;
  const pages = Math.max(1, Math.ceil(sorted.length / size));
  const shown = sorted.slice(page * size, (page + 1) * size);
  const rowHead = block.row_header_column_index;
  const isNumeric = (column: number) => body.every((row) => row[column]?.type === 'raw_number');
  const sortBy = (column: number) => {
    setPage(0);
    setSort((before) =>
      before?.column !== column
        ? { column, isDown: isNumeric(column) }
        : { column, isDown: !before.isDown },
    );
  };
  return (
    <div className="data-table">
      <section className="table-place" tabIndex={0} aria-label={textOf(block.caption)}>
        <table>
          <caption>{textOf(block.caption)}</caption>
          <thead>
            <tr>
              {head.map((cell, column) => {
                const isSorted = sort?.column === column;
                return (
                  <th
                    key={column}
                    scope="col"
                    className={isNumeric(column) ? 'numeric' : undefined}
                    aria-sort={isSorted ? (sort.isDown ? 'descending' : 'ascending') : 'none'}
                  >
                    <button type="button" onClick={() => sortBy(column)}>
                      <CellView cell={cell} />
                      <span aria-hidden="true" className="sort-mark">
                        {isSorted ? (sort.isDown ? '▼' : '▲') : '↕'}
                      </span>
                    </button>
                  </th>
                );
              })}
            </tr>
          </thead>
          <tbody>
            {shown.map((row, index) => (
              <tr key={index}>
                {row.map((cell, column) =>
                  column === rowHead ? (
                    <th key={column} scope="row">
                      <CellView cell={cell} />
                    </th>
                  ) : (
                    <td key={column} className={isNumeric(column) ? 'numeric' : undefined}>
                      <CellView cell={cell} />
                    </td>
                  ),
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {pages > 1 ? (
        <div className="table-pages">
          <button
            type="button"
            className="button"
            disabled={page === 0}
            onClick={() => setPage(page - 1)}
          >
            Previous
          </button>
          <span aria-live="polite">
            Page {page + 1} of {pages}
          </span>
          <button
            type="button"
            className="button"
            disabled={page >= pages - 1}
            onClick={() => setPage(page + 1)}
          >
            Next
          </button>
        </div>
      ) : null}
    </div>
  );
}

function compare(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b), 'en', { numeric: true });
}
