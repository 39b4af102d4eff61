import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const rowSchema = z.object({ id: z.string(), text: z.string(), label: z.string() });
export type SampleRow = z.infer<typeof rowSchema>;

/** The first `count` sample rows; beyond the 300 that there are, they begin again. */
export function readSample(count: number): SampleRow[] {
  const file = path.join(import.meta.dirname, 'feedback.jsonl');
  const rows = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => rowSchema.parse(JSON.parse(line)));
  return Array.from({ length: count }, (_, index) => rows[index % rows.length]).filter(
    (row) => row !== undefined,
  );
}
