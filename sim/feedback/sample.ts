import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const rowSchema = z.object({ id: z.string(), text: z.string(), label: z.string() });
export type SampleRow = z.infer<typeof rowSchema>;

let rows: SampleRow[] | undefined;

/** Returns `count` sample rows, starting with row `from`; repeats after all 300. */
export function readSample(count: number, from = 0): SampleRow[] {
  rows ??= readRows();
  const all = rows;
  return Array.from({ length: count }, (_, index) => all[(from + index) % all.length]).filter(
    (row) => row !== undefined,
  );
}

function readRows(): SampleRow[] {
  const file = path.join(import.meta.dirname, 'feedback.jsonl');
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => rowSchema.parse(JSON.parse(line)));
}
