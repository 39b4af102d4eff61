// Builds the page once per version of its sources; later starts reuse the build.
import { createHash } from 'node:crypto';
import { access, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';

const HERE = import.meta.dirname;
const MODULES = path.join(HERE, '../../node_modules');
const KEPT_MS = 7 * 24 * 3600 * 1000;
const CACHE = path.join(MODULES, '.cache/sim-page');

/** The folder of the built page, for `SlackSim.servePage`. Takes a few seconds the first time. */
export async function buildPage(): Promise<string> {
  const folder = path.join(CACHE, await hashSources());
  if (await exists(path.join(folder, 'index.html'))) return folder;
  await mkdir(CACHE, { recursive: true });
  await removeOld();
  const unfinished = `${folder}.${process.pid}`;
  const { build } = await import('vite');
  await build({
    root: HERE,
    configFile: false,
    logLevel: 'error',
    mode: 'production',
    oxc: { jsx: { runtime: 'automatic', development: false } },
    // A test runner sets another value, which would build a different page.
    define: { 'process.env.NODE_ENV': '"production"' },
    build: { outDir: unfinished, emptyOutDir: true, chunkSizeWarningLimit: 2000 },
  });
  try {
    await rename(unfinished, folder);
  } catch (error) {
    // Another process built the same page first.
    await rm(unfinished, { recursive: true, force: true });
    if (!(await exists(path.join(folder, 'index.html')))) throw error;
  }
  return folder;
}

/** Removes builds that no process can be serving any more. */
async function removeOld(): Promise<void> {
  for (const name of await readdir(CACHE)) {
    const folder = path.join(CACHE, name);
    const { mtimeMs } = await stat(folder);
    if (Date.now() - mtimeMs > KEPT_MS) await rm(folder, { recursive: true, force: true });
  }
}

/** Hashes everything that the page depends on: its sources and the versions of its packages. */
async function hashSources(): Promise<string> {
  const hash = createHash('sha256');
  const files = await readdir(HERE, { recursive: true, withFileTypes: true });
  const paths = files
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
  for (const file of paths) {
    hash.update(path.relative(HERE, file)).update(await readFile(file));
  }
  for (const name of ['vite', 'react', 'react-dom', 'slack-blocks-to-jsx', 'emojibase-data']) {
    hash.update(await readFile(path.join(MODULES, name, 'package.json')));
  }
  return hash.digest('hex').slice(0, 16);
}

async function exists(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch {
    return false;
  }
}
