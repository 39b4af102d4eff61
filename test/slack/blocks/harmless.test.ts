import { WebClient } from '@slack/web-api';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SlackSim, startSlackSim } from '../../../sim/slack/slack-sim.ts';
import type { DigestFacts, ToldMessage } from '../../../src/core/digest.ts';
import type { Rendered } from '../../../src/core/effects.ts';
import { SENTIMENTS, URGENCIES } from '../../../src/core/taxonomy.ts';
import { cleanText, shorten } from '../../../src/core/text.ts';
import { GIST_LENGTH } from '../../../src/core/verdict.ts';
import { renderDigest } from '../../../src/slack/blocks/digest.ts';
import { flattenBlocks } from '../../../src/slack/blocks/flatten.ts';
import { renderNotice } from '../../../src/slack/blocks/notice.ts';
import { renderOffer } from '../../../src/slack/blocks/offer.ts';
import { around, dead, digestOf, HOSTILE, told, WORKSPACE } from './digests.ts';

/** Whatever people and the model write, posted to a workspace that looks at it as Slack does. */

let slack: SlackSim;
let client: WebClient;
let channel: string;

beforeAll(async () => {
  slack = await startSlackSim({ rateLimits: false });
  const ana = slack.addUser({ name: 'ana', realName: 'Ana' });
  channel = slack.addChannel({ name: 'feedback', members: [ana, slack.botUserId] });
  client = new WebClient(slack.botToken, {
    slackApiUrl: slack.apiUrl,
    retryConfig: { retries: 0 },
  });
});
afterAll(() => slack.stop());

/** Posts what is shown; what came of it, as people meet it. */
async function post(shown: Rendered | { text: string }, more: object = {}) {
  const { ts = '' } = await client.chat.postMessage({ channel, ...shown, ...more });
  const message = slack.message(channel, ts);
  if (!message) throw new Error('posted and not there');
  return { ts, text: message.text, pings: slack.pings(message), links: slack.links(message) };
}

/** Nobody is called, and nothing leads elsewhere under words that do not say so. */
function expectHarmless({ pings, links }: Awaited<ReturnType<typeof post>>) {
  expect(pings).toEqual([]);
  const foreign = links.filter(({ url }) => !url.startsWith(`${WORKSPACE}archives/`));
  // An address that somebody wrote may show itself in a plain text, and only as itself.
  expect(foreign.filter(({ url, label }) => url !== label)).toEqual([]);
}

const nasty = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc
    .array(
      fc.constantFrom(
        ...['<', '>', '!', 'here', '@', 'U0ANA', '|', 'https://evil.example', '&lt;', '&gt;', '&'],
        ...[
          '*',
          '`',
          '"',
          '\\',
          ':',
          'tada',
          ' ',
          '\n',
          '#',
          'C1',
          '!channel',
          '😀',
          '[',
          '](',
          ')',
        ],
      ),
      { maxLength: 60 },
    )
    .map((pieces) => pieces.join('')),
);
/** As what is read from Claude and from Slack has been cleaned before it is kept. */
const text = nasty.map(cleanText);
const line = (length: number) => nasty.map((raw) => shorten(cleanText(raw), length));

const messages = fc
  .array(
    fc.record({
      text,
      gist: line(GIST_LENGTH),
      category: fc.constantFrom('bug', 'praise', 'noise', 'no_longer_there'),
      urgency: fc.constantFrom(...URGENCIES),
      sentiment: fc.constantFrom(...SENTIMENTS),
      author: fc.constantFrom('U0ANA', 'U0BOB', 'U0UNKNOWN', null),
      authorName: fc.option(line(80)),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((all) => all.map((more: Partial<ToldMessage>, n) => told(n, more)));
const dying = fc
  .array(fc.record({ text, reason: line(200) }), { maxLength: 10 })
  .map((all) => all.map((more, n) => dead(1000 + n, more)));

const renderAll = (all: ToldMessage[], facts: Partial<DigestFacts>, name: string) =>
  [...renderDigest(digestOf(all, facts), { ...around, nameOf: () => name })].map(({ effect }) => {
    if (effect.kind !== 'post') throw new Error(effect.kind);
    return effect;
  });

describe('whatever stands in the messages and the answers', () => {
  test('every post of the digest is taken, is short enough, pings nobody and fakes no link', async () => {
    await fc.assert(
      fc.asyncProperty(messages, dying, line(80), async (all, deadOnes, name) => {
        let parent: string | undefined;
        for (const effect of renderAll(all, { dead: deadOnes }, name)) {
          const { text: words, blocks, metadata } = effect;
          expect(JSON.stringify(blocks).length).toBeLessThan(9000);
          expect(words.isWellFormed()).toBe(true);
          const shown = await post({ text: words, blocks }, { thread_ts: parent, metadata });
          expectHarmless(shown);
          parent ??= shown.ts;
          // In the blocks, which are what people see, no address leads anywhere at all.
          const message = slack.message(channel, shown.ts);
          const seen = slack.links({ text: '', blocks: message?.blocks ?? [] });
          expect(seen.filter(({ url }) => !url.startsWith(WORKSPACE))).toEqual([]);
        }
      }),
      { numRuns: 25 },
    );
  });

  test('so is every post of it as plain text, whole, for a workspace that refuses blocks', async () => {
    await fc.assert(
      fc.asyncProperty(messages, dying, line(80), async (all, deadOnes, name) => {
        for (const { text: words, blocks } of renderAll(all, { dead: deadOnes }, name)) {
          const plain = flattenBlocks(words, blocks);
          expect(plain.isWellFormed()).toBe(true);
          const shown = await post({ text: plain });
          expectHarmless(shown);
          const sources = slack.links({ text: '', blocks: blocks as never[] });
          expect(shown.links).toEqual(expect.arrayContaining(sources));
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe('blocks as plain text', () => {
  test('read like the post they stand for', () => {
    const [parent, list] = renderDigest(digestOf([told(1)]), around);
    const flat = (effect: NonNullable<typeof parent>['effect'] | undefined) =>
      effect?.kind === 'post' ? flattenBlocks(effect.text, effect.blocks) : undefined;
    expect(flat(parent?.effect)).toBe(
      [
        'Feedback summary · Fri 22 Nov · 1 message',
        ':bug:  1 Bug',
        'Nothing needs a person.',
        '1 message · $0.0031 · 7 min · claude-haiku-5-5 · taxonomy 3 · asked for by Ana Gomez',
      ].join('\n'),
    );
    expect(flat(list?.effect)).toBe(
      ':bug:  Bug · 1\n• What message 1 says <https://acme.slack.com/archives/C0FEEDBACK/p1732200001000100|view>',
    );
  });

  test('are the text of the post when there are none', () => {
    expect(flattenBlocks('Feedback summary', [])).toBe('Feedback summary');
  });

  test('keep all sources of the longest list, also where every character is escaped', () => {
    const ampersands = Array.from({ length: 200 }, (_, n) => told(n, { gist: '&'.repeat(140) }));
    const [, list] = renderDigest(digestOf(ampersands), around);
    if (list?.effect.kind !== 'post') throw new Error('no list');
    const plain = flattenBlocks(list.effect.text, list.effect.blocks);
    const links = (value: string) => value.match(/archives\/C0FEEDBACK\/p\d+/g)?.length;
    expect(links(plain)).toBe(links(JSON.stringify(list.effect.blocks)));
    expect(plain.length).toBeLessThan(40_000);
  });
});

describe('words to one person', () => {
  test('the offer of older messages says how many, at what price, and has a button for each', async () => {
    const offer = renderOffer(
      'C0FEEDBACK',
      [
        { days: 7, messages: 12, usd: 0.0042 },
        { days: 30, messages: 1, usd: null },
      ],
      true,
    );
    const words = flattenBlocks(offer.text, offer.blocks);
    expect(words).toContain('• last 7 days: 12 messages or more, at most about $0.0042');
    expect(words).toContain('• last 30 days: 1 message or more, price of the model unknown');
    expect(JSON.stringify(offer.blocks).match(/"action_id":"[^"]+"/g)).toEqual([
      '"action_id":"take_in_7"',
      '"action_id":"take_in_30"',
      '"action_id":"take_in_none"',
    ]);
    expectHarmless(await post(offer));
  });

  test('a notice is shown as it is written', async () => {
    const shown = await post(renderNotice('Nothing is *pending*.'));
    expect(shown.text).toBe('Nothing is *pending*.');
  });
});
