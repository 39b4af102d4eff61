import { isDeepStrictEqual } from 'node:util';
import { sql } from 'kysely';
import { DEFAULT_EMOJI } from '../../src/core/people/acts.ts';
import { FORGOTTEN } from '../../src/core/privacy/forgotten.ts';
import { DEFAULT_TAXONOMY } from '../../src/core/runs/taxonomy.ts';
import { REHEARSAL } from '../../src/slack/blocks/actions.ts';
import type { Stage } from '../harness.ts';
import { type Day, OTHER_RULES } from './day.ts';

/** What must be so after any day: looked up in what the stand-ins show, then in the database. */

/** What may be logged as an error when services fail: each says what waits, or for whom. */
const KNOWN_ERRORS = new Set([
  'Slack refuses this for good; given up',
  'Slack refuses the app itself; its settings need a look',
  'a batch brought no result for some messages',
]);

/** A job that could not read Slack is tried again; one that failed for another reason is a bug. */
const isKnown = ({ message, err }: Stage['logs'][number]): boolean =>
  KNOWN_ERRORS.has(message) || (err instanceof Error && err.name === 'SlackReadError');

/** @returns what is broken, in words; empty when every promise was kept */
export async function listBroken({ stage, sent }: Day): Promise<string[]> {
  return [
    ...(await checkMessages(stage, sent)),
    ...(await checkPosts(stage)),
    ...(await checkPayments(stage)),
    ...(await checkQuestions(stage)),
    ...(await checkRehearsals(stage)),
    ...(await stage.wholeReads()),
    ...stage.logs
      .filter((line) => line.level === 'error' && !isKnown(line))
      .map((line) => `logged as an error: ${JSON.stringify(line)}`),
  ];
}

interface Listing {
  /** A category's key, or `dead`. */
  list: string;
  ts: string;
}

/** Every line of every list, in the order of the posts. */
function readLists(stage: Stage): Listing[] {
  return stage.posts().flatMap((post) => {
    const { event_type, event_payload } = post.metadata as unknown as Metadata;
    if (!['winnow_category', 'winnow_noise', 'winnow_dead'].includes(event_type)) return [];
    return stage.slack.links(post).flatMap(({ url }) => {
      const digits = /\/p(\d{10})(\d{6})/.exec(url);
      const list = event_payload.category ?? 'dead';
      return digits ? [{ list, ts: `${digits[1]}.${digits[2]}` }] : [];
    });
  });
}

interface Metadata {
  event_type: string;
  event_payload: { key: string; run: number; category?: string };
}

const FLAG = DEFAULT_EMOJI.flag;
const EMOJI_OF = new Map(DEFAULT_TAXONOMY.categories.map(({ key, emoji }) => [key, emoji]));

async function checkMessages(stage: Stage, sent: string[]): Promise<string[]> {
  const { slack, channel } = stage;
  const broken: string[] = [];
  const lists = readLists(stage);
  const stored = new Map(
    (
      await stage.rows(sql<{ ts: string; text: string; state: string; trouble: string | null }>`
        select ts, text, state, trouble from messages where deleted_at is null`)
    ).map((row) => [row.ts, row]),
  );
  const open = await stage.rows(
    sql<{ ts: string }>`select ts from flags where state in ('open', 'claimed')`,
  );
  const flags = new Set(open.map(({ ts }) => ts));
  // Refused by Slack for good, and said so in the log and in the status.
  const impossible = new Set(
    (
      await stage.rows(sql<{ about: string }>`select about from outbox
        where state = 'dead' and trouble = 'too_many_reactions'`)
    ).map(({ about }) => about),
  );
  const forgotten = new Set(
    (
      await stage.rows(sql<{ ts: string }>`select ts from messages where forgotten is not null`)
    ).map((message) => message.ts),
  );
  const shown = JSON.stringify(stage.posts().map(({ text, blocks }) => ({ text, blocks })));
  for (const [index, ts] of sent.entries()) {
    const name = `message ${index + 1} (${ts})`;
    const message = slack.message(channel, ts);
    const row = stored.get(ts);
    if (forgotten.has(ts)) {
      if (shown.includes(`(No. ${index + 1})`)) broken.push(`${name} is forgotten, and shown`);
      if (row && row.text !== FORGOTTEN) broken.push(`${name} is forgotten, and stored`);
      continue;
    }
    if (!message) {
      if (row) broken.push(`${name} was deleted, and is still ${row.state}`);
      continue;
    }
    if (row?.text !== message.text) broken.push(`${name} is not known as it is: ${row?.text}`);
    const published = lists.filter((listing) => listing.ts === ts).map(({ list }) => list);
    const most = message.edited ? 2 : 1;
    if (published.length === 0 || published.length > most)
      broken.push(`${name} is told ${published.length} times`);
    const last = published.at(-1) ?? '';
    if ((last === 'dead') !== (row?.state === 'dead')) {
      broken.push(`${name} is ${row?.state}, and told as ${last}`);
    }
    if (last === 'dead' && !row?.trouble) broken.push(`${name} is dead without a reason`);
    const all = stage.reactionsOf(ts);
    const reactions = all.filter((emoji) => emoji !== FLAG);
    const flagged = flags.has(ts);
    if (all.includes(FLAG) !== flagged && !impossible.has(ts)) {
      broken.push(`${name} is ${flagged ? '' : 'not '}flagged, and its reactions are [${all}]`);
    }
    const emoji = EMOJI_OF.get(last);
    const wanted = emoji && !impossible.has(ts) ? [emoji] : [];
    // Dead after an edit, it keeps the reaction of the verdict on its first text.
    const asWanted = last === 'dead' ? reactions.length <= 1 : String(reactions) === String(wanted);
    if (!asWanted && !impossible.has(ts)) {
      broken.push(`${name} is told as ${last}, and its reactions are [${reactions}]`);
    }
  }
  const strangers = lists.filter(({ ts }) => !sent.includes(ts));
  if (strangers.length > 0) broken.push(`told of nobody's message: ${JSON.stringify(strangers)}`);
  return broken;
}

async function checkPosts(stage: Stage): Promise<string[]> {
  const { slack } = stage;
  const posts = stage.posts();
  const metadata = posts.map((post) => post.metadata as unknown as Metadata);
  const keys = metadata.map(({ event_payload }) => event_payload.key).sort();
  const written = await stage.rows(
    sql<{ key: string }>`select key from outbox where lane like 'post %' order by key`,
  );
  const expected = written.map(({ key }) => key).sort();
  const parents = metadata
    .filter(({ event_type }) => event_type === 'winnow_digest')
    .map(({ event_payload }) => event_payload.run);
  const pings = [...posts, ...slack.ephemerals()].flatMap((shown) => slack.pings(shown));
  return [
    ...(String(keys) === String(expected)
      ? []
      : [`posted ${keys}\n   instead of ${expected}, each once`]),
    ...(new Set(parents).size === parents.length ? [] : [`several parents of a run: ${parents}`]),
    ...pings.map((ping) => `pinged ${ping}`),
  ];
}

/** The first summary of the week has drawn its questions, each is asked once, and names who has answered. */
async function checkQuestions(stage: Stage): Promise<string[]> {
  const draws = await stage.rows(sql`select run from honesty_draws`);
  const rows = await stage.rows(sql<{ ts: string; answered: number }>`
    select ts, exists(select 1 from acts where acts.ts = asked.ts and source = 'honesty'
      and acts.state = 'taken') as answered from honesty_questions as asked`);
  const answered = new Map(rows.map((row) => [row.ts, row.answered === 1]));
  const shown = stage.posts().flatMap(({ metadata, blocks = [] }) =>
    metadata?.event_type === 'winnow_honesty'
      ? blocks.flatMap(({ type, block_id }, place) => {
          const ts = /-(\d{10}\.\d{6})-/.exec(String(block_id))?.[1];
          const named = JSON.stringify(blocks[place - 1] ?? '').includes('Answered by');
          return type === 'actions' && ts ? [{ ts, named }] : [];
        })
      : [],
  );
  return [
    ...(draws.length === 1 ? [] : [`questions were drawn ${draws.length} times in a week`]),
    ...(new Set(shown.map(({ ts }) => ts)).size === shown.length
      ? []
      : ['a question is asked twice']),
    ...shown.flatMap(({ ts, named }) =>
      answered.get(ts) === named
        ? []
        : [`the question about ${ts} names ${named ? 'somebody' : 'nobody'}`],
    ),
  ];
}

/** What was tried is told once, and is in force if it was adopted, and only then. */
async function checkRehearsals(stage: Stage): Promise<string[]> {
  const tried = await stage.rows(sql<{ id: number; stage: string; content: string }>`
    select id, stage, content from rehearsals where stage != 'offered'`);
  const adopted = tried.filter((rehearsal) => rehearsal.stage === 'adopted');
  const saved = await stage.rows(sql<{ content: string }>`select content from settings`);
  const told = stage.slack
    .ephemerals()
    .filter(({ blocks }) => JSON.stringify(blocks ?? []).includes(REHEARSAL.show));
  const contents = (rows: { content: string }[]) => rows.map(({ content }) => JSON.parse(content));
  const rules = stage.context.settings.taxonomy.flagged_when;
  const wanted = adopted.length > 0 ? OTHER_RULES : DEFAULT_TAXONOMY.flagged_when;
  const kept = await stage.rows(sql<{ ts: string }>`select ts from rehearsal_verdicts
    join rehearsals on rehearsals.id = rehearsal where ended_at is not null or outcome is null`);
  return [
    ...(isDeepStrictEqual(contents(saved), contents(adopted))
      ? []
      : ['saved settings that nobody has adopted']),
    ...(isDeepStrictEqual(rules, wanted)
      ? []
      : [`the rules in force are ${JSON.stringify(rules)}`]),
    ...(told.length <= tried.length ? [] : [`told ${told.length} times what was tried once`]),
    ...kept.map(({ ts }) => `${ts} is still being tried`),
  ];
}

/** Every batch that Claude has made is known, and nothing is asked, or judged, twice. */
async function checkPayments(stage: Stage): Promise<string[]> {
  const batches = stage.claude.batches();
  const known = await stage.rows(sql<{ id: string }>`select claude_id as id from batches`);
  const knownIds = new Set(known.map(({ id }) => id));
  const asked = batches.flatMap(({ requests }) => requests.map(({ custom_id }) => custom_id));
  const twice = await stage.rows(sql<{ ts: string }>`select ts from requests
    where outcome = 'judged' group by ts, revision having count(*) > 1`);
  return [
    ...batches
      .filter(({ id }) => !knownIds.has(id))
      .map(({ id, requests }) => `paid for ${id} (${requests.length} requests) and forgot it`),
    ...(new Set(asked).size === asked.length ? [] : ['a request was sent to Claude twice']),
    ...twice.map(({ ts }) => `the same text of ${ts} was judged twice`),
  ];
}
