import Sqlite from 'better-sqlite3';
import { z } from 'zod';
import { isOpen } from '../../src/core/people/acts.ts';
import { DEFAULT_TAXONOMY } from '../../src/core/runs/taxonomy.ts';
import { stateBlock } from '../../src/slack/blocks/people/card.ts';
import {
  type Ledger,
  listCards,
  listSummaries,
  messageOf,
  stateOf,
  type Workplace,
} from './team.ts';

/** Compares what Slack and the database hold in the end with what was done. */

const messageSchema = z.object({
  ts: z.string(),
  text: z.string(),
  deleted: z.number(),
  state: z.string(),
  revision: z.number(),
  /** The text that its verdict is about. */
  judged: z.number().nullable(),
  emoji: z.string().nullable(),
  flag: z.enum(['open', 'claimed', 'resolved', 'dismissed', 'withdrawn']).nullable(),
  /** Claude's verdicts on the newest text. */
  verdicts: z.number(),
  /** How often Claude was asked about the newest text. */
  requests: z.number(),
});

const MESSAGES = `
  select messages.ts, text, deleted_at is not null as deleted, messages.state, messages.revision,
      verdicts.revision as judged, verdicts.emoji, flags.state as flag,
      (select count(*) from verdicts as each where each.channel = messages.channel and each.ts = messages.ts
        and each.revision = messages.revision and each.person is null) as verdicts,
      (select coalesce(sum(max(asks, 1)), 0) from requests where requests.channel = messages.channel
        and requests.ts = messages.ts and requests.revision = messages.revision) as requests
    from messages
      left join verdicts on verdicts.id = messages.verdict
      left join flags on flags.channel = messages.channel and flags.ts = messages.ts`;

const CATEGORY_EMOJI = DEFAULT_TAXONOMY.categories.flatMap(({ emoji }) => emoji ?? []);
const FLAG_EMOJI = 'triangular_flag_on_post';

/** @returns what was lost, done twice or left undone; nothing when all is as it has to be */
export function listFaults(place: Workplace, ledger: Ledger, file: string): string[] {
  const db = new Sqlite(file, { readonly: true });
  try {
    const messages = z.array(messageSchema).parse(db.prepare(MESSAGES).all());
    return [
      ...compareMessages(place, ledger, messages),
      ...compareActs(place, ledger, db),
      ...comparePosts(place, ledger, db),
    ];
  } finally {
    db.close();
  }
}

function* compareMessages(
  place: Workplace,
  { posted }: Ledger,
  messages: z.infer<typeof messageSchema>[],
): Generator<string> {
  const { slack, channel } = place;
  const known = new Map(messages.map((message) => [message.ts, message]));
  for (const [ts, { text, fate }] of posted) {
    const message = known.get(ts);
    const name = `${ts} “${text}”`;
    if (fate === 'deleted') {
      if (message && !message.deleted) yield `${name} is deleted, and the database has it`;
      continue;
    }
    if (!message) {
      yield `${name} is not in the database`;
      continue;
    }
    if (message.text !== text) yield `${name} is “${message.text}” in the database`;
    if (message.deleted) yield `${name} counts as deleted`;
    if (message.state !== 'judged' || message.judged !== message.revision)
      yield `${name} is ${message.state}, its verdict about ${message.judged} of ${message.revision}`;
    if (message.verdicts !== 1) yield `${name} has ${message.verdicts} verdicts`;
    if (message.requests !== 1) yield `Claude was asked ${message.requests} times about ${name}`;
    const own = (slack.message(channel, ts)?.reactions ?? []).flatMap(({ name: emoji, users }) =>
      users.includes(slack.botUserId) ? emoji : [],
    );
    const category = own.filter((emoji) => CATEGORY_EMOJI.includes(emoji)).join();
    if (category !== (message.emoji ?? ''))
      yield `${name} has :${category}:, not :${message.emoji}:`;
    const isFlagged = message.flag !== null && isOpen(message.flag);
    if (own.includes(FLAG_EMOJI) !== isFlagged) yield `${name} is ${message.flag}, with ${own}`;
  }
}

function* compareActs(
  place: Workplace,
  { acts, states }: Ledger,
  db: Sqlite.Database,
): Generator<string> {
  const taken = db
    .prepare(
      `select count(*) from acts where ts = @ts and user = @user and kind = @kind and state = 'taken'`,
    )
    .pluck();
  for (const act of acts) {
    const times = taken.get(act);
    if (times !== 1) yield `${act.kind} on ${act.ts} was taken ${times} times`;
  }
  const all = db.prepare(`select count(*) from acts where state = 'taken'`).pluck().get();
  if (all !== acts.length) yield `${all} acts were taken, and ${acts.length} done`;
  for (const [ts, state] of states) {
    const cards = listCards(place).filter((card) => messageOf(card) === ts);
    if (cards.length !== 1) yield `${ts} has ${cards.length} cards`;
    if (stateOf(place, ts) !== stateBlock(state))
      yield `${ts} is ${state}, and its card shows ${stateOf(place, ts)}`;
  }
}

const payloadSchema = z.looseObject({ key: z.string(), run: z.number().optional() });

/** What lists messages, of all that is posted into the thread of a summary. */
const LISTS: unknown[] = ['winnow_category', 'winnow_noise', 'winnow_dead'];

function* comparePosts(
  place: Workplace,
  { posted, summaries }: Ledger,
  db: Sqlite.Database,
): Generator<string> {
  const { slack, channel } = place;
  const posts = slack.messages(channel).filter(({ bot_id }) => bot_id === slack.botId);
  const keys = posts.map(({ metadata }) => payloadSchema.parse(metadata?.event_payload).key);
  for (const key of new Set(keys.filter((key, index) => keys.indexOf(key) !== index)))
    yield `${key} was posted twice`;
  const runs = db.prepare('select count(*) from runs').pluck().get();
  const parents = posts.filter(({ metadata }) => metadata?.event_type === 'winnow_digest');
  if (parents.length !== runs) yield `${parents.length} summaries of ${runs} runs`;

  const listed = posts.filter(({ metadata }) => LISTS.includes(metadata?.event_type));
  const links = listed.flatMap((post) => slack.links(post).map(({ url }) => url));
  for (const [ts, { text, fate }] of posted) {
    const times = links.filter((url) => url.includes(`p${ts.replace('.', '')}`)).length;
    const isRight = fate === 'stays' ? times === 1 : fate === 'deleted' || times >= 1;
    if (!isRight) yield `${ts} “${text}” is listed ${times} times`;
  }
  const shown = listSummaries(place).length;
  if (shown < summaries.promised || shown > summaries.asked)
    yield `${shown} summaries for one person: ${JSON.stringify(summaries)}`;
  const dead = db.prepare(`select count(*) from outbox where state = 'dead'`).pluck().get();
  if (dead !== 0) yield `${dead} effects are dead`;
  for (const event of slack.lostEvents)
    yield `Slack gave up ${JSON.stringify(event).slice(0, 300)}`;
}
