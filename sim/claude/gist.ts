/**
 * The gist of a text by rules: the sentence, or the part of a long one, that says what the text is
 * about, without the words that only wrap it.
 */

const GIST_WORDS = 15;
/** In characters: some words have no end. */
const GIST_LENGTH = 120;

const HELLO =
  /^(?:hi|hello|hey|dear|bonjour|salut|hallo)\b(?: (?:there|team|all|everyone|guys|folks))?[\s,!.:-]*/iu;

/** What wraps a wish. The wish itself follows. */
const WISHES: readonly RegExp[] = [
  /^(?:love (?:the app|it)|great (?:app|tool|product))?[,\s]*(?:i |we |just )?(?:really |only |just )?wish(?:es|ed)? (?:that )?(?:(?:i|we|you|it) (?:could|can|would|had)|there (?:were|was|is)) /iu,
  /^(?:(?:it|that)(?: would|['’]d)|would) (?:really |also )?be (?:\w+ )?(?:nice|great|good|cool|handy|helpful|useful|awesome|lovely|neat|better|amazing|fantastic) (?:if (?:(?:i|we|you|it|they) (?:could |can |would )?)?|to (?:have |see |be able to )?)/iu,
  /^(?:(?:i|we)(?: would|['’]d)|would) (?:really |also )?(?:love|like)(?: to (?:have|see|be able to)| to)? /iu,
  /^(?:can|could|would|will) you (?:please |maybe |also )?(?=\w+ )/iu,
  /^(?:please|pls|plz|kindly|maybe)[,\s]+/iu,
  /^(?:feature (?:request|idea)|suggestion|idea|missing|wish(?: ?list)?|request)\s*[:-]\s*/iu,
  /^(?:i|we) (?:really |also |badly )?(?:need|want)(?: to)? (?=\S+ \S)/iu,
];

const CANNOT = /^(?:i|we) (?:can ?['’]?t|cannot|can not)\b/iu;
const PASSIVE = /^(?:i|we) (?:was|were|am|are|got|have been) (?=\w+ed\b)/iu;
const THANKS =
  /(?:^|[,;.!\s-]+)(?:thank you|thanks|thx|merci|danke|please|pls|plz)(?: (?:so much|very much|a lot|again|in advance|all|team|everyone))?[\s.!]*$/iu;
const SIGNS = /\p{Extended_Pictographic}|\u{fe0f}|\u{200d}/gu;
const CONTRAST = /,?\s+(?:but|however|mais|aber|pero)\s+|,\s+(?=(?:just|only|please)\s)/iu;
const CLAUSE =
  /[,;:–—()]+\s+|\s+(?=(?:and|but|because|so|when|while|which|since|after|although|even though|et|mais|car|quand|parce|und|aber|weil|wenn)\s)/iu;
/** Words that no gist ends with. */
const LOOSE =
  /\s+(?:an?|the|of|to|and|or|but|with|in|on|at|for|from|that|which|is|are|my|our|your|this|it|i|we|as|by|de|la|le|les|et|un|une|des|du|der|die|das|und)$/iu;

/**
 * @param weigh how much a part says about what the whole text is judged to be
 * @returns at most 15 words; the text itself when it has no words
 */
export function writeGist(
  raw: string,
  {
    isQuestion,
    isWish,
    weigh,
  }: { isQuestion: boolean; isWish: boolean; weigh(part: string): number },
): string {
  const plain = raw.slice(0, 2000).replace(/<?https?:\/\/\S+/gu, '');
  const words = plain.replace(SIGNS, '');
  if (!/\p{L}/u.test(words))
    return [...raw.slice(0, 200).replace(/\s+/gu, ' ').trim()].slice(0, 20).join('');
  const sentences = words
    .split(/\n+|(?<=[.!?…])\s+/u)
    .map((sentence) => sentence.replace(/\s+/gu, ' ').replace(HELLO, '').trim())
    .filter((sentence) => /\p{L}/u.test(sentence));
  const sentence = pickPart(sentences.length > 0 ? sentences : [words.trim()], weigh);
  const part = pickPart(sentence.split(CONTRAST).filter(Boolean), weigh);
  return polish(countWords(part) > GIST_WORDS ? pickClauses(part, weigh) : part, {
    isQuestion,
    isWish,
  });
}

/** The part that weighs most; the first of several. */
function pickPart(parts: readonly string[], weigh: (part: string) => number): string {
  const weights = parts.map(weigh);
  return parts[weights.indexOf(Math.max(...weights))] ?? '';
}

/** Neighbouring clauses around the one that weighs most, as many as fit. */
function pickClauses(sentence: string, weigh: (part: string) => number): string {
  const clauses = sentence.split(CLAUSE).filter(Boolean);
  const best = clauses.indexOf(pickPart(clauses, weigh));
  let [from, to] = [best, best + 1];
  const length = (start: number, end: number) => countWords(clauses.slice(start, end).join(' '));
  while (to < clauses.length && length(from, to + 1) <= GIST_WORDS) to += 1;
  while (from > 0 && length(from - 1, to) <= GIST_WORDS) from -= 1;
  // As the text has them, with what stands between.
  const start = sentence.indexOf(clauses[from] ?? '');
  const last = clauses[to - 1] ?? '';
  return sentence.slice(start, sentence.indexOf(last, start) + last.length);
}

function polish(part: string, { isQuestion, isWish }: { isQuestion: boolean; isWish: boolean }) {
  let gist = part.replace(/^(?:and|but|because|et|mais|und|aber)\s+/iu, '');
  gist = keepWords(gist, gist.replace(THANKS, ''));
  gist = gist.replace(/^["'“”«»\s.,;:!-]+|["'“”«»\s.,;:!?…-]+$/gu, '');
  if (isWish) for (const wrap of WISHES) gist = keepWords(gist, gist.replace(wrap, ''));
  gist = keepWords(gist, gist.replace(CANNOT, 'cannot').replace(PASSIVE, ''));
  const words = gist.split(' ');
  if (words.length > GIST_WORDS) {
    gist = words.slice(0, GIST_WORDS).join(' ');
    while (LOOSE.test(gist)) gist = gist.replace(LOOSE, '');
  }
  gist = [...gist.replace(/^\p{L}/u, (letter) => letter.toUpperCase())]
    .slice(0, GIST_LENGTH)
    .join('');
  return isQuestion && gist !== '' ? `${gist}?` : gist;
}

/** A shorter form, unless too little is left of it. */
const keepWords = (before: string, after: string) => (/\p{L}{2}/u.test(after) ? after : before);

const countWords = (text: string) => text.split(/\s+/u).filter(Boolean).length;
