import { toPlainText } from '../text.ts';

/**
 * A first look at a message, without a model: whether somebody may have to act on it soon. It decides
 * only what is judged first, so it errs on the side of yes.
 */

/** From here on a message goes first. */
export const URGENT = 2;

/** Something that harms people or stops them. */
const HARM =
  /\b(crash\w*|data loss|lost (all|my|our|the|everything)|lose (all|my|our)|deleted (all|my|our)|corrupt\w*|outage|(is|are|went|goes|site) down|security|breach\w*|leak\w*|hack\w*|phish\w*|unsafe|charged (twice|again|me)|double[- ]charged|refund\w*|fraud\w*|scam|lawyer|legal action|gdpr|locked out|can'?t (log|sign) ?in|cannot (log|sign) ?in|unable to (log|sign) ?in|production|stopped working|plant(e|ent|é|age)|perdu(e|es|s)?|panne|remboursé?\w*|piraté?\w*|arnaque|abst[uü]rz\w*|verloren|ausfall|sicherheit\w*|caíd[oa]|perdid[oa]s?|reembolso)\b/iu;

/** Something that does not work. */
const FAILURE =
  /\b(urgent\w*|asap|immediately|emergency|critical|block(er|ed|ing)|broken|fail(s|ed|ing|ure)?|errors?|freez\w+|frozen|hangs?|bug(s|gy)?|doesn'?t work|does not work|not working|won'?t (open|load|start|work)|can'?t|cannot|unusable|useless|cancel(l?ing|ling|led)?|unsubscrib\w*|uninstall\w*|leaving|switch(ing|ed)? to|500|503|ne (marche|fonctionne) (pas|plus)|erreur|bloqu\w+|désinstall\w*|funktioniert nicht|fehler|kaputt|no funciona|error(es)?)\b/iu;

/**
 * How urgent a message looks, from 0 on.
 * @param waiting whether an earlier message of its author still needs attention
 */
export function lookFirst(text: string, { waiting }: { waiting: boolean }): number {
  const words = toPlainText(text, () => '').replace(/https?:\/\/\S+/g, '');
  let score = 0;
  if (HARM.test(words)) score += 2;
  if (FAILURE.test(words)) score += 1;
  const letters = words.replace(/[^\p{L}]/gu, '');
  const shouts =
    letters.length >= 12 && letters === letters.toLocaleUpperCase() && /[A-Z]/.test(letters);
  if (shouts || /!{2,}/.test(words)) score += 1;
  // Who reports a failure takes the trouble to describe it; a word or two seldom needs anybody.
  if (words.length >= 200 && score > 0) score += 1;
  if (words.trim().length < 12) score -= 1;
  if (waiting) score += 1;
  return Math.max(0, score);
}
