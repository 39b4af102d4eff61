import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Taxonomy } from '../../src/core/runs/taxonomy.ts';
import { count } from '../../src/core/text.ts';
import { PlainError } from '../plain-error.ts';
import type { GoldClass } from '../score/outcome.ts';
import type { GoldMessage, LabelledMessage } from './message.ts';

/**
 * What the labels of the data mean in the taxonomy: a category, several that are all right, or
 * nothing (`null`), which leaves its messages out.
 */
type Mapping = Map<string, string[] | null>;

const mappingSchema = z.record(
  z.string(),
  z.union([z.string(), z.array(z.string()).min(1), z.null()]),
);

/** Reads a mapping of YAML or JSON. @throws PlainError */
export function readMapping(file: string, taxonomy: Taxonomy): Mapping {
  let content: unknown;
  try {
    content = parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new PlainError(`${file} cannot be read: ${(error as Error).message.split('\n')[0]}`);
  }
  const parsed = mappingSchema.safeParse(content);
  if (!parsed.success) {
    throw new PlainError(
      `${file}: each label stands before a category, a list of categories, or null, such as\n  problem: [bug, usability]`,
    );
  }
  const mapping: Mapping = new Map();
  const known = new Set(taxonomy.categories.map(({ key }) => key));
  for (const [label, value] of Object.entries(parsed.data)) {
    const categories = value === null ? null : [...new Set([value].flat())];
    const unknown = categories?.find((category) => !known.has(category));
    if (unknown !== undefined) {
      throw new PlainError(
        `${file}: ${label} is mapped to ${unknown}, which is no category of the taxonomy.\nIts categories: ${[...known].join(', ')}`,
      );
    }
    mapping.set(label, categories);
  }
  return mapping;
}

/** Without a mapping, the labels are the categories, by key or by name. */
export function mapByName({ categories }: Taxonomy): Mapping {
  const mapping: Mapping = new Map();
  for (const { key, name } of categories) mapping.set(name, [key]).set(name.toLowerCase(), [key]);
  // A key counts before another category's name.
  for (const { key } of categories) mapping.set(key, [key]);
  return mapping;
}

export interface Gold {
  messages: GoldMessage[];
  /** In the order of the taxonomy. */
  classes: GoldClass[];
  /** How many messages have only labels that are mapped to nothing. */
  leftOut: number;
}

/**
 * Maps the labels of messages to classes. Labels that are mapped to the same categories are one class.
 * @param advice what to do about labels that the mapping lacks
 * @throws PlainError when the mapping lacks a label, or no message is left
 */
export function mapLabels(
  messages: LabelledMessage[],
  { mapping, taxonomy, advice }: { mapping: Mapping; taxonomy: Taxonomy; advice: string },
): Gold {
  const order = taxonomy.categories.map(({ key }) => key);
  const sort = (categories: string[]) =>
    categories.toSorted((one, other) => order.indexOf(one) - order.indexOf(other));
  const unknown = new Map<string, number>();
  const classes = new Map<string, GoldClass>();
  const gold = messages.flatMap((message): GoldMessage[] => {
    const right = new Set<string>();
    let category: string | undefined;
    for (const label of splitLabels(message.labels, mapping)) {
      const categories = mapping.get(label);
      if (categories === undefined) unknown.set(label, (unknown.get(label) ?? 0) + 1);
      if (!categories) continue;
      const sorted = sort(categories);
      const name = sorted.join('+');
      classes.set(name, { name, categories: sorted });
      right.add(name);
      category ??= categories[0];
    }
    const second = findSecond(message, mapping, unknown);
    return category === undefined ? [] : [{ ...message, right: [...right], category, second }];
  });
  if (unknown.size > 0) {
    const labels = [...unknown].map(([label, n]) => `${label} (${count(n, 'message')})`);
    throw new PlainError(`No category is known for: ${labels.join(', ')}.\n${advice}`);
  }
  if (gold.length === 0) throw new PlainError('The mapping leaves out every message of the data.');
  const first = ({ categories: [category = ''] }: GoldClass) => order.indexOf(category);
  return {
    messages: gold,
    classes: [...classes.values()].sort((one, other) => first(one) - first(other)),
    leftOut: messages.length - gold.length,
  };
}

function findSecond(
  { also }: LabelledMessage,
  mapping: Mapping,
  unknown: Map<string, number>,
): string[] {
  if (also === undefined || also === null) return [];
  const categories = mapping.get(also);
  if (categories === undefined) unknown.set(also, (unknown.get(also) ?? 0) + 1);
  return categories ?? [];
}

/** `a|b` stands for both, unless the mapping has it as it is. */
const splitLabels = (labels: string[], mapping: Mapping): string[] =>
  labels.flatMap((label) =>
    mapping.has(label) || !label.includes('|') ? label : label.split('|').map((one) => one.trim()),
  );
