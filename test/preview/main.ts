import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { drawPage } from './draw-page.ts';
import { readSurfaces } from './surfaces.ts';

/** `npm run preview [-- FILE]`: every surface on one page, to look at what a change does. */

const file = path.resolve(process.argv[2] ?? 'preview.html');
const surfaces = readSurfaces();
writeFileSync(file, drawPage(surfaces));
console.log(`${surfaces.length} surfaces: file://${file}`);
