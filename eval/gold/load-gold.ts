import path from 'node:path';
import { namePlace } from '../../src/core/database-place.ts';
import type { Taxonomy } from '../../src/core/runs/taxonomy.ts';
import type { Environment } from '../environment.ts';
import type { Options } from '../options.ts';
import { type Gold, mapByName, mapLabels, readMapping } from './mapping.ts';
import { readData } from './read-data.ts';
import { readPeople } from './read-people.ts';

/** The labelled messages that an evaluation is about. */
export interface GoldSet extends Gold {
  /** Where they are from, in words. */
  source: string;
  taxonomy: Taxonomy;
  nameOf: (user: string) => string | undefined;
}

const SHIPPED = {
  data: path.join(import.meta.dirname, '../data/feedback.jsonl'),
  mapping: path.join(import.meta.dirname, '../data/mapping.yml'),
};

/** @throws PlainError when a file is wrong, or nothing is labelled */
export async function loadGold(
  options: Pick<Options, 'people' | 'data' | 'mapping' | 'taxonomy'>,
  environment: Pick<Environment, 'taxonomy' | 'database'>,
): Promise<GoldSet> {
  if (options.people) return loadPeople(options, environment);
  const { taxonomy } = environment;
  const messages = readData(options.data ?? SHIPPED.data);
  const file = options.mapping ?? (options.data === undefined ? SHIPPED.mapping : undefined);
  const mapping = file === undefined ? mapByName(taxonomy) : readMapping(file, taxonomy);
  const keys = taxonomy.categories.map(({ key }) => key).join(', ');
  const advice =
    file === undefined
      ? `Say with --mapping FILE which categories the labels mean, a line for each label:\n  label: category\n  label: [category, category]   # all of them are right\n  label: null                   # leave these messages out\nThe categories: ${keys}`
      : `Add a line for each to ${file}; "label: null" leaves its messages out.\nThe categories: ${keys}`;
  return {
    ...mapLabels(messages, { mapping, taxonomy, advice }),
    source: options.data ?? 'the sample reviews (eval/data)',
    taxonomy,
    nameOf: () => undefined,
  };
}

async function loadPeople(
  options: Pick<Options, 'taxonomy'>,
  { taxonomy: fallback, database }: Pick<Environment, 'taxonomy' | 'database'>,
): Promise<GoldSet> {
  const people = await readPeople(database);
  // As in the bot, what was saved in Slack overrides the environment.
  const taxonomy = (options.taxonomy === undefined && people.taxonomy) || fallback;
  const mapping = mapByName(taxonomy);
  for (const { labels, also } of people.messages) {
    // Categories that there are no longer.
    for (const label of [...labels, ...(also ? [also] : [])]) {
      if (!mapping.has(label)) mapping.set(label, null);
    }
  }
  return {
    ...mapLabels(people.messages, { mapping, taxonomy, advice: '' }),
    source: `what people have corrected and confirmed (${namePlace(database)})`,
    taxonomy,
    nameOf: people.nameOf,
  };
}
