/** What is replaced before a text leaves, the kind that names an overlap first. */
export const KINDS = ['key', 'email', 'iban', 'card', 'ip', 'phone', 'number'] as const;
export type Kind = (typeof KINDS)[number];

/** A part of a text, in UTF-16 units: `[start, end)`. */
export interface Range {
  start: number;
  end: number;
}

export interface Span extends Range {
  kind: Kind;
}

/** Whether a part of a text lies in any of these ranges, which are in order and do not overlap. */
export function liesIn({ start, end }: Range, ranges: readonly Range[]): boolean {
  let [low, high] = [0, ranges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranges[middle]?.end ?? 0) <= start) low = middle + 1;
    else high = middle;
  }
  const next = ranges[low];
  return next !== undefined && next.start < end;
}

/** The words just before a place, on the same line. */
export function wordsBefore(text: string, start: number, length: number): string {
  const before = text.slice(Math.max(0, start - length), start);
  return before.slice(before.lastIndexOf('\n') + 1);
}

/**
 * Joins spans that overlap into one, so that no part of any is left, and puts them in order. The kind
 * that comes first in KINDS names it.
 */
export function joinSpans(spans: Span[]): Span[] {
  const joined: Span[] = [];
  for (const span of spans.toSorted((one, other) => one.start - other.start)) {
    const last = joined.at(-1);
    if (!last || span.start >= last.end) {
      joined.push({ ...span });
      continue;
    }
    last.end = Math.max(last.end, span.end);
    if (KINDS.indexOf(span.kind) < KINDS.indexOf(last.kind)) last.kind = span.kind;
  }
  return joined;
}
