/**
 * The stand-in's "intelligence": **recorded verdicts and simple keyword rules, not a model**. It fills any
 * JSON schema of structured outputs, so that the rest of a system can run. It says nothing about how well
 * a real model judges.
 */
import { fillGroups, findItem, type Item, readKind } from './group-items.ts';
import { type Judgement, judge } from './judge.ts';
import { CONCEPT_NAMES, type Concept, NEXT_CONCEPTS } from './keywords.ts';
import { isSchema, type JsonSchema, listSchemas, resolveRef } from './output-schema.ts';

const CONCEPTS: readonly Concept[] = ['bug', 'feature', 'usability', 'praise', 'question', 'noise'];
const TAGS = /<(message|feedback|review|post|text|content)(?:\s[^>]*)?>([\s\S]*?)<\/\1>/giu;
const ENTITIES: Record<string, string> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&amp;': '&',
};

/**
 * An answer to `text` that fits `schema`; `{}` when the schema is not an object's.
 * @param items the tags with an id in the prompt, for fields that want ids
 * @param strange returns unknown or duplicate ids
 * @param judgement what the answer says
 */
export function fillAnswer(
  text: string,
  schema: JsonSchema,
  {
    items = [],
    strange = false,
    judgement = judge(text),
  }: { items?: readonly Item[]; strange?: boolean; judgement?: Judgement } = {},
): Record<string, unknown> {
  const place = { root: schema, name: '', judgement, text, items, strange };
  const answer = fillSchema(schema, place);
  return isSchema(answer) ? answer : {};
}

/** The text to judge: the content of the last tag such as `<message>`, else the whole text. */
export function extractJudgedText(prompt: string): string {
  let found: string | undefined;
  for (const match of prompt.matchAll(TAGS)) found = match[2];
  if (found === undefined) return prompt;
  return found.replace(/&(?:lt|gt|quot|#39|amp);/gu, (entity) => ENTITIES[entity] ?? entity);
}

interface Place {
  root: JsonSchema;
  /** The property's name and description, lower-case. */
  name: string;
  judgement: Judgement;
  text: string;
  items: readonly Item[];
  strange: boolean;
}

function fillSchema(schema: JsonSchema, place: Place): unknown {
  if (schema.$ref !== undefined) {
    const target = resolveRef(place.root, schema.$ref);
    return target === undefined ? null : fillSchema(target, place);
  }
  if ('const' in schema) return schema.const;
  if (Array.isArray(schema.enum)) return chooseValue(schema.enum, place);
  const choices = listSchemas(schema.anyOf);
  if (choices.length > 0) return fillChoice(choices, place);
  const types = Array.isArray(schema.type) ? schema.type : [schema.type];
  if (types.includes('null') && !isAboutText(place.name)) return null;
  switch (types.find((type) => type !== 'null')) {
    case 'object':
      return fillObject(schema, place);
    case 'array':
      return fillArray(schema, place);
    case 'string':
      return fillId(schema, place) ?? fillString(place);
    case 'number':
    case 'integer':
      return fillNumber(schema, types.includes('integer'), place);
    case 'boolean':
      return false;
    default:
      return null;
  }
}

function fillChoice(choices: readonly JsonSchema[], place: Place): unknown {
  const nullable = choices.some(({ type }) => type === 'null');
  const filled = choices.find(({ type }) => type !== 'null');
  if (filled === undefined) return null;
  const known = filled.enum !== undefined || filled.$ref !== undefined || isAboutText(place.name);
  return nullable && !known ? null : fillSchema(filled, place);
}

function isAboutText(name: string): boolean {
  return /lang|gist|summar|title|categor|sentiment|urgen|confiden/u.test(name);
}

function fillObject(schema: JsonSchema, place: Place): Record<string, unknown> {
  const filled: Record<string, unknown> = {};
  if (!isSchema(schema.properties)) return filled;
  for (const [key, child] of Object.entries(schema.properties)) {
    if (!isSchema(child)) continue;
    const name = `${key} ${String(child.description ?? '')}`.toLowerCase();
    filled[key] = fillSchema(child, { ...place, name });
  }
  return filled;
}

function fillArray(schema: JsonSchema, place: Place): unknown[] {
  if (!isSchema(schema.items)) return [];
  const groups = fillGroups(schema.items, place.items);
  if (groups) return place.strange ? [...groups, ...groups.map(makeStrange)] : groups;
  const wanted = Array.isArray(schema.items.enum) || schema.minItems === 1;
  return wanted ? [fillSchema(schema.items, place)] : [];
}

const STRANGE_ID = '987654321';

const makeStrange = (group: Record<string, string | string[]>) =>
  Object.fromEntries(
    Object.entries(group).map(([name, ids]) => [
      name,
      typeof ids === 'string' ? ids : [...ids, STRANGE_ID],
    ]),
  );

/** The id of the tag that is similar to the text, or `none`; undefined when the field wants no id. */
function fillId(
  schema: JsonSchema,
  { text, items, strange, judgement }: Place,
): string | undefined {
  const kind = readKind(schema);
  if (kind === undefined) return undefined;
  if (strange) return STRANGE_ID;
  const ofKind = items.filter((item) => item.kind === kind);
  return findItem(ofKind, text, judgement.theme)?.id ?? 'none';
}

function fillString({ name, judgement }: Place): string {
  const key = name.split(' ', 1)[0] ?? '';
  if (/^lang|locale/u.test(key) || /iso.?639|language code/u.test(name)) return judgement.language;
  if (/reason|rationale|explan|why/u.test(key)) {
    return `Simulated by ${judgement.source}: "${judgement.concept}".`;
  }
  return judgement.gist;
}

function fillNumber(schema: JsonSchema, whole: boolean, { name, judgement }: Place): number {
  if (!/confiden|certain|probab|score/u.test(name)) return 0;
  // The SDK moves `maximum` into the description, because the service does not accept it.
  const stated = /maximum\D{0,3}(\d+)/u.exec(String(schema.description ?? ''))?.[1];
  const top = Number(stated ?? (whole ? 100 : 1));
  const value = judgement.confidence * top;
  return whole ? Math.round(value) : Math.round(value * 100) / 100;
}

function chooseValue(values: readonly unknown[], { judgement, name }: Place): unknown {
  const named = values.map((value) => ({ value, name: normaliseName(value) }));
  const pick = (start: string) => named.find((entry) => entry.name.startsWith(start))?.value;
  if (pick('posit') !== undefined && pick('negat') !== undefined) {
    return pick(judgement.sentiment.slice(0, 5)) ?? pick('neutr') ?? values[0];
  }
  if (pick('low') !== undefined && pick('high') !== undefined) {
    return pick(judgement.urgency) ?? pick('normal') ?? values[0];
  }
  if (name.startsWith('lang')) return pick(judgement.language) ?? values[0];
  // The second likeliest: any but the first.
  const first = chooseCategory(named, judgement);
  if (name.startsWith('also')) return chooseSecond(named, judgement, first);
  if (!name.startsWith('runner')) return first;
  const others = named.filter(({ value }) => value !== first);
  return chooseCategory(others, judgement);
}

/** The category of what else the message does, or `none`. */
function chooseSecond(
  named: readonly { value: unknown; name: string }[],
  { also }: Judgement,
  first: unknown,
): unknown {
  const isThat = (name: string) => also !== null && CONCEPT_NAMES[also].test(name);
  const second = named.find(({ value, name }) => value !== first && isThat(name));
  return second?.value ?? named.find(({ name }) => name === 'none')?.value ?? first;
}

function chooseCategory(
  named: readonly { value: unknown; name: string }[],
  judgement: Judgement,
): unknown {
  const byConcept = new Map<Concept, unknown>();
  const others: { value: unknown; name: string }[] = [];
  for (const entry of named) {
    const concept = CONCEPTS.find((known) => CONCEPT_NAMES[known].test(entry.name));
    if (concept === undefined) others.push(entry);
    else if (!byConcept.has(concept)) byConcept.set(concept, entry.value);
  }
  // A team's own category matches when the text contains the words of its name.
  const text = judgement.text.toLowerCase();
  const own = others.find(({ name }) =>
    name.split('_').some((word) => word.length > 3 && text.includes(word.replace(/s$/u, ''))),
  );
  if (own !== undefined) return own.value;
  for (const concept of [judgement.concept, ...NEXT_CONCEPTS[judgement.concept]]) {
    if (byConcept.has(concept)) return byConcept.get(concept);
  }
  return named.at(-1)?.value;
}

function normaliseName(value: unknown): string {
  return String(value)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '_');
}
