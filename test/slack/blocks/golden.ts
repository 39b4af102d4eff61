import path from 'node:path';
import { expect } from 'vitest';

const FIXTURES = path.join(import.meta.dirname, '../../fixtures');

/**
 * Golden files: what people see, as it was looked at last. `npm run golden` writes them anew,
 * `npm run preview` shows them.
 */
export async function expectGolden(file: `${string}/${string}`, surface: unknown): Promise<void> {
  const shown = `${JSON.stringify(surface, null, 2)}\n`;
  await expect(shown).toMatchFileSnapshot(path.join(FIXTURES, `${file}.json`));
}

/** Words that are hard to place: in every surface that shows what people have written. */
export const ODD_WORDS = {
  'long-names': {
    name: 'Maximiliane-Alexandra von und zu Hohenstein-Wittelsbach y Álvarez de la Fuente Segunda',
    words:
      'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft '.repeat(3),
  },
  'right-to-left': {
    name: 'רונית אבוטבול',
    words: 'הייצוא נכשל בימי שישי, and the report is gone: أين التقرير؟',
  },
  'emoji-only': { name: '🦄', words: '🎉🎉🎉👩🏽‍🚀🇫🇷' },
} as const;
