/** Judges a text by counting words from lists. Instructions in the text have no effect. */

import { writeGist } from './gist.ts';
import {
  ASKED,
  CHAT,
  CLUES,
  type Clue,
  type Concept,
  foldText,
  GREETING,
  LOOKS,
  NEGATIVE,
  NO_TROUBLE,
  OPENS_QUESTION,
  STUCK,
  THINGS,
  URGENT,
} from './keywords.ts';
import { guessLanguage } from './language.ts';

interface Judgement {
  text: string;
  concept: Concept;
  scores: Record<Concept, number>;
  sentiment: 'positive' | 'neutral' | 'negative' | 'mixed';
  urgency: 'low' | 'medium' | 'high';
  language: string;
  /** At most 15 words. */
  gist: string;
  /** 0.5 to 0.7: rules know little. Rises with matched words of the concept, falls with others. */
  confidence: number;
}

const REMEMBERED = 10_000;
const judged = new Map<string, Judgement>();

/** Pure and cached: large batches repeat texts, and results are read twice. */
export function judgeText(raw: string): Judgement {
  const known = judged.get(raw);
  if (known !== undefined) return known;
  if (judged.size >= REMEMBERED) judged.clear();
  const judgement = judgeAnew(raw);
  judged.set(raw, judgement);
  return judgement;
}

function judgeAnew(raw: string): Judgement {
  const said = dropLabels(raw);
  const text = said.replace(/\s+/gu, ' ').trim();
  const folded = foldText(text);
  const language = guessLanguage(text, folded);
  // Short texts do not reveal their language, so both lists are used.
  const french = language === 'fr' || text.length < 60;
  const calm = scoreClues(folded, [NO_TROUBLE], french);
  const worry = calm > 0 ? folded.replace(NO_TROUBLE.pattern, ' ') : folded;
  const scores: Record<Concept, number> = {
    bug: scoreClues(worry, CLUES.bug, french),
    feature: scoreClues(worry.replace(ASKED.pattern, ' '), CLUES.feature, french),
    usability: scoreClues(worry, CLUES.usability, french),
    praise: scoreClues(folded.replace(GREETING, ' '), CLUES.praise, french) + calm,
    question: scoreClues(folded, CLUES.question, french),
    noise: 0,
  };
  const anger = scoreClues(worry, NEGATIVE, french);
  // A topic word (sync, notifications) alone is not a complaint: it counts half.
  const negative = anger + scores.usability + (scores.bug >= 3 ? scores.bug / 2 : 0);
  const concept = chooseConcept(scores, anger, folded);
  const others = Object.values(scores).reduce((sum, score) => sum + score, 0) - scores[concept];
  const lead = Math.max(0, scores[concept] - others / 2);
  const troubled = concept === 'bug' || concept === 'usability';
  const urgent = troubled ? scoreClues(worry, [URGENT], french) : 0;
  const stuck = concept === 'bug' ? scoreClues(worry, [STUCK], french) : 0;
  return {
    text,
    concept,
    scores,
    sentiment: nameSentiment(scores.praise, negative),
    urgency: urgent > 0 ? 'high' : stuck > 0 ? 'medium' : 'low',
    language,
    gist: writeGist(said, {
      isQuestion: concept === 'question',
      isWish: concept === 'feature',
      weigh: (part) =>
        concept === 'noise' ? 0 : scoreClues(foldText(part), CLUES[concept], french),
    }),
    confidence: Math.round(Math.min(0.7, 0.5 + lead * 0.02) * 100) / 100,
  };
}

/** Whose words they are, and which field they fill: `*What went wrong?*`, `Name: Jane`, `Score`. */
const LABEL =
  /^[\s>]*(?:\*[^*\n]{1,120}\*:?|\[file: .*\]|@\S+|\S+ \*created\* a \w+|(?:from|name|e-?mail|reported by|sent by|author|status|priority|plan|score|version|subject|title|region|check)\b.{0,60}|(?:a new answer|new (?:message|response|answer)\b.{0,60}|submitted through .{0,60}|on https?:\S+|view response|\d+ of 10|contact form|app store, .{0,40}|priority: .{0,60}))$/i;

/** The lines without labels, if something else is left. */
function dropLabels(raw: string): string {
  if (!raw.includes('\n')) return raw;
  const kept = raw
    .split('\n')
    .filter((line) => !LABEL.test(line))
    .map((line) =>
      line.replace(
        /^(?:> |:\w+: |[★☆]+ |forwarded: |(?:message|says|text|comment|ticket #\d+): )/i,
        '',
      ),
    );
  return kept.some((line) => /\p{L}/u.test(line)) ? kept.join('\n') : raw;
}

function scoreClues(text: string, clues: readonly Clue[], french: boolean): number {
  let score = 0;
  for (const clue of clues) {
    if (clue.french && !french) continue;
    score += clue.weight * (text.match(clue.pattern)?.length ?? 0);
  }
  return score;
}

/**
 * What is broken comes before what is missing, that before what is hard to use, that before a question,
 * and praise last: people wrap complaints and wishes in kind words.
 */
function chooseConcept(scores: Record<Concept, number>, anger: number, folded: string): Concept {
  const { bug, feature, usability, praise, question } = scores;
  const short = folded.length < SHORT;
  if (/^(?:this is )?(?:just )?(?:a )?test(?:ing)?\b/.test(folded) && short) return 'noise';
  const said = folded.replace(FILE_NAMES, '');
  const names = THINGS.test(said) || LOOKS.test(said);
  if (short && !names && bug < 3 && feature < 5 && usability < 4 && CHAT.test(folded))
    return 'noise';
  const fails = bug >= 3 && bug * 2 > praise;
  if (question >= 4 && question > bug && OPENS_QUESTION.test(folded)) return 'question';
  if (usability >= 4 && usability >= bug && usability >= feature) return 'usability';
  if (feature >= 5 && feature > bug) return 'feature';
  if (fails) return 'bug';
  if (question >= 4) return 'question';
  if (feature >= 5) return 'feature';
  if (anger > praise && anger + bug >= 5) return 'bug';
  if (praise > 0) return 'praise';
  if (question > 0 && names) return 'question';
  if (!short || !names || folded.split(' ').length < 3) return 'noise';
  if (feature > Math.max(1, bug)) return 'feature';
  return LOOKS.test(folded) && bug < 3 ? 'usability' : 'bug';
}

const FILE_NAMES = /\[file: [^\]]*\]|[\w-]+\.(?:png|jpe?g|gif|webp|mp4|m4a|mov|pdf|txt|csv|log)\b/g;

/** Only up to this length, in characters, do rules about plain statements and chatter apply. */
const SHORT = 120;

function nameSentiment(positive: number, negative: number): Judgement['sentiment'] {
  if (positive === 0 && negative === 0) return 'neutral';
  if (positive >= 4 && negative >= 3 && positive < negative * 3 && negative < positive * 3) {
    return 'mixed';
  }
  if (positive === negative) return 'neutral';
  return positive > negative ? 'positive' : 'negative';
}
