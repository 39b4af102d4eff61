import { z } from 'zod';
import type { FlagState } from '../people/acts.ts';

/**
 * Reads what posts of the bot show that its database does not know: it was restored from a copy, or begun anew.
 * Their metadata says which post each is; the lists in a summary's thread say what was told of which message.
 */

/** A post of the bot, as Slack has it. */
export interface OwnPost {
  ts: string;
  metadata: {
    event_type: string;
    event_payload: {
      key: string;
      run?: number | undefined;
      category?: string | undefined;
      ts?: string | undefined;
    };
  };
  text: string;
  blocks: object[];
}

/** What a thread tells of a message. */
export interface Told {
  ts: string;
  /** Null: it could not be classified. */
  category: string | null;
  /** Empty: the post has only links. */
  gist: string;
  flag: FlagState | null;
}

/** The messages that the lists and the cards in the thread of a summary show. */
export function readTold(posts: OwnPost[]): Told[] {
  const lines = posts.filter(({ metadata }) => LISTS.has(metadata.event_type)).flatMap(readList);
  // The list that counts a message goes first.
  const ordered = [...lines.filter(({ elsewhere }) => !elsewhere), ...lines];
  const told = new Map<string, Told>();
  for (const { elsewhere: _, ...line } of ordered) if (!told.has(line.ts)) told.set(line.ts, line);
  for (const { metadata, blocks } of posts) {
    const message = told.get(metadata.event_payload.ts ?? '');
    if (message && metadata.event_type === 'winnow_card') message.flag = readState(blocks);
  }
  return [...told.values()];
}

const LISTS = new Set(['winnow_category', 'winnow_noise', 'winnow_dead']);

/** A line of a list. `elsewhere`: another list counts its message. */
type Line = Omit<Told, 'category'> & { elsewhere: boolean };

const NOTHING = { gist: '', flag: null, elsewhere: false };

function readList({ metadata, text, blocks }: OwnPost): (Line & Told)[] {
  const category = metadata.event_payload.category ?? null;
  const lines = blocks.flatMap(readLines);
  // One that was sent as plain text has only its links.
  const links = lines.length > 0 ? [] : findLinks(text).map((ts) => ({ ...NOTHING, ts }));
  return [...lines, ...links].map((line) => ({ ...line, category }));
}

const elementSchema = z.looseObject({
  type: z.string(),
  text: z.string().catch(''),
  url: z.string().catch(''),
});
const listSchema = z.looseObject({
  type: z.literal('rich_text_list'),
  elements: z.array(z.looseObject({ elements: z.array(elementSchema) })),
});
const richTextSchema = z.looseObject({
  type: z.literal('rich_text'),
  elements: z.array(z.unknown()),
});
const noiseSchema = z.looseObject({
  type: z.literal('section'),
  block_id: z.string().regex(/^about-/),
});

function readLines(block: object): Line[] {
  const noise = noiseSchema.safeParse(block);
  if (noise.success) {
    const ts = /\d{10}\.\d{6}/.exec(noise.data.block_id)?.[0];
    return ts === undefined ? [] : [{ ...NOTHING, ts }];
  }
  const richText = richTextSchema.safeParse(block);
  return (richText.data?.elements ?? []).flatMap((element) =>
    (listSchema.safeParse(element).data?.elements ?? []).flatMap((item) => readLine(item.elements)),
  );
}

/** Such as `🚩 gist view · counted as Bug`. */
function readLine(elements: z.infer<typeof elementSchema>[]): Line[] {
  const place = elements.findIndex(({ url }) => findLinks(url).length > 0);
  const [ts] = findLinks(elements[place]?.url ?? '');
  if (ts === undefined) return [];
  const gist = elements[place - 1]?.text.trim() ?? '';
  const flag = elements[0]?.type === 'emoji' ? 'open' : null;
  const elsewhere = elements.slice(place).some(({ text }) => text.startsWith(' · counted as '));
  return [{ ts, gist, flag, elsewhere }];
}

/** The messages that permalinks lead to. */
const findLinks = (text: string): string[] =>
  [...text.matchAll(/\/p(\d{10})(\d{6})/g)].map(([, seconds, rest]) => `${seconds}.${rest}`);

/** The state that a card shows. Who has claimed it, it says by name alone: then it is open again. */
function readState(blocks: object[]): FlagState | null {
  const state = /"state-(open|claimed|resolved|dismissed|withdrawn)"/.exec(JSON.stringify(blocks));
  return state?.[1] === 'claimed' ? 'open' : ((state?.[1] as FlagState | undefined) ?? null);
}
