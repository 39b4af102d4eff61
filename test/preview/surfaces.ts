import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Every surface that people see, as the golden files have it: the files are what the renderers' own
 * tests compare with, so what is looked at here is what they say.
 */

const FIXTURES = path.join(import.meta.dirname, '../fixtures');

/** The folders of golden files, and what people call what is in them. */
export const GROUPS = {
  receipts: 'Receipts: what becomes the summary',
  digests: 'Summaries',
  cards: 'Cards',
  words: 'Words to somebody, and in threads',
  modals: 'Modals',
  homes: 'Home tab',
} as const;
export type Group = keyof typeof GROUPS;

/** What a post, or an answer to one person, consists of. */
export interface Post {
  kind: 'post';
  /** What screen readers and notifications say. */
  text: string;
  blocks: object[];
  /** It stands in the thread of the first one. */
  isReply: boolean;
}

interface View {
  kind: 'modal' | 'home';
  title: string;
  submit: string;
  view: { blocks: object[] };
}

export interface Surface {
  group: Group;
  name: string;
  parts: (Post | View)[];
}

export function readSurfaces(): Surface[] {
  return (Object.keys(GROUPS) as Group[]).flatMap((group) => {
    const files = readdirSync(path.join(FIXTURES, group)).filter((file) => file.endsWith('.json'));
    return files.sort().map((file) => {
      const content: unknown = JSON.parse(readFileSync(path.join(FIXTURES, group, file), 'utf8'));
      const parts = [content].flat().map((part) => toPart(part, `${group}/${file}`));
      return { group, name: file.replace(/\.json$/, ''), parts };
    });
  });
}

type Json = Record<string, unknown>;

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null;
const wordsOf = (value: unknown) => (isJson(value) ? String(value.text ?? '') : '');

function toPart(value: unknown, file: string): Post | View {
  // An effect of the outbox, a post, an answer in words alone, or a view.
  const part = isJson(value) && isJson(value.effect) ? value.effect : value;
  if (typeof part === 'string') return { kind: 'post', text: part, blocks: [], isReply: false };
  if (!isJson(part) || (part.blocks !== undefined && !Array.isArray(part.blocks))) {
    throw new Error(`${file} is no surface`);
  }
  const blocks = (part.blocks ?? []) as object[];
  if (part.type === 'modal' || part.type === 'home') {
    const view = { ...part, blocks };
    return { kind: part.type, title: wordsOf(part.title), submit: wordsOf(part.submit), view };
  }
  const isReply = part.parent !== undefined;
  return { kind: 'post', text: String(part.text ?? ''), blocks, isReply };
}
