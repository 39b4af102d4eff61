/**
 * Groups items for schemas that ask which tags of a prompt belong together: by their recorded themes if
 * their texts are gists of sample messages, otherwise by shared words. A tag has a name, an id and a text.
 */
import { findByGist } from '../feedback/recorded.ts';
import { foldText } from './keywords.ts';
import { isSchema, type JsonSchema } from './output-schema.ts';

export interface Item {
  /** The tag's name. */
  kind: string;
  id: string;
  words: Set<string>;
  text: string;
  /** By the record: null when no other message asks for the same, undefined when there is no record. */
  theme?: string | null;
}

const TAGS = /<([a-z_]+) id="([^"<>]+)"[^<>]*>([\s\S]*?)<\/\1>/gu;

/** Words too common to group by. */
const SMALL_TALK = new Set(
  'about after again also always because been before could does doesn don even every from have just like make more much need never only other over please really should some still than that their them then there these they this very want when where which will with would your work works working great good love nice best thing things application'.split(
    ' ',
  ),
);

/** The tags with an id in a prompt. */
export function readItems(prompt: string): Item[] {
  if (!prompt.includes(' id="')) return [];
  return [...prompt.matchAll(TAGS)].map(([, kind = '', id = '', text = '']) => ({
    kind,
    id,
    words: readWords(text),
    text: text.trim(),
    ...readTheme(text),
  }));
}

function readTheme(gist: string): { theme?: string | null } {
  const recorded = findByGist(gist);
  return recorded ? { theme: recorded.theme ?? null } : {};
}

/** The stems of the words: `exporting` becomes `export`. */
function readWords(text: string): Set<string> {
  const words = foldText(text).match(/[\p{L}\p{N}]+/gu) ?? [];
  const telling = words.filter((word) => word.length > 3 && !SMALL_TALK.has(word));
  return new Set(telling.map(stemOf));
}

const stemOf = (word: string) => word.slice(0, 5);

type Compared = Pick<Item, 'words' | 'theme'>;

/** Whether two items have the same recorded theme; without records, whether they share words. */
function areAlike(one: Compared, other: Compared): boolean {
  if (one.theme === undefined || other.theme === undefined)
    return shareWords(one.words, other.words);
  return one.theme !== null && one.theme === other.theme;
}

/** Whether two items share two words, or all words of one of them. */
function shareWords(one: Set<string>, other: Set<string>): boolean {
  const common = [...one].filter((word) => other.has(word)).length;
  return common >= 2 || (common > 0 && common === Math.min(one.size, other.size));
}

/**
 * The item that shares most words with a text, if it is similar.
 * @param theme the text's own, by the record; undefined when there is none
 */
export function findItem(
  items: readonly Item[],
  text: string,
  theme?: string | null,
): Item | undefined {
  const words = readWords(text);
  const wanted = { words, ...(theme !== undefined && { theme }) };
  const common = (item: Item) => [...item.words].filter((word) => words.has(word)).length;
  return items
    .filter((item) => areAlike(item, wanted))
    .toSorted((one, other) => common(other) - common(one))[0];
}

/**
 * Each item joins the first group whose first item is similar to it. Groups of another kind that are
 * all similar to the item are merged.
 */
function groupItems(items: readonly Item[], alike: typeof areAlike = areAlike): Item[][] {
  const groups: Item[][] = [];
  for (const item of items) {
    const [group, ...others] = groups.filter(([first]) => first && alike(first, item));
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
 * A list of groups that fits `schema`: an object with a list of ids for each kind of tag. The
 * description of a list names its kind (`Ids of <note> tags`). Groups with a `title` are wider: one shared
 * word is enough, and it is the title. Undefined for other schemas.
 */
export function fillGroups(
  schema: JsonSchema,
  items: readonly Item[],
): Record<string, string | string[]>[] | undefined {
  if (!isSchema(schema.properties)) return undefined;
  const { title, ...lists } = schema.properties;
  const kinds = Object.entries(lists).map(([name, child]) => ({
    name,
    kind: isSchema(child) && child.type === 'array' ? readKind(child) : undefined,
  }));
  if (kinds.length === 0 || kinds.some(({ kind }) => kind === undefined)) return undefined;
  const wide = isSchema(title) && title.type === 'string';
  const groups = wide ? groupItems(items, shareAWord) : groupItems(items);
  return groups.map((group) => ({
    ...(wide && { title: nameShared(group) }),
    ...Object.fromEntries(
      kinds.map(({ name, kind }) => [
        name,
        group.filter((item) => item.kind === kind).map(({ id }) => id),
      ]),
    ),
  }));
}

const shareAWord = (one: Compared, other: Compared): boolean =>
  [...one.words].some((word) => other.words.has(word));

/** The word of the first item that most others have. */
function nameShared([first, ...others]: readonly Item[]): string {
  if (!first) return '';
  const having = (word: string) =>
    others.filter(({ words }) => words.has(stemOf(foldText(word)))).length;
  const [best = ''] = (first.text.match(/[\p{L}\p{N}]+/gu) ?? []).toSorted(
    (one, other) => having(other) - having(one),
  );
  return best.slice(0, 1).toUpperCase() + best.slice(1);
}

/** The kind of tag whose id a field wants, as in `The id of the <note> that …`. */
export function readKind({ description }: JsonSchema): string | undefined {
  return /\bids? of (?:the |a )?<([a-z_]+)>/iu.exec(String(description ?? ''))?.[1];
}
