/** Guesses a text's language (ISO 639-1) by script, then by stop words; default English. */
import { foldText } from './keywords.ts';

const SCRIPTS: readonly [string, RegExp][] = [
  ['ja', /[\p{Script=Hiragana}\p{Script=Katakana}]/u],
  ['ko', /\p{Script=Hangul}/u],
  ['zh', /\p{Script=Han}/u],
  ['ru', /\p{Script=Cyrillic}/u],
  ['ar', /\p{Script=Arabic}/u],
  ['hi', /\p{Script=Devanagari}/u],
  ['el', /\p{Script=Greek}/u],
  ['he', /\p{Script=Hebrew}/u],
  ['th', /\p{Script=Thai}/u],
];

const STOP_WORDS: Record<string, string> = {
  en: 'the and is it to of i my for with this that not you have on in was but are app very great good love be at as just so best nice easy',
  fr: 'le la les de des du et est je ma mon mes pas avec pour une un sur ne que qui dans il ce cette tres très plus mais bien bonne bon depuis à au montre appli adore parfait génial excellente impossible toujours jour aucun aucune problème',
  de: 'der die das und ist nicht ich mit auf für ein eine den zu es sehr aber auch von meine mein gut nach seit keine wie',
  es: 'el los las y es con para una por que muy pero mi mis como se lo está buena excelente desde ya del al bien',
  it: 'il gli che è con per una non sono molto ma mio mia anche della ottima bene dopo dal perfetto ottimo',
  pt: 'o os as e é com para uma não que muito mas meu minha do da em bom ótimo desde depois excelente',
  nl: 'het een en van ik niet met op voor zijn maar mijn erg goed ook na de is werkt',
};

const LANGUAGES_BY_WORD = new Map<string, string[]>();
for (const [language, words] of Object.entries(STOP_WORDS)) {
  for (const word of new Set(foldText(words).split(' '))) {
    LANGUAGES_BY_WORD.set(word, [...(LANGUAGES_BY_WORD.get(word) ?? []), language]);
  }
}

/** @param folded the same text in lower case and without accents */
export function guessLanguage(text: string, folded: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: matches anything but ASCII
  const foreign = /[^\x00-\x7f]/.test(text);
  if (foreign) for (const [language, script] of SCRIPTS) if (script.test(text)) return language;
  const counts: Record<string, number> = { en: 0 };
  for (const word of folded.slice(0, 400).match(/[a-z]+/g) ?? []) {
    for (const language of LANGUAGES_BY_WORD.get(word) ?? []) {
      counts[language] = (counts[language] ?? 0) + 1;
    }
  }
  if (foreign && /[çœêûëïà]/i.test(text)) counts.fr = (counts.fr ?? 0) + 1;
  if (/\b[jldcmn]'[aeh]/.test(folded)) counts.fr = (counts.fr ?? 0) + 1;
  let best = 'en';
  for (const [language, count] of Object.entries(counts)) {
    if (count > (counts[best] ?? 0)) best = language;
  }
  return best;
}
