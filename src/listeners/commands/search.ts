import { MONTH_MS } from '../../core/durations.ts';
import { findExcerpt, foldText, isIndexable, parseTerms } from '../../core/search.ts';
import { toPlainText } from '../../core/text.ts';
import type { Context } from '../../jobs/context.ts';
import { findPerson } from '../../jobs/intake/names.ts';
import { readRenderContext } from '../../jobs/render-context.ts';
import { catchUp } from '../../jobs/search.ts';
import { createPause } from '../../jobs/slices.ts';
import { type FoundMessages, renderFound } from '../../slack/blocks/search.ts';
import { type Found, findPage, readPage } from '../../store/search/find-messages.ts';
import { countUnindexed } from '../../store/search/index-messages.ts';
import { readTopics } from '../../store/themes/topic-facts.ts';
import type { Answer, Asked, Subcommand } from './asked.ts';
import { COMMAND, readTyped } from './wording.ts';

/** `/classify-feedback search WORDS`: searches this channel only, because others may be private. */

const SHOWN = 10;
const TOPICS_SHOWN = 3;

/** Most matches to count. */
const MAX_COUNTED = 5_000;

/** Most messages to check one by one; words too short for the index make this necessary. */
const MAX_READ = 10_000;

/** Most messages to compare when none has all of the words. */
const MAX_COMPARED = 1_000;

export const searchCommand: Subcommand = {
  group: 'look',
  usage: 'WORDS',
  help: 'messages of this channel that have these words, the newest first',
  example: 'export safari',
  also: ['find', 'grep', 'query', 'look'],
  answer: answerSearch,
};

async function answerSearch(context: Context, { channel, user, rest }: Asked): Promise<Answer> {
  const { db } = context;
  const renderContext = await readRenderContext(context, db);
  const { nameOf } = renderContext;
  const typed = readTyped(rest, nameOf);
  const terms = parseTerms(typed);
  if (terms.length === 0) {
    return `Say what to look for, for instance \`${COMMAND} search export safari\` or \`${COMMAND} search "dark mode"\`.`;
  }
  await catchUp(db, channel);
  const found = await findMessages(context, { channel, terms, nameOf });
  const shown = found.messages.map((message) => describe(message, terms, nameOf));
  const topics = await findTopics(context, channel, terms);
  const unindexed = await countUnindexed(db, channel, MAX_COUNTED);
  const { timeZone, locale } = await findPerson(context, user);
  return renderFound(
    { ...found, topics, channel, messages: shown, typed, unindexed },
    {
      ...renderContext,
      timeZone,
      locale,
    },
  );
}

/** Accepted topics that have all of the words in their title or their asks. */
async function findTopics(
  { db, clock }: Context,
  channel: string,
  terms: string[],
): Promise<FoundMessages['topics']> {
  const now = clock.now();
  const topics = await readTopics(
    db,
    { channel, from: now - MONTH_MS, to: now },
    now,
    createPause(),
  );
  return topics
    .filter(({ state, title, asks }) => {
      const words = foldText([title, ...asks.map((ask) => ask.title)].join(' '));
      return state === 'grouped' && terms.every((term) => words.includes(term));
    })
    .slice(0, TOPICS_SHOWN);
}

interface Sought {
  channel: string;
  terms: string[];
  nameOf: (user: string) => string | undefined;
}

type Result = Omit<FoundMessages, 'messages' | 'topics' | 'channel' | 'typed' | 'unindexed'> & {
  messages: Found[];
};

/** Finds the messages with all of the words, newest first; if there are none, those with the most. */
async function findMessages({ db }: Context, sought: Sought): Promise<Result> {
  const { terms } = sought;
  const messages: Found[] = [];
  let total = 0;
  let complete = true;
  let seen = 0;
  for await (const page of findCandidates(db, sought, 'all')) {
    seen += page.length;
    for (const candidate of page) {
      if (!terms.every((term) => candidate.words.includes(term))) continue;
      total++;
      if (messages.length < SHOWN) messages.push(candidate);
    }
    complete = total < MAX_COUNTED && seen < MAX_READ;
    if (!complete) break;
  }
  if (total > 0 || terms.length === 1)
    return { match: 'all', total: Math.min(total, MAX_COUNTED), complete, messages };
  const near: { has: number; candidate: Found }[] = [];
  seen = 0;
  for await (const page of findCandidates(db, sought, 'any')) {
    seen += page.length;
    for (const candidate of page) {
      const has = terms.filter((term) => candidate.words.includes(term)).length;
      if (has > 0) near.push({ has, candidate });
    }
    if (seen >= MAX_COMPARED) break;
  }
  const most = Math.max(0, ...near.map(({ has }) => has));
  const nearest = near.filter(({ has }) => has === most).map(({ candidate }) => candidate);
  return {
    match: 'any',
    total: nearest.length,
    complete: seen < MAX_COMPARED,
    messages: nearest.slice(0, SHOWN),
  };
}

/** Yields pages of possible matches: from the index if it has the words, else all messages. */
async function* findCandidates(
  db: Context['db'],
  { channel, terms, nameOf }: Sought,
  match: 'all' | 'any',
): AsyncGenerator<Found[]> {
  const indexable = terms.filter(isIndexable);
  const pause = createPause();
  if (match === 'all' ? indexable.length > 0 : indexable.length === terms.length) {
    let before: number | null = Number.MAX_SAFE_INTEGER;
    while (before !== null) {
      const page = await findPage(db, { channel, terms: indexable, which: match, before }, nameOf);
      yield page.found;
      before = page.next;
      await pause();
    }
    return;
  }
  let before: string | null = null;
  do {
    const page = await readPage(db, { channel, before }, nameOf);
    yield page.found;
    before = page.next;
    await pause();
  } while (before !== null);
}

/** Shows the gist; if the gist has none of the words, an excerpt of the message around them. */
function describe(
  { ts, threadTs, postedAt, text, gist, category, emoji }: Found,
  terms: string[],
  nameOf: Sought['nameOf'],
): FoundMessages['messages'][number] {
  const plain = toPlainText(text, nameOf);
  const hasGist = gist !== null && gist !== '';
  const excerpt = hasGist && findExcerpt(gist, terms) ? undefined : findExcerpt(plain, terms);
  return {
    ts,
    threadTs,
    postedAt,
    emoji,
    judged: category !== null,
    gist: gist ?? '',
    excerpt: excerpt ?? (hasGist ? '' : plain),
  };
}
