import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Span } from '../../../src/core/privacy/span.ts';

export interface Case {
  lang: string;
  text: string;
  /** What has to be replaced in it. */
  spans: Span[];
}

/**
 * The labelled texts. `⟦kind|piece⟧` labels a piece, and `¦` is in the middle of whatever a scanner of
 * repositories would take for a key that is in force: neither is part of the text.
 */
export function readCases(): Case[] {
  const file = path.join(import.meta.dirname, 'cases.jsonl');
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const { lang, text: labelled } = JSON.parse(line) as { lang: string; text: string };
      const spans: Span[] = [];
      let text = '';
      for (const part of labelled.replaceAll('¦', '').split(/(⟦[a-z]+\|[^⟧]*⟧)/)) {
        const [, kind, piece] = /^⟦([a-z]+)\|([^⟧]*)⟧$/.exec(part) ?? [];
        const added = piece ?? part;
        if (kind) {
          const span = { kind, start: text.length, end: text.length + added.length };
          spans.push(span as Span);
        }
        text += added;
      }
      return { lang, text, spans };
    });
}
