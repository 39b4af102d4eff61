import { WebClient } from '@slack/web-api';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createBlockCheck } from '../../../sim/slack/block-kit/validate.ts';
import { type SlackSim, startSlackSim } from '../../../sim/slack/slack-sim.ts';
import type { Rendered } from '../../../src/core/delivery/effects.ts';
import { FLAGS_ON_PAGE } from '../../../src/core/home/facts.ts';
import { FLAG_STATES } from '../../../src/core/people/acts.ts';
import {
  DEFAULT_TAXONOMY,
  SENTIMENTS,
  type Taxonomy,
  URGENCIES,
} from '../../../src/core/runs/taxonomy.ts';
import { GIST_LENGTH } from '../../../src/core/runs/verdict.ts';
import { renderDigest, renderEmptied } from '../../../src/slack/blocks/digest/digest.ts';
import { flattenBlocks } from '../../../src/slack/blocks/flatten.ts';
import { renderGreeting } from '../../../src/slack/blocks/greeting.ts';
import { renderHome } from '../../../src/slack/blocks/home/home.ts';
import { renderNotice } from '../../../src/slack/blocks/notice.ts';
import { renderCard } from '../../../src/slack/blocks/people/card.ts';
import { renderReminder, renderThanks } from '../../../src/slack/blocks/people/follow-up.ts';
import { renderTriage } from '../../../src/slack/blocks/people/triage.ts';
import { renderWhy } from '../../../src/slack/blocks/people/why.ts';
import {
  dead as deadMessage,
  digestOf,
  fortnight,
  type More,
  nowhere,
  type Published,
  posted,
  published,
  renderContext,
  stillOpen,
  tsOf,
  WORKSPACE,
} from './digest/digests.ts';
import { chartOf, homeOf, homeRun } from './homes.ts';
import { nastyLine, nastyText } from './nasty.ts';
import { cardOf, explanationOf } from './people/cards.ts';

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

const messages = fc
  .array(
    fc.record({
      text: nastyText,
      gist: nastyLine(GIST_LENGTH),
      category: fc.constantFrom('bug', 'praise', 'noise', 'no_longer_there'),
      urgency: fc.constantFrom(...URGENCIES),
      sentiment: fc.constantFrom(...SENTIMENTS),
      author: fc.constantFrom('U0ANA', 'U0BOB', 'U0UNKNOWN', null),
      authorName: fc.option(nastyLine(80)),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((all) => all.map((more: Partial<Published>, n) => published(n, more)));
const dying = fc
  .array(fc.record({ text: nastyText, reason: nastyLine(200) }), { maxLength: 10 })
  .map((all) => all.map((more, n) => deadMessage(1000 + n, more)));

const earlier = fc
  .array(
    fc.record({
      gist: nastyLine(GIST_LENGTH),
      state: fc.constantFrom('open', 'claimed'),
      by: fc.constantFrom('U0ANA', null),
      claimEndedOf: fc.constantFrom('U0ANA', null),
    }),
    { maxLength: 7 },
  )
  .map((all) => all.map((more, n) => stillOpen(n + 1, more)));

const themes = fc.uniqueArray(
  fc.record({
    id: fc.nat(),
    title: nastyLine(140),
    fresh: fc.nat(9),
    month: fc.nat(99),
    monthMessages: fc.nat(99),
    firstSeen: fc.constant(1_700_000_000_000),
    lastSeen: fc.constant(1_732_272_000_000),
    trend: fc.constantFrom('new' as const, 'quiet' as const),
    latest: fc.constant({ ts: '1732200000.000100', threadTs: null }),
  }),
  { maxLength: 4, selector: ({ id }) => id },
);

const titled = fc.record({ id: fc.nat(), title: nastyLine(140) });
const merges = fc.uniqueArray(
  fc.record({
    id: fc.nat(),
    one: titled,
    other: titled,
    state: fc.constantFrom('proposed' as const, 'merged' as const),
    by: fc.constantFrom('U0ANA', null),
  }),
  { maxLength: 5, selector: ({ id }) => id },
);

const asked = fc
  .array(
    fc.record({
      text: nastyText,
      over: fc.constantFrom(null, 'edited' as const),
      people: fc.subarray(['U0ANA', 'U0BOB', 'U0UNKNOWN', 'U0X']),
    }),
    { maxLength: 10 },
  )
  .map((all) => ({
    messages: all.map((one, n) => ({
      ...{ ts: tsOf(n), threadTs: null, category: n % 2 ? 'bug' : 'no_longer_there', last: n },
      ...one,
    })),
    categories: DEFAULT_TAXONOMY.categories,
  }));

/** What people and the model may write in all else that a digest has. */
const more = fc.record({
  dead: dying,
  asked,
  earlier,
  themes,
  merges,
  model: nastyLine(60),
  dailyCounts: fc.constant(fortnight('bug', 'praise')),
  before: fc.constantFrom(null, {
    span: { from: 1_732_100_000_000, to: 1_732_186_000_000 },
    countByCategory: new Map([['bug', 3]]),
  }),
});

const renderAll = (all: Published[], facts: More, name: string) =>
  [...renderDigest(7, digestOf(all, facts), { ...renderContext, nameOf: () => name }, posted)].map(
    ({ effect }) => {
      if (effect.kind !== 'post') throw new Error(effect.kind);
      return effect;
    },
  );

describe('whatever stands in the messages and the answers', () => {
  test('every post of the digest is taken, is short enough, pings nobody and fakes no link', async () => {
    await fc.assert(
      fc.asyncProperty(messages, more, nastyLine(80), async (all, facts, name) => {
        let parent: string | undefined;
        for (const effect of renderAll(all, facts, name)) {
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
      fc.asyncProperty(messages, more, nastyLine(80), async (all, facts, name) => {
        for (const { text: words, blocks } of renderAll(all, facts, name)) {
          const plain = flattenBlocks(words, blocks);
          expect(plain.isWellFormed()).toBe(true);
          const shown = await post({ text: plain });
          expectHarmless(shown);
          const sources = slack.links({ text: '', blocks: blocks as never[] });
          const labelled = sources.map((one) => ({
            ...one,
            label: one.label.replaceAll('|', '¦'),
          }));
          expect(shown.links).toEqual(expect.arrayContaining(labelled));
        }
      }),
      { numRuns: 25 },
    );
  });
});

/** Everything in mrkdwn that blocks hold: only there does markup count. */
function findMrkdwn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(findMrkdwn);
  if (typeof value !== 'object' || value === null) return [];
  const here = 'type' in value && value.type === 'mrkdwn' && 'text' in value ? [value.text] : [];
  return [...here.map(String), ...Object.values(value).flatMap(findMrkdwn)];
}

test('no word of anybody stands where markup counts: only links to the messages do', () => {
  fc.assert(
    fc.property(messages, more, nastyLine(80), (all, facts, name) => {
      for (const { blocks } of renderAll(all, facts, name)) {
        for (const mrkdwn of findMrkdwn(blocks)) {
          expect(mrkdwn).toMatch(/^<https:\/\/acme\.slack\.com\/archives\/C\w+\/p\d+\|view>$/);
        }
      }
    }),
  );
});

const acted = fc.record({
  author: fc.constantFrom('U0ANA', 'U0UNKNOWN', null),
  authorName: fc.option(nastyLine(80)),
  text: nastyText,
  deleted: fc.boolean(),
  category: fc.constantFrom('bug', 'noise', 'no_longer_there'),
  urgency: fc.constantFrom(...URGENCIES),
  gist: nastyLine(GIST_LENGTH),
  person: fc.constantFrom('U0ANA', null),
  confirmed: fc.boolean(),
  also: fc.constantFrom(null, 'praise', 'no_longer_there'),
  flaggedBy: fc.constantFrom('U0ANA', null),
  state: fc.constantFrom(...FLAG_STATES),
  by: fc.constantFrom('U0ANA', null),
  takenBack: fc.constantFrom(
    null,
    { kind: 'resolve' as const, by: 'U0BOB', at: 0 },
    { kind: 'claim' as const, by: 'U0BOB', at: 0, departed: true },
  ),
});

const explained = fc.record({
  text: nastyText,
  edited: fc.boolean(),
  category: fc.constantFrom('bug', 'noise', 'no_longer_there'),
  gist: nastyLine(GIST_LENGTH),
  model: nastyLine(60),
  person: fc.constantFrom('U0ANA', null),
  claudeCategory: fc.constantFrom('bug', 'praise', null),
  also: fc.constantFrom(null, 'praise', 'no_longer_there'),
  claudeAlso: fc.constantFrom(null, 'question'),
  examples: fc.array(
    fc.record({
      ts: fc.constant('1'),
      text: nastyText,
      category: nastyLine(32),
      also: fc.option(nastyLine(32)),
    }),
    {
      maxLength: 6,
    },
  ),
});

describe('what people act on, whatever stands in it', () => {
  test('cards and what is said in threads are taken, short, and harmless, as plain text as well', async () => {
    await fc.assert(
      fc.asyncProperty(acted, nastyLine(80), async (more, name) => {
        const card = cardOf(more);
        const here = { ...renderContext, nameOf: () => name };
        for (const rendered of [
          renderCard(card, DEFAULT_TAXONOMY, here),
          renderReminder(card, 3_600_000, here),
          renderThanks(name),
          renderThanks(name, { kind: 'nobody' }),
          renderEmptied(),
        ]) {
          expect(JSON.stringify(rendered.blocks).length).toBeLessThan(9000);
          expect(findMrkdwn(rendered.blocks)).toEqual([]);
          expectHarmless(await post(rendered));
          const sources = slack.links({ text: '', blocks: rendered.blocks as never[] });
          expect(sources.filter(({ url }) => !url.startsWith(WORKSPACE))).toEqual([]);
          const plain = await post({ text: flattenBlocks(rendered.text, rendered.blocks) });
          expectHarmless(plain);
          expect(plain.links).toEqual(expect.arrayContaining(sources));
        }
      }),
      { numRuns: 25 },
    );
  });

  test('modals are taken and harmless', () => {
    const check = createBlockCheck([]);
    fc.assert(
      fc.property(acted, explained, nastyLine(80), (more, why, name) => {
        const card = cardOf(more);
        const here = { ...renderContext, nameOf: () => name };
        for (const view of [
          renderWhy(explanationOf(why), DEFAULT_TAXONOMY, here),
          renderTriage({ kind: 'judged', card }, DEFAULT_TAXONOMY, here),
          renderTriage(
            {
              kind: 'waiting',
              message: card,
              flaggedBy: 'U0ANA',
              correction: { category: 'bug', user: 'U0ANA' },
            },
            DEFAULT_TAXONOMY,
            here,
          ),
          renderTriage({ kind: 'dead', message: card, reason: name }, DEFAULT_TAXONOMY, here),
        ]) {
          const { blocks } = check.view(view, 'modal') as { blocks: never[] };
          expect(findMrkdwn(blocks)).toEqual([]);
          expect(slack.pings({ text: '', blocks })).toEqual([]);
          const links = slack.links({ text: '', blocks });
          expect(links.filter(({ url }) => !url.startsWith(WORKSPACE))).toEqual([]);
        }
      }),
    );
  });
});

test('a Home tab is taken, small enough and harmless, whatever stands in it', () => {
  const check = createBlockCheck([]);
  const cards = fc
    .array(acted, { maxLength: FLAGS_ON_PAGE })
    .map((all) => all.map((more, n) => cardOf({ ...more, ts: tsOf(n) })));
  const done = acted.map((more) => [cardOf({ ...more, ts: tsOf(100), state: 'resolved' })]);
  const strange: Taxonomy = {
    ...DEFAULT_TAXONOMY,
    categories: DEFAULT_TAXONOMY.categories.filter(({ key }) => key !== 'bug'),
  };
  fc.assert(
    fc.property(cards, done, nastyLine(80), nastyLine(200), (flags, justDone, name, notice) => {
      const runs = [homeRun(0, { requestedBy: 'U0ANA' }), homeRun(1, { digestTs: null })];
      const chart = chartOf({ bug: [1, 2], [name]: [3] });
      const home = homeOf(100, { flags, justDone, runs, chart });
      const here = { ...renderContext, nameOf: () => name };
      for (const taxonomy of [DEFAULT_TAXONOMY, strange]) {
        const view = renderHome(home, taxonomy, here, notice || null);
        expect(Buffer.byteLength(JSON.stringify(view))).toBeLessThan(250_000);
        const { blocks } = check.view(view, 'home') as { blocks: never[] };
        expect(findMrkdwn(blocks)).toEqual([]);
        expect(slack.pings({ text: '', blocks })).toEqual([]);
        const links = slack.links({ text: '', blocks });
        expect(links.filter(({ url }) => !url.startsWith(`${WORKSPACE}archives/`))).toEqual([]);
      }
    }),
  );
});

describe('blocks as plain text', () => {
  test('read like the post they stand for', () => {
    const [parent, list] = renderDigest(7, digestOf([published(1)]), renderContext, nowhere);
    const flat = (effect: NonNullable<typeof parent>['effect'] | undefined) =>
      effect?.kind === 'post' ? flattenBlocks(effect.text, effect.blocks) : undefined;
    expect(flat(parent?.effect)).toBe(
      [
        'Feedback summary, Fri 22 Nov: 1 message',
        'Nothing needs attention.',
        ':bug: 1',
        '$0.0031 · 7 min · requested by Ana Gomez',
      ].join('\n'),
    );
    expect(flat(list?.effect)).toBe(
      ':bug:  Bug: 1 message\n• What message 1 says <https://acme.slack.com/archives/C0FEEDBACK/p1732200001000100|view>',
    );
  });

  test('leave out buttons, and show times to every reader in their own zone', () => {
    const { text, blocks } = renderCard(
      cardOf({ state: 'claimed', by: 'U0BOB' }),
      DEFAULT_TAXONOMY,
      renderContext,
    );
    expect(flattenBlocks(text, blocks)).toBe(
      [
        ':eyes:  The export fails on Fridays',
        '> The export fails on Fridays, and @Ana Gomez has lost a &lt;report&gt;.',
        'Ana Gomez · :bug: Bug · <https://acme.slack.com/archives/C0FEEDBACK/p1732200001000100|Open the message>',
        'Claimed by Bob &lt;!here&gt; · <!date^1732272000^{date_pretty}, {time}|22 Nov, 11:40> · Flagged: high urgency',
      ].join('\n'),
    );
  });

  test('keep the words and the link of noise together', () => {
    const [, list] = renderDigest(
      7,
      digestOf([published(1, { category: 'noise' })]),
      renderContext,
      nowhere,
    );
    if (list?.effect.kind !== 'post') throw new Error('no list');
    expect(flattenBlocks(list.effect.text, list.effect.blocks)).toBe(
      'Not feedback: 1 message\nThis is what message 1 says. <https://acme.slack.com/archives/C0FEEDBACK/p1732200001000100|view>',
    );
  });

  test('are the text of the post when there are none', () => {
    expect(flattenBlocks('Feedback summary', [])).toBe('Feedback summary');
  });

  test('keep all sources of the longest list, also where every character is escaped', () => {
    const ampersands = Array.from({ length: 200 }, (_, n) =>
      published(n, { gist: '&'.repeat(140) }),
    );
    const [, list] = renderDigest(7, digestOf(ampersands), renderContext, nowhere);
    if (list?.effect.kind !== 'post') throw new Error('no list');
    const plain = flattenBlocks(list.effect.text, list.effect.blocks);
    const links = (value: string) => value.match(/archives\/C0FEEDBACK\/p\d+/g)?.length;
    expect(links(plain)).toBe(links(JSON.stringify(list.effect.blocks)));
    expect(plain.length).toBeLessThan(40_000);
  });
});

describe('words to one person', () => {
  test('the offer of older messages says how many, at what price, and has a button for each', async () => {
    const offer = renderGreeting('C0FEEDBACK', {
      emoji: renderContext.emoji,
      taxonomy: DEFAULT_TAXONOMY,
      hosted: null,
      offer: {
        choices: [
          { days: 7, messages: 12, usd: 0.0042 },
          { days: 30, messages: 1, usd: null },
        ],
        more: true,
      },
      nextSummaryAt: null,
      timeZone: 'UTC',
      theirZone: null,
    });
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
