/**
 * Groups items by the words that they share: for schemas that ask which of the tags of a prompt
 * belong together. No understanding, only words; a tag is whatever has a name, an id and a text.
 */
import { foldText } from './keywords.ts';
import { isSchema, type JsonSchema } from './output-schema.ts';

export interface Item {
  /** The tag's name. */
  kind: string;
  id: string;
  words: Set<string>;
}

const TAGS = /<([a-z_]+) id="([^"<>]+)"[^<>]*>([\s\S]*?)<\/\1>/gu;

/** Said by nearly everybody, so it groups nobody. */
const SMALL_TALK = new Set(
  'about after again also always because been before could does doesn don even every from have just like make more much need never only other over please really should some still than that their them then there these they this very want when where which will with would your work works working great good love nice best thing things application'.split(
    ' ',
  ),
);

/** The tags of a prompt that have an id. */
export function readItems(prompt: string): Item[] {
  if (!prompt.includes(' id="')) return [];
  return [...prompt.matchAll(TAGS)].map(([, kind = '', id = '', text = '']) => ({
    kind,
    id,
    words: readWords(text),
  }));
}

/** Beginnings of words: `exporting` is `export`. */
function readWords(text: string): Set<string> {
  const words = foldText(text).match(/[\p{L}\p{N}]+/gu) ?? [];
  const telling = words.filter((word) => word.length > 3 && !SMALL_TALK.has(word));
  return new Set(telling.map((word) => word.slice(0, 5)));
}

/** Two words in common, or all that one of them has. */
function areAlike(one: Set<string>, other: Set<string>): boolean {
  const common = [...one].filter((word) => other.has(word)).length;
  return common >= 2 || (common > 0 && common === Math.min(one.size, other.size));
}

/** The item of a kind that has most words of a text, if it is like it. */
export function findItem(items: readonly Item[], text: string): Item | undefined {
  const words = readWords(text);
  const common = (item: Item) => [...item.words].filter((word) => words.has(word)).length;
  return items
    .filter((item) => areAlike(item.words, words))
    .toSorted((one, other) => common(other) - common(one))[0];
}

/**
 * Every item joins the first group whose first item it is like; groups of another kind that are all
 * like it become one.
 */
function groupItems(items: readonly Item[]): Item[][] {
  const groups: Item[][] = [];
  for (const item of items) {
    const [group, ...others] = groups.filter(
      ([first]) => first && areAlike(first.words, item.words),
    );
    if (!group) {
      groups.push([item]);
      continue;
    }
    for (const other of others) {
      if (group[0]?.kind === item.kind || other[0]?.kind === item.kind) continue;
      group.push(...other.splice(0));
    }
    group.push(item);
  }
  return groups.filter(({ length }) => length > 1);
}

/**
 * A list of groups in the shape of `schema`: an object with a list of ids for each kind of tag, the
 * kind as its description names it (`Ids of <note> tags`). Undefined when it asks for something else.
 */
export function fillGroups(
  schema: JsonSchema,
  items: readonly Item[],
): Record<string, string[]>[] | undefined {
  if (!isSchema(schema.properties)) return undefined;
  const kinds = Object.entries(schema.properties).map(([name, child]) => ({
    name,
    kind: isSchema(child) && child.type === 'array' ? readKind(child) : undefined,
  }));
  if (kinds.length === 0 || kinds.some(({ kind }) => kind === undefined)) return undefined;
  return groupItems(items).map((group) =>
    Object.fromEntries(
      kinds.map(({ name, kind }) => [
        name,
        group.filter((item) => item.kind === kind).map(({ id }) => id),
      ]),
    ),
  );
}

/** The tag whose ids a field wants, as in `The id of the <note> that …`. */
export function readKind({ description }: JsonSchema): string | undefined {
  return /\bids? of (?:the |a )?<([a-z_]+)>/iu.exec(String(description ?? ''))?.[1];
}
