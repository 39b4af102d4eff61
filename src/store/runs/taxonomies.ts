import { type Taxonomy, taxonomySchema } from '../../core/runs/taxonomy.ts';
import type { Db, Tx } from '../db/tables.ts';

/** The version of a taxonomy; a new one if this exact content was never used before. */
export async function saveTaxonomy(db: Db | Tx, taxonomy: Taxonomy, now: number): Promise<number> {
  const content = JSON.stringify(taxonomy);
  const known = await db
    .selectFrom('taxonomies')
    .select('version')
    .where('content', '=', content)
    .executeTakeFirst();
  if (known) return known.version;
  // Inserted only if new: a conflicting insert would leave a gap in the numbers.
  const { version } = await db
    .insertInto('taxonomies')
    .values({ content, created_at: now })
    .returning('version')
    .executeTakeFirstOrThrow();
  return version;
}

/** The taxonomy of a version. A run ends with the taxonomy that it began with. */
export async function readTaxonomy(db: Db | Tx, version: number): Promise<Taxonomy> {
  const { content } = await db
    .selectFrom('taxonomies')
    .select('content')
    .where('version', '=', version)
    .executeTakeFirstOrThrow();
  return taxonomySchema.parse(JSON.parse(content));
}

/**
 * The taxonomy of a version, plus the categories that only other versions have, newest first: some
 * messages of a digest may have been judged again under a later version.
 */
export async function readTaxonomyToRender(db: Db | Tx, version: number): Promise<Taxonomy> {
  const own = await readTaxonomy(db, version);
  const others = await db
    .selectFrom('taxonomies')
    .select('content')
    .where('version', '!=', version)
    .orderBy('version', 'desc')
    .execute();
  const categories = new Map(own.categories.map((category) => [category.key, category]));
  for (const { content } of others) {
    for (const category of taxonomySchema.parse(JSON.parse(content)).categories) {
      if (!categories.has(category.key)) categories.set(category.key, category);
    }
  }
  return { ...own, categories: [...categories.values()] };
}
