import { type RawBuilder, sql } from 'kysely';
import { expect } from 'vitest';
import type { SimMessage, SimView } from '../../sim/slack/types.ts';
import type { AuditedState } from '../../src/core/people/decide.ts';
import { ACTIONS } from '../../src/slack/blocks/actions.ts';
import { type Stage, type StageOptions, startStage } from '../harness.ts';

/** A channel with a summary in it, and the people who act on what it shows. */

/** High urgency: a rule flags it. */
export const BUG = 'It crashes when I save';
export const PRAISE = 'I love the new look';
export const IDEA = 'Please add a dark mode';
export const NOISE = 'Lunch anyone';

export const FLAG = 'triangular_flag_on_post';
export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

export type Action = keyof typeof ACTIONS;

/** A row of the audit log. */
interface ActRow {
  id: number;
  ts: string;
  user: string;
  kind: string;
  category: string | null;
  also: string | null;
  source: string;
  undoes: number | null;
  undone_by: number | null;
  state: string;
  refusal: string | null;
  at: number;
  before: AuditedState | null;
  after: AuditedState | null;
}

export interface People extends Stage {
  /** People in the channel besides `user`, who is ana and wrote everything. */
  ben: string;
  cleo: string;
  /** The messages' timestamps, in the order of their texts. */
  sent: string[];
  /** Runs the jobs until nothing that anybody did waits any more. */
  rest(): Promise<void>;
  /** Asks for a summary of what is pending. */
  sumUp(): Promise<void>;
  react(user: string, ts: string, name: string): Promise<void>;
  takeBack(user: string, ts: string, name: string): Promise<void>;
  /** Presses a button of a message's card, or chooses an option of its select. */
  press(user: string, ts: string, action: Action, option?: string): Promise<void>;
  /** The cards of a message, oldest first. */
  cards(ts: string): SimMessage[];
  /** The newest card of a message. */
  card(ts: string): SimMessage;
  /** What the newest card of a message says of its state. */
  stateOf(ts: string): string;
  /** The newest summary. */
  digest(): SimMessage;
  /** The list of a category in the thread of the newest summary; '' when there is none. */
  list(category: string): string;
  acts(): Promise<ActRow[]>;
  flag(ts: string): Promise<{ state: string; by: string | null } | undefined>;
  calls(method: string): number;
  /** All that somebody alone was told. */
  told(user: string): string[];
}

/** People in a channel where messages with these texts were posted; nothing is summed up yet. */
export async function startPeople(
  texts: string[],
  { how, ...options }: StageOptions & { how?: 'socket' | 'http' } = {},
): Promise<People> {
  const stage = await startStage(options);
  const { slack, channel, user } = stage;
  const [ben, cleo] = ['ben', 'cleo'].map((name) => slack.addUser({ name })) as [string, string];
  for (const person of [ben, cleo]) slack.join(channel, person);
  await stage.connect(how);
  const sent = texts.map((text) => slack.post({ channel, user, text }));
  await slack.idle();

  const digests = () =>
    stage.posts().filter(({ metadata }) => metadata?.event_type === 'winnow_digest');
  const people: Omit<People, keyof Stage> = {
    ben,
    cleo,
    sent,
    async rest() {
      for (let round = 0; round < 20; round++) {
        await slack.idle();
        await stage.settle();
        const asked = await stage.rows(
          sql`select acts.id from acts join channels on channels.id = acts.channel
            where acts.state = 'asked' and channels.state = 'member'`,
        );
        if (asked.length === 0) return;
      }
      throw new Error('something that somebody did is never taken');
    },
    async sumUp() {
      await stage.type();
      await people.rest();
    },
    async react(person, ts, name) {
      slack.react({ channel, ts, user: person, name });
      await people.rest();
    },
    async takeBack(person, ts, name) {
      slack.unreact({ channel, ts, user: person, name });
      await people.rest();
    },
    async press(person, ts, action, option) {
      await pressOn(stage, people.card(ts), person, action, option);
      await people.rest();
    },
    cards: (ts) =>
      stage.posts().filter(({ metadata }) => {
        const payload = metadata?.event_payload as { ts?: string } | undefined;
        return metadata?.event_type === 'winnow_card' && payload?.ts === ts;
      }),
    card(ts) {
      const card = people.cards(ts).at(-1);
      if (!card) throw new Error(`no card of ${ts}`);
      return card;
    },
    stateOf: (ts) => readState(people.card(ts)),
    digest() {
      const digest = digests().at(-1);
      if (!digest) throw new Error('no summary');
      return digest;
    },
    list(category) {
      const { ts } = people.digest();
      const posts = slack.thread(channel, ts).filter(({ metadata }) => {
        const payload = metadata?.event_payload as { category?: string } | undefined;
        return payload?.category === category;
      });
      return posts.map(({ blocks }) => words(blocks)).join('\n');
    },
    async acts() {
      const rows = await stage.rows(
        sql<ActRow & { before: string | null; after: string | null }>`
          select * from acts order by id`,
      );
      return rows.map(({ before, after, ...row }) => ({
        ...row,
        before: JSON.parse(before ?? 'null'),
        after: JSON.parse(after ?? 'null'),
      }));
    },
    async flag(ts) {
      const query: RawBuilder<{ state: string; by: string | null }> =
        sql`select state, "by" from flags where ts = ${ts}`;
      return (await stage.rows(query))[0];
    },
    calls: (method) => slack.callCounts.get(method) ?? 0,
    told: (person) => slack.ephemerals(person).map(({ text }) => text),
  };
  // `context` and `requestUrl` change: what is copied are the properties, not their values.
  Object.defineProperties(people, Object.getOwnPropertyDescriptors(stage));
  return people as People;
}

/** People in a channel with a summary of messages with these texts. */
export async function startSummedUp(
  texts: string[],
  options?: Parameters<typeof startPeople>[1],
): Promise<People> {
  const people = await startPeople(texts, options);
  await people.sumUp();
  return people;
}

/** Presses something on a post, and waits until its listener is done with it. */
export async function pressOn(
  { slack, channel, woken, waitFor }: Stage,
  post: SimMessage,
  user: string,
  action: Action,
  option?: string,
): Promise<void> {
  const before = woken.length;
  const actionId = ACTIONS[action];
  const where = { user, channel, ts: post.ts };
  const isButton = JSON.stringify(post.blocks).includes(`"action_id":"${actionId}"`);
  if (!isButton && action === 'category') {
    // The menu opens the modal that has the select, or says why not.
    const said = slack.ephemerals(user).length;
    const opened = await Promise.race([
      openFromMenu(slack, where, action),
      slack.waitFor(() => slack.ephemerals(user).length > said),
    ]);
    if (opened === true) return;
    const chosen = { user, viewId: opened.id, actionId, selectedOption: option ?? '' };
    expect(await slack.click(chosen)).toMatchObject({ acked: true });
    await waitFor(() => woken.slice(before).includes('act'), { what: `${action} to be taken` });
    return;
  }
  const answer = await slack.click(
    isButton
      ? { ...where, actionId, ...(option && { selectedOption: option }) }
      : { ...where, actionId: ACTIONS.more, selectedOption: actionId },
  );
  expect(answer).toMatchObject({ acked: true });
  await waitFor(() => woken.slice(before).includes('act'), { what: `${action} to be taken` });
}

/** Chooses in the menu of a card. Resolves with the modal that this opens. */
export async function openFromMenu(
  slack: Stage['slack'],
  where: { user: string; channel: string; ts: string },
  action: Action,
): Promise<SimView> {
  const before = new Set(slack.views.map(({ id }) => id));
  await slack.click({ ...where, actionId: ACTIONS.more, selectedOption: ACTIONS[action] });
  return slack.waitFor(() => slack.views.find(({ id }) => !before.has(id)));
}

/** What a card says of its state: by the id of that block, which no quoted words can be. */
export function readState({ blocks = [] }: Pick<SimMessage, 'blocks'>): string {
  const ids = blocks.map(({ block_id }) => String(block_id));
  return ids.find((id) => id.startsWith('state-'))?.slice('state-'.length) ?? 'none';
}

/** What somebody could press or choose, by its action id: buttons, selects, and the options of menus. */
export function offers(blocks: unknown): string[] {
  if (Array.isArray(blocks)) return blocks.flatMap(offers);
  if (typeof blocks !== 'object' || blocks === null) return [];
  const { type, action_id: id, options, ...rest } = blocks as Record<string, unknown>;
  if (type === 'overflow') return (options as { value: string }[]).map(({ value }) => value);
  return [...(typeof id === 'string' ? [id] : []), ...Object.values(rest).flatMap(offers)];
}

/** Everything that blocks say, emoji by their names. */
export function words(blocks: unknown): string {
  if (Array.isArray(blocks)) return blocks.map(words).join('');
  if (typeof blocks !== 'object' || blocks === null) return '';
  const node = blocks as Record<string, unknown>;
  const { type, name, text, elements, fields, accessory, fallback } = node;
  if (type === 'emoji') return `:${name}:`;
  if (type === 'channel') return `#${node.channel_id}`;
  const own = typeof text === 'string' ? text : words(text);
  const said = `${own}${words(elements)}${words(fields)}${words(accessory)}`;
  return `${said || (typeof fallback === 'string' ? fallback : '')}${INLINE.has(String(type)) ? '' : '\n'}`;
}

const INLINE = new Set(['text', 'link', 'date', 'user', 'plain_text', 'mrkdwn', 'button']);
