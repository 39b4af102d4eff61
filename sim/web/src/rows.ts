// The rows of a message list in chunks: when one of thousands changes, only its chunk renders again.
import { useRef } from 'react';
import type { LiveEphemeral, LiveMessage } from '../../slack/live-protocol.ts';

export type Row =
  | { kind: 'message'; message: LiveMessage }
  | { kind: 'ephemeral'; message: LiveEphemeral };

const CHUNK = 100;

/** Inserts ephemeral messages by time, but not before the first message shown. */
export function mergeByTs(
  messages: readonly LiveMessage[],
  ephemerals: readonly LiveEphemeral[],
): Row[] {
  const rows: Row[] = [];
  const waiting = [...ephemerals].sort((a, b) => (a.ts < b.ts ? -1 : 1));
  let next = 0;
  const first = messages[0]?.ts ?? '';
  while (next < waiting.length && (waiting[next]?.ts ?? '') < first) next += 1;
  for (const message of messages) {
    for (
      let ephemeral = waiting[next];
      ephemeral && ephemeral.ts < message.ts;
      ephemeral = waiting[next]
    ) {
      rows.push({ kind: 'ephemeral', message: ephemeral });
      next += 1;
    }
    rows.push({ kind: 'message', message });
  }
  return [
    ...rows,
    ...waiting.slice(next).map((message) => ({ kind: 'ephemeral' as const, message })),
  ];
}

/** Reuses the previous chunk object when its messages are unchanged. */
export function useChunks(rows: readonly Row[]): readonly (readonly Row[])[] {
  const before = useRef<readonly (readonly Row[])[]>([]);
  const known = new Map(before.current.map((chunk) => [chunk[0]?.message.ts, chunk]));
  const chunks: (readonly Row[])[] = [];
  for (let at = 0; at < rows.length; at += CHUNK) {
    const chunk = rows.slice(at, at + CHUNK);
    const same = known.get(chunk[0]?.message.ts);
    chunks.push(same && isSame(same, chunk) ? same : chunk);
  }
  before.current = chunks;
  return chunks;
}

function isSame(a: readonly Row[], b: readonly Row[]): boolean {
  return a.length === b.length && a.every((row, index) => row.message === b[index]?.message);
}
