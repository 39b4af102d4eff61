import { spawn } from 'node:child_process';
import path from 'node:path';

/**
 * `npm run pictures:everywhere -- FOLDER [NAME]`: pictures of every surface at five widths, light and dark, to
 * be looked at one by one. NAME: only those of the tests in surfaces.test.ts with these words in their names.
 */

const [folder = 'pictures', name] = process.argv.slice(2);
const only = name ? ['--', '-t', name, 'surfaces'] : ['--', 'surfaces'];
spawn('npm', ['run', 'test:browser', ...only], {
  stdio: 'inherit',
  env: { ...process.env, PICTURES: path.resolve(folder) },
}).once('close', (code) => process.exit(code ?? 1));
