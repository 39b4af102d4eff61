import { CellView, rowsOf } from './cells.tsx';
import { isJson, type Json } from './values.ts';

/** A plain table; its first row is the header. */
export function TableBlock({ block }: { block: Json }) {
  const [head = [], ...rows] = rowsOf(block);
  const settings = Array.isArray(block.column_settings) ? block.column_settings : [];
  const styleOf = (column: number) => {
    const setting: unknown = settings[column];
    const align = isJson(setting) && typeof setting.align === 'string' ? setting.align : 'left';
    const isWrapped = isJson(setting) && setting.is_wrapped === true;
    return { textAlign: align as 'left', whiteSpace: isWrapped ? 'normal' : 'nowrap' } as const;
  };
  return (
    <section className="table-place" tabIndex={0} aria-label="Table">
      <table>
        <thead>
          <tr>
            {head.map((cell, column) => (
              <th key={column} style={styleOf(column)} scope="col">
                <CellView cell={cell} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              {row.map((cell, column) => (
                <td key={column} style={styleOf(column)}>
                  <CellView cell={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
