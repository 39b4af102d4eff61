/** Judges a text by counting words from lists. Instructions in the text have no effect. */
import {
  CLUES,
  type Clue,
  type Concept,
  foldText,
  NEGATIVE,
  NO_TROUBLE,
  URGENT,
} from './keywords.ts';
import { guessLanguage } from './language.ts';

export interface Judgement {
  text: string;
  concept: Concept;
  scores: Record<Concept, number>;
  sentiment: 'positive' | 'neutral' | 'negative' | 'mixed';
  urgency: 'low' | 'medium' | 'high';
  language: string;
  /** At most twelve words. */
  gist: string;
  /** 0.5 to 0.95: rises with matched words of the concept, falls with words of others. */
  confidence: number;
}

/** From this score on, a person is stuck and not just annoyed. */
const STUCK = 10;

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
  const text = raw.replace(/\s+/gu, ' ').trim();
  const folded = foldText(text);
  const language = guessLanguage(text, folded);
  // Short texts do not reveal their language, so both lists are used.
  const french = language === 'fr' || text.length < 60;
  const calm = scoreClues(folded, [NO_TROUBLE], french);
  const worry = calm > 0 ? folded.replace(NO_TROUBLE.pattern, ' ') : folded;
  const scores: Record<Concept, number> = {
    bug: scoreClues(worry, CLUES.bug, french),
    feature: scoreClues(worry, CLUES.feature, french),
    usability: scoreClues(worry, CLUES.usability, french),
    praise: scoreClues(folded, CLUES.praise, french) + calm,
    question: scoreClues(folded, CLUES.question, french),
    noise: 0,
  };
  const anger = scoreClues(worry, NEGATIVE, french);
  // A topic word (sync, notifications) alone is not a complaint: it counts half.
  const negative = anger + scores.usability + (scores.bug >= 3 ? scores.bug / 2 : 0);
  const concept = chooseConcept(scores, anger);
  const others = Object.values(scores).reduce((sum, score) => sum + score, 0) - scores[concept];
  const lead = Math.max(0, scores[concept] - others / 2);
  const urgent =
    concept === 'bug' || concept === 'usability' ? scoreClues(worry, [URGENT], french) : 0;
  return {
    text,
    concept,
    scores,
    sentiment: nameSentiment(scores.praise, negative),
    urgency: urgent > 0 ? 'high' : scores.bug >= STUCK ? 'medium' : 'low',
    language,
    gist: shortenText(text),
    confidence: Math.round(Math.min(0.95, 0.5 + lead * 0.05) * 100) / 100,
  };
}

function scoreClues(text: string, clues: readonly Clue[], french: boolean): number {
  let score = 0;
  for (const clue of clues) {
    if (clue.french && !french) continue;
    score += clue.weight * (text.match(clue.pattern)?.length ?? 0);
  }
  return score;
}

/** Complaints and wishes win over praise: people wrap them in kind words. */
function chooseConcept(scores: Record<Concept, number>, anger: number): Concept {
  const { bug, feature, usability, praise, question } = scores;
  const trouble = Math.max(bug, feature, usability);
  if (question >= 5 && question > trouble) return 'question';
  if (usability >= 4 && usability >= bug && usability >= feature) return 'usability';
  if (feature >= 5 && feature >= bug) return 'feature';
  if (bug >= 3 && bug * 2 > praise) return 'bug';
  if (feature >= 5) return 'feature';
  if (question >= 4) return 'question';
  if (anger > praise && anger + bug >= 5) return 'bug';
  return praise > 0 ? 'praise' : 'noise';
}

function nameSentiment(positive: number, negative: number): Judgement['sentiment'] {
  if (positive === 0 && negative === 0) return 'neutral';
  if (positive >= 4 && negative >= 3 && positive < negative * 3 && negative < positive * 3) {
    return 'mixed';
  }
  if (positive === negative) return 'neutral';
  return positive > negative ? 'positive' : 'negative';
}

/** The first sentence, at most twelve words. */
function shortenText(text: string): string {
  const start = text.slice(0, 300);
  const sentence = /^.*?[^.!?\s][.!?…](?=\s|$)/u.exec(start)?.[0] ?? start;
  const words = sentence.split(' ').filter((word) => word !== '');
  const short = words.length > 12 ? `${words.slice(0, 12).join(' ')}…` : words.join(' ');
  return short.length > 120 ? `${[...short].slice(0, 119).join('')}…` : short;
}
