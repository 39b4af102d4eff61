import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const manifestSchema = z.looseObject({
  oauth_config: z.looseObject({ scopes: z.looseObject({ bot: z.array(z.string()) }) }),
});

/** The scopes that the bot needs, as the manifest names them. */
export function readScopes(): string[] {
  const file = path.join(import.meta.dirname, '../manifest.yml');
  return manifestSchema.parse(parse(readFileSync(file, 'utf8'))).oauth_config.scopes.bot;
}
