import type { SlackSim } from '../slack/slack-sim.ts';
import { type Author, readRows, readSample, type SampleRow } from './sample.ts';

/** Plays the sample feedback into a channel. */

type Person = 'ana' | 'ben' | 'chloe' | 'deniz';

/** Their posts are text alone; the demo has integrations that post blocks and files as well. */
const INTEGRATIONS = { desk: 'Help desk', form: 'Contact form', reviews: 'Store reviews' } as const;

const FIRST_NAMES =
  'Alma Boris Carla Dario Edda Femi Gita Hanno Ilse Juan Kofi Lotte Milo Nadia Otis Paula Quinn Rosa Sven Tara Ugo Vera Wim Yara'.split(
    ' ',
  );
const LETTERS = 'ABCDEFGHIJKLMNOPRSTUVWYZ';

/**
 * Posts `count` rows, starting with row `from`.
 * @returns the timestamps of the rows' messages
 */
export function playSample(
  { slack, channel, people }: { slack: SlackSim; channel: string; people: Record<Person, string> },
  count: number,
  from = 0,
): string[] {
  const bots = addIntegrations(slack);
  const post = (
    { by, text }: { by: Author; text: string },
    { threadTs, number = 0 }: { threadTs?: string; number?: number } = {},
  ) => {
    const signature = isIntegration(by)
      ? { botId: bots[by], ...(by === 'reviews' && { username: nameReviewer(number) }) }
      : { user: people[by] };
    return slack.post({
      channel,
      text: escapeTyped(text),
      ...signature,
      ...(threadTs !== undefined && { threadTs }),
    });
  };
  const play = (row: SampleRow, number: number) => {
    if (row.withdrawn) slack.delete({ channel, ts: post(row.withdrawn) });
    // What an integration posts twice counts once: the second time, somebody passes it on.
    const again = number >= readRows().length && row.by !== 'reviews' && isIntegration(row.by);
    const ts = post(again ? { ...row, by: 'ana' } : row, { number });
    for (const reply of row.replies ?? []) post(reply, { threadTs: ts });
    if (row.edit !== undefined) slack.edit({ channel, ts, text: escapeTyped(row.edit) });
    return ts;
  };
  return readSample(count, from).map((row, index) => play(row, from + index));
}

type Bots = Record<keyof typeof INTEGRATIONS, string>;

const isIntegration = (by: Author): by is keyof typeof INTEGRATIONS =>
  Object.hasOwn(INTEGRATIONS, by);

const added = new WeakMap<SlackSim, Bots>();

/** The integrations' bot ids; they are added once. */
function addIntegrations(slack: SlackSim): Bots {
  const known = added.get(slack);
  if (known) return known;
  const { desk, form, reviews } = INTEGRATIONS;
  const bots = {
    desk: slack.addIntegration({ name: desk, hasUser: true }),
    form: slack.addIntegration({ name: form, hasUser: true }),
    reviews: slack.addIntegration({ name: reviews, hasUser: true }),
  };
  added.set(slack, bots);
  return bots;
}

/** Another one for each of the first 576 messages. */
function nameReviewer(number: number): string {
  const first = FIRST_NAMES[number % FIRST_NAMES.length] ?? '';
  const letter = LETTERS[Math.floor(number / FIRST_NAMES.length) % LETTERS.length] ?? '';
  return `${first} ${letter}. (app review)`;
}

/** Escapes typed text as Slack does. */
const escapeTyped = (text: string) =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
