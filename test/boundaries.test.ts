import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

/** Who may import what: the table of docs/design.md, read against the sources. */

const ROOT = path.join(import.meta.dirname, '..');

/** What each folder may import of src and migrations, and which packages. */
const RULES: Record<string, { folders: string[]; packages: string[] }> = {
  'src/core/privacy': {
    folders: ['src/core'],
    packages: [
      '@secretlint/secretlint-rule-preset-recommend',
      'ibantools',
      'libphonenumber-js',
      'validator',
    ],
  },
  'src/core': { folders: ['src/core'], packages: ['zod'] },
  'src/store': {
    folders: ['src/store', 'src/core'],
    packages: ['kysely', 'better-sqlite3', 'pg', 'zod'],
  },
  'src/slack': {
    folders: ['src/slack', 'src/core'],
    packages: ['@slack/web-api', '@slack/types', '@slack/logger', 'zod'],
  },
  'src/claude': { folders: ['src/claude', 'src/core'], packages: ['@anthropic-ai/sdk', 'zod'] },
  'src/jobs': {
    folders: ['src/jobs', 'src/core', 'src/store', 'src/slack', 'src/claude'],
    packages: ['croner', 'csv-stringify'],
  },
  'src/listeners': {
    folders: ['src/listeners', 'src/core', 'src/store', 'src/jobs', 'src/slack/blocks'],
    packages: [
      '@slack/bolt',
      '@slack/socket-mode',
      '@slack/web-api',
      '@slack/logger',
      'fastest-levenshtein',
      'zod',
    ],
  },
  'src/main.ts': { folders: ['src/start.ts'], packages: [] },
  'src/start.ts': {
    folders: [
      'src/start',
      'src/replica',
      'src/config.ts',
      'src/many-config.ts',
      'src/doctor',
      'src/jobs/loop.ts',
    ],
    packages: ['pino'],
  },
  'src/replica': {
    folders: [
      'src/replica',
      'src/core',
      'src/store',
      'src/slack',
      'src/claude',
      'src/health',
      'src/jobs/loop.ts',
      'src/jobs/runner.ts',
      'src/listeners',
      'src/start',
      'src/many-config.ts',
      'src/manifest.ts',
    ],
    packages: ['@slack/bolt', '@slack/oauth', 'pg', 'pino', 'zod'],
  },
  'src/many-config.ts': {
    folders: ['src/config.ts', 'src/core', 'src/settings-schema.ts'],
    packages: ['zod'],
  },
  'src/operator': {
    folders: ['src/operator', 'src/core', 'src/store', 'src/many-config.ts'],
    packages: [],
  },
  'src/workspaces.ts': {
    folders: ['src/operator', 'src/config.ts', 'src/jobs/loop.ts', 'src/many-config.ts'],
    packages: [],
  },
  'src/manifest.ts': { folders: [], packages: ['yaml', 'zod'] },
  'src/start': { folders: ['src'], packages: ['@slack/bolt', '@slack/logger', 'pino'] },
  'src/config.ts': { folders: ['src/core', 'src/settings-schema.ts'], packages: ['yaml', 'zod'] },
  'src/settings-schema.ts': { folders: ['src/core'], packages: ['croner', 'zod'] },
  'src/health': {
    folders: ['src/health', 'src/core', 'src/store', 'src/slack', 'src/claude', 'src/jobs'],
    packages: ['prom-client'],
  },
  'src/doctor.ts': { folders: ['src/doctor', 'src/config.ts', 'src/jobs/loop.ts'], packages: [] },
  'src/doctor': {
    folders: [
      'src/doctor',
      'src/core',
      'src/store',
      'src/slack',
      'src/claude',
      'src/jobs',
      'src/config.ts',
      'src/many-config.ts',
      'src/manifest.ts',
    ],
    packages: ['better-sqlite3', 'zod'],
  },
  'src/backup.ts': {
    folders: ['src/config.ts', 'src/many-config.ts', 'src/jobs/loop.ts', 'src/store'],
    packages: [],
  },
  'src/move.ts': {
    folders: ['src/config.ts', 'src/core', 'src/jobs/loop.ts', 'src/slack', 'src/store'],
    packages: [],
  },
  'src/restore.ts': {
    folders: ['src/config.ts', 'src/many-config.ts', 'src/jobs/loop.ts', 'src/store'],
    packages: [],
  },
  migrations: { folders: [], packages: ['kysely'] },
  // The page runs in a browser: of the stand-in it knows the protocol only.
  'sim/web/src': {
    folders: ['sim/web/src', 'sim/slack/live-protocol.ts', 'sim/slack/backstage.ts'],
    packages: ['react', 'react-dom', 'slack-blocks-to-jsx', 'emojibase-data'],
  },
  'sim/web/build.ts': { folders: [], packages: ['vite'] },
  sim: { folders: ['sim'], packages: ['ws', 'zod', 'emojibase-data'] },
  eval: {
    folders: [
      'eval',
      'sim/claude',
      'src/core',
      'src/store',
      'src/claude',
      'src/config.ts',
      'src/jobs/loop.ts',
      'src/jobs/themes/group.ts',
    ],
    packages: ['@clack/prompts', 'vega', 'vega-lite', 'yaml', 'zod'],
  },
  demo: {
    folders: ['demo', 'sim'],
    packages: ['@clack/prompts', 'better-sqlite3', 'playwright-core', 'yaml', 'zod'],
  },
};

const found = Object.keys(RULES).flatMap((rule) => {
  if (rule.endsWith('.ts')) return [rule];
  return readdirSync(path.join(ROOT, rule), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => path.join(rule, file));
});

/** A file of a folder within a folder is found twice; its first rule counts. */
const sources = [...new Set(found)];

const IMPORT = /(?:\bfrom\s+|\bimport\s*\(?\s*)'([^']+)'/g;

function importsOf(file: string): string[] {
  const code = readFileSync(path.join(ROOT, file), 'utf8');
  return [...code.matchAll(IMPORT)].flatMap(([, target]) => target ?? []);
}

function isWithin(file: string, folder: string): boolean {
  return file === folder || file.startsWith(`${folder}/`);
}

test('every folder has sources, and every source of src a rule', () => {
  expect(sources.length).toBeGreaterThan(40);
  const all = readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => path.join('src', file));
  expect(all.filter((file) => !sources.includes(file))).toEqual([]);
});

test.each(sources)('%s imports only what its folder may', (file) => {
  const rule = Object.entries(RULES).find(([folder]) => isWithin(file, folder))?.[1];
  const wrong = importsOf(file).filter((target) => {
    if (target.startsWith('node:')) return isWithin(file, 'src/core');
    if (target.startsWith('.')) {
      const imported = path.join(path.dirname(file), target);
      return !rule?.folders.some((folder) => isWithin(imported, folder));
    }
    return !rule?.packages.some((name) => target === name || target.startsWith(`${name}/`));
  });
  expect(wrong).toEqual([]);
});

test.each(sources.filter((file) => isWithin(file, 'src')))('%s keeps to its place', (file) => {
  const code = readFileSync(path.join(ROOT, file), 'utf8').replace(
    /\/\*[\s\S]*?\*\/|\/\/.*$/gm,
    '',
  );
  if (file !== 'src/config.ts') expect(code).not.toMatch(/process\.env/);
  if (!isWithin(file, 'src/store/text-index')) expect(code).not.toMatch(/fts5|bm25|trigram/i);
  if (file !== 'src/start.ts' && file !== 'src/jobs/loop.ts') {
    expect(code).not.toMatch(/Date\.now|new Date\(\)|setTimeout|setInterval/);
  }
  // How long work took, and when others have their turn.
  if (file !== 'src/jobs/slices.ts') expect(code).not.toMatch(/performance\.now|setImmediate/);
});

/** Groups of files that import one another, directly or by way of others; types count as well. */
function findCircles(files: string[]): string[][] {
  const imports = new Map(
    files.map((file) => [
      file,
      importsOf(file)
        .filter((target) => target.startsWith('.'))
        .map((target) => path.join(path.dirname(file), target)),
    ]),
  );
  // Tarjan: a file whose lowest reachable place on the stack is its own closes a circle.
  const places = new Map<string, { index: number; low: number; onStack: boolean }>();
  const stack: string[] = [];
  const circles: string[][] = [];
  const visit = (file: string) => {
    const place = { index: places.size, low: places.size, onStack: true };
    places.set(file, place);
    stack.push(file);
    for (const next of imports.get(file) ?? []) {
      if (!imports.has(next)) continue;
      const known = places.get(next);
      if (!known) place.low = Math.min(place.low, visit(next).low);
      else if (known.onStack) place.low = Math.min(place.low, known.index);
    }
    if (place.low === place.index) {
      const circle = stack.splice(stack.indexOf(file));
      for (const member of circle) (places.get(member) ?? place).onStack = false;
      if (circle.length > 1) circles.push(circle.sort());
    }
    return place;
  };
  for (const file of files) if (!places.has(file)) visit(file);
  return circles;
}

test.each(['src', 'sim', 'demo', 'eval'])(
  'no files of %s import one another in a circle',
  (folder) => {
    const files = readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.tsx?$/.test(file))
      .map((file) => path.join(folder, file));
    expect(files.length).toBeGreaterThan(10);
    expect(findCircles(files)).toEqual([]);
  },
);

test('no folder of src holds more than 15 files, and no file more than 300 lines', () => {
  const files = sources.filter((file) => isWithin(file, 'src'));
  const folders = Map.groupBy(files, (file) => path.dirname(file));
  const crowded = [...folders].filter(([, held]) => held.length > 15).map(([folder]) => folder);
  const long = files.filter(
    (file) => readFileSync(path.join(ROOT, file), 'utf8').split('\n').length - 1 > 300,
  );
  expect({ crowded, long }).toEqual({ crowded: [], long: [] });
});
