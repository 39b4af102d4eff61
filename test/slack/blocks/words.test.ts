import { describe, expect, test } from 'vitest';
import { createBlockCheck } from '../../../sim/slack/block-kit/validate.ts';
import { NO_KEY } from '../../../src/claude/batches.ts';
import type { Rendered } from '../../../src/core/delivery/effects.ts';
import { DEFAULT_TAXONOMY } from '../../../src/core/runs/taxonomy.ts';
import { REFUSALS } from '../../../src/jobs/people/take-acts.ts';
import { COMMAND_LINES } from '../../../src/listeners/commands/classify-feedback.ts';
import { renderEmptied } from '../../../src/slack/blocks/digest/digest.ts';
import {
  renderGreeting,
  renderOfferAnswer,
  renderZoneChosen,
} from '../../../src/slack/blocks/greeting.ts';
import { renderHelp, renderHowToType } from '../../../src/slack/blocks/help/help.ts';
import { renderNotice } from '../../../src/slack/blocks/notice.ts';
import { renderReminder, renderThanks } from '../../../src/slack/blocks/people/follow-up.ts';
import {
  describeStillWaiting,
  describeTooSoon,
  describeTrouble,
  GOES_ON,
} from '../../../src/slack/blocks/trouble.ts';
import { CHANNEL, renderContext } from './digest/digests.ts';
import { expectGolden, ODD_WORDS } from './golden.ts';

/** What is said in a few words: in threads, and to one person alone. */

const CAUSES = ['outage', 'long outage', 'key', 'budget', 'request'] as const;

const HOSTED_TROUBLES = [
  ['key', 'own'],
  ['key', 'none'],
  ['key', 'shared'],
  ['budget', 'own'],
  ['budget', 'shared'],
  ['request', 'own'],
] as const;

const REASONS = {
  key: (key: string) => (key === 'none' ? NO_KEY : 'Claude answered 401 authentication_error'),
  budget: () => 'the spend limit at Anthropic is reached',
  request: () => 'Claude answered 400 invalid_request_error: model: not available',
};

const LEGEND = { emoji: renderContext.emoji, taxonomy: DEFAULT_TAXONOMY };

const GREETING = {
  ...LEGEND,
  hosted: null,
  offer: null,
  nextSummaryAt: Date.parse('2026-11-24T09:00:00Z'),
  timeZone: 'UTC',
  theirZone: null,
};

const CHANNELS = Array.from({ length: 12 }, (_, n) => `C0FEEDBACK${n}`);
const HELP_FACTS = {
  ...LEGEND,
  hosted: null,
  commands: Object.values(COMMAND_LINES),
  timeZone: 'UTC',
};
const STATUS = { typed: '/classify-feedback status', help: 'what is pending' };
const AT_NINE = Date.parse('2026-11-24T09:00:00Z');

const DAY_MS = 24 * 3_600_000;
const ODD = Object.entries(ODD_WORDS);

describe('what people see of the short words', () => {
  test.each<[string, Rendered]>([
    [
      'reminder',
      renderReminder({ gist: 'The export fails on Fridays', by: null }, 2 * DAY_MS, renderContext),
    ],
    [
      'reminder-claimed',
      renderReminder({ gist: 'Where is the export?', by: 'U0BOB' }, 30 * DAY_MS, renderContext),
    ],
    ...ODD.map(([name, { name: nick, words }]): [string, Rendered] => [
      `reminder-${name}`,
      renderReminder({ gist: words, by: 'U0ANA' }, DAY_MS, {
        ...renderContext,
        nameOf: () => nick,
      }),
    ]),
    ['thanks', renderThanks('Ana Gomez')],
    ['thanks-by-nobody', renderThanks(null)],
    [
      'greeting',
      renderGreeting(CHANNEL, {
        ...GREETING,
        offer: {
          choices: [
            { days: 7, messages: 1, usd: 0.00008 },
            { days: 30, messages: 5000, usd: 0.21 },
          ],
          more: true,
        },
      }),
    ],
    [
      'greeting-without-price',
      renderGreeting(CHANNEL, {
        ...GREETING,
        offer: { choices: [{ days: 7, messages: 1, usd: null }], more: false },
      }),
    ],
    ['greeting-nothing-older', renderGreeting(CHANNEL, GREETING)],
    ['greeting-other-zone', renderGreeting(CHANNEL, { ...GREETING, theirZone: 'Europe/Paris' })],
    ['greeting-unscheduled', renderGreeting(CHANNEL, { ...GREETING, nextSummaryAt: null })],
    ['greeting-without-key', renderGreeting(CHANNEL, { ...GREETING, hosted: { key: 'none' } })],
    ['zone-chosen', renderZoneChosen('Europe/Paris', AT_NINE)],
    ['zone-chosen-unscheduled', renderZoneChosen('Europe/Paris', null)],
    ['help', renderHelp({ ...HELP_FACTS, place: { kind: 'feedback', nextSummaryAt: AT_NINE } })],
    [
      'help-without-key',
      renderHelp({
        ...HELP_FACTS,
        hosted: { key: 'none' },
        place: { kind: 'direct', watched: [CHANNEL] },
      }),
    ],
    [
      'help-unscheduled',
      renderHelp({ ...HELP_FACTS, place: { kind: 'feedback', nextSummaryAt: null } }),
    ],
    ['help-direct', renderHelp({ ...HELP_FACTS, place: { kind: 'direct', watched: [CHANNEL] } })],
    [
      'help-elsewhere',
      renderHelp({ ...HELP_FACTS, place: { kind: 'elsewhere', watched: CHANNELS } }),
    ],
    ['help-nowhere', renderHelp({ ...HELP_FACTS, place: { kind: 'direct', watched: [] } })],
    ['how-to-type', renderHowToType(STATUS, { kind: 'feedback', nextSummaryAt: null })],
    [
      'how-to-type-directly',
      renderHowToType(STATUS, { kind: 'direct', watched: CHANNELS.slice(0, 3) }),
    ],
    ['offer-answered', { text: renderOfferAnswer(30), blocks: [] }],
    ['refused-guest', renderNotice(REFUSALS.guest)],
    ['refused-foreign', renderNotice(REFUSALS.foreign)],
    ['refused-outside', renderNotice(REFUSALS.outside)],
    ['refused-deleted', renderNotice(REFUSALS.deleted)],
    ['emptied', renderEmptied()],
    ...CAUSES.map((cause): [string, Rendered] => [
      `trouble-${cause.replace(' ', '-')}`,
      renderNotice(describeTrouble('Claude answered 529 overloaded_error', cause, null)),
    ]),
    ...HOSTED_TROUBLES.map(([cause, key]): [string, Rendered] => [
      `trouble-${cause}-hosted-${key}`,
      renderNotice(describeTrouble(REASONS[cause](key), cause, { key })),
    ]),
    [
      'tried-again-in-vain',
      renderNotice(describeStillWaiting('the spend limit at Anthropic is reached', 'budget', null)),
    ],
    ['tried-again', renderNotice(GOES_ON)],
    ['tried-again-too-soon', renderNotice(describeTooSoon(6_000))],
  ])('%s', async (name, rendered) => {
    createBlockCheck([]).message(rendered.blocks, rendered.text);
    expect(rendered.text.length).toBeGreaterThan(0);
    await expectGolden(`words/${name}`, rendered);
  });
});
