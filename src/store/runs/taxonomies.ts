import { type Taxonomy, taxonomySchema } from '../../core/runs/taxonomy.ts';
import type { Db, Tx } from '../db/tables.ts';

/** The version number of a taxonomy: a new one when just this content was never used before. */
export async function saveTaxonomy(db: Db | Tx, taxonomy: Taxonomy, now: number): Promise<number> {
  const content = JSON.stringify(taxonomy);
  const known = await db
    .selectFrom('taxonomies')
    .select('version')
    .where('content', '=', content)
    .executeTakeFirst();
  if (known) return known.version;
  // Inserted only when it is new: an insert that conflicts would leave a gap in the numbers.
  const { version } = await db
    .insertInto('taxonomies')
    .values({ content, created_at: now })
    .returning('version')
    .executeTakeFirstOrThrow();
  return version;
}

/** The taxonomy of a version: a run is finished with the one that it was begun with. */
export async function readTaxonomy(db: Db | Tx, version: number): Promise<Taxonomy> {
  const { content } = await db
    .selectFrom('taxonomies')
    .select('content')
    .where('version', '=', version)
    .executeTakeFirstOrThrow();
  return taxonomySchema.parse(JSON.parse(content));
}

/**
 * The taxonomy of a version with the categories that only others have, those of the newest first:
 * some of what a digest tells may have been judged again under a later one.
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
