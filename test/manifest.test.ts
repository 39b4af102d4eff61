import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

/** The Slack app, as people paste it (manifest.yml) and as Slack's CLI reads it (manifest.json). */

const ROOT = path.join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');
const manifest = parse(read('manifest.yml'));

test('manifest.json says the same as manifest.yml; npm run golden writes it', async () => {
  const json = `${JSON.stringify(manifest, null, 2)}\n`;
  await expect(json).toMatchFileSnapshot(path.join(ROOT, 'manifest.json'));
});

/** Slack's own schemas, from https://github.com/slackapi/manifest-schema, November 2026. */
test.each([1, 2])('Slack’s schema for version %i of manifests accepts it', (version) => {
  const schema = JSON.parse(read(`test/fixtures/manifest/schema.${version}.json`));
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  const validate = ajv.compile(schema);
  validate(manifest);
  expect(validate.errors ?? []).toEqual([]);
  // The schema is one that can refuse.
  expect(validate({ ...manifest, display_information: { name: 'x'.repeat(50) } })).toBe(false);
});

test('Slack’s CLI finds the manifest and how to start the bot', () => {
  const { hooks } = JSON.parse(read('.slack/hooks.json'));
  const run = (hook: string) =>
    JSON.parse(execFileSync('npx', hook.split(' ').slice(1), { cwd: ROOT, encoding: 'utf8' }));
  const all = { ...run(hooks['get-hooks']).hooks, ...hooks };
  expect(run(all['get-manifest'])).toEqual(manifest);
  const { scripts } = JSON.parse(read('package.json'));
  expect(all.start).toBe('npm start --silent');
  expect(scripts.start).toContain('src/main.ts');
});
