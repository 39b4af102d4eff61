import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createBlockCheck } from '../../../../sim/slack/block-kit/validate.ts';
import { expectDuration, type ReceiptFacts } from '../../../../src/core/digest/receipt.ts';
import { ACTIONS, formatRun, parseRun } from '../../../../src/slack/blocks/actions.ts';
import { renderNothing, renderReceipt } from '../../../../src/slack/blocks/digest/receipt.ts';
import { flattenBlocks } from '../../../../src/slack/blocks/flatten.ts';
import { nastyLine } from '../nasty.ts';
import { CHANNEL, renderContext, START } from './digests.ts';

const MINUTE_MS = 60_000;

const receipt = (more: Partial<ReceiptFacts> = {}): ReceiptFacts => ({
  channel: CHANNEL,
  run: 7,
  requestedBy: 'U0ANA',
  startedAt: START,
  model: 'claude-haiku-5-5',
  messages: 200,
  atMostUsd: 0.0123,
  stage: { kind: 'queued' },
  lane: 'batch',
  laneReason: 'half price',
  hurriedBy: null,
  dueAt: null,
  hurryUsd: null,
  trouble: null,
  cause: null,
  expected: null,
  overdue: false,
  ...more,
});

const nothing = {
  channel: CHANNEL,
  run: 7,
  requestedBy: 'U0ANA',
  canceledBy: null,
  model: 'claude-haiku-5-5',
  againTotal: 0,
  rejudged: 0,
  costUsd: 0,
};

const soon = {
  expected: { mostly: START + 4 * MINUTE_MS, nearlyAlways: START + 70 * MINUTE_MS },
};

describe('what people see of a run that is going', () => {
  test.each([
    ['catching-up', renderReceipt(receipt({ stage: { kind: 'catching up' } }), renderContext)],
    ['queued', renderReceipt(receipt(), renderContext)],
    [
      'at-claude',
      renderReceipt(receipt({ stage: { kind: 'judging', judged: 0 }, ...soon }), renderContext),
    ],
    [
      'judging',
      renderReceipt(receipt({ stage: { kind: 'judging', judged: 137 }, ...soon }), renderContext),
    ],
    [
      'overdue',
      renderReceipt(
        receipt({ stage: { kind: 'judging', judged: 137 }, ...soon, overdue: true }),
        renderContext,
      ),
    ],
    ['offers-now', renderReceipt(receipt({ hurryUsd: 0.00812, ...soon }), renderContext)],
    [
      'express-cheap',
      renderReceipt(
        receipt({ lane: 'express', laneReason: 'cheap', stage: { kind: 'judging', judged: 31 } }),
        renderContext,
      ),
    ],
    [
      'express-hurried',
      renderReceipt(
        receipt({
          lane: 'express',
          laneReason: 'person',
          hurriedBy: 'U0BOB',
          stage: { kind: 'judging', judged: 137 },
        }),
        renderContext,
      ),
    ],
    [
      'scheduled-late',
      renderReceipt(
        receipt({
          lane: 'express',
          laneReason: 'due',
          requestedBy: null,
          dueAt: START,
          trouble: 'Claude answered 529 overloaded_error',
        }),
        renderContext,
      ),
    ],
    ['writing', renderReceipt(receipt({ stage: { kind: 'writing' }, ...soon }), renderContext)],
    [
      'waiting',
      renderReceipt(
        receipt({ trouble: 'the key is refused (401) <!here>', cause: 'key' }),
        renderContext,
      ),
    ],
    [
      'waiting-outage',
      renderReceipt(
        receipt({ trouble: 'Claude answered 529 overloaded_error', cause: 'outage' }),
        renderContext,
      ),
    ],
    [
      'waiting-canceled',
      renderReceipt(
        receipt({
          trouble: 'the spend limit at Anthropic is reached',
          cause: 'budget',
          stage: { kind: 'canceling', by: 'U0BOB' },
        }),
        renderContext,
      ),
    ],
    [
      'canceling',
      renderReceipt(receipt({ stage: { kind: 'canceling', by: 'U0BOB' } }), renderContext),
    ],
    ['untold-only', renderReceipt(receipt({ messages: 0, atMostUsd: 0 }), renderContext)],
    [
      'unknown-price',
      renderReceipt(
        receipt({ messages: 1, atMostUsd: null, requestedBy: 'U0UNKNOWN' }),
        renderContext,
      ),
    ],
    ['canceled', renderNothing({ ...nothing, canceledBy: 'U0BOB' }, renderContext)],
    ['deleted', renderNothing({ ...nothing, costUsd: 0.0002 }, renderContext)],
    ['rejudged', renderNothing({ ...nothing, rejudged: 312, costUsd: 0.02 }, renderContext)],
    ['again', renderNothing({ ...nothing, againTotal: 3, costUsd: null }, renderContext)],
  ])('%s', async (name, rendered) => {
    createBlockCheck([]).message(rendered.blocks, rendered.text);
    await expect(`${JSON.stringify(rendered, null, 2)}\n`).toMatchFileSnapshot(
      `../../../fixtures/receipts/${name}.json`,
    );
  });

  test('everybody sees in their own zone when it will be done', () => {
    const { text, blocks } = renderReceipt(receipt(soon), renderContext);
    expect(flattenBlocks(text, blocks).split('\n')).toEqual([
      'Preparing the feedback summary…',
      'Queued: 200 messages on the way to Claude',
      'Requested by Ana Gomez: 200 messages, at most about $0.0123.',
      'Expected <!date^1732272240^{date_pretty}, {time}|22 Nov, 11:44>; usually by <!date^1732276200^{date_pretty}, {time}|22 Nov, 12:50> at the latest.',
    ]);
  });

  test('it can be canceled, once it was confirmed, until it is being canceled', () => {
    const going = JSON.stringify(renderReceipt(receipt(), renderContext).blocks);
    expect(going).toContain(`"action_id":"${ACTIONS.cancel}"`);
    expect(going).toContain('"confirm":{"title"');
    expect(parseRun(formatRun(7))).toBe(7);
    expect(parseRun('about-C1-1732272000.000100')).toBeUndefined();
    const stage = { kind: 'canceling' as const, by: 'U0ANA' };
    expect(JSON.stringify(renderReceipt(receipt({ stage }), renderContext).blocks)).not.toContain(
      ACTIONS.cancel,
    );
  });

  test.each([
    ['key', true],
    ['budget', true],
    ['request', true],
    ['long outage', true],
    ['outage', false],
  ] as const)('waiting because of: %s, it offers to try again: %s', (cause, offered) => {
    const { blocks } = renderReceipt(receipt({ trouble: 'no', cause }), renderContext);
    expect(JSON.stringify(blocks).includes(`"action_id":"${ACTIONS.retry}"`)).toBe(offered);
  });
});

test('whatever people are called and services say, nothing of it is markup', () => {
  const check = createBlockCheck([]);
  fc.assert(
    fc.property(nastyLine(80), nastyLine(400), nastyLine(60), (name, trouble, model) => {
      const here = { ...renderContext, nameOf: () => name };
      for (const { text, blocks } of [
        renderReceipt(receipt({ trouble, model, atMostUsd: null }), here),
        renderReceipt(receipt({ stage: { kind: 'canceling', by: 'U1' } }), here),
        renderNothing({ ...nothing, canceledBy: 'U1', model, costUsd: null }, here),
      ]) {
        check.message(blocks, text);
        expect(JSON.stringify(blocks)).not.toContain('"mrkdwn"');
        expect(text).not.toMatch(/<(?!\s)|&(?!amp;|lt;|gt;)/);
        expect(JSON.stringify(blocks).length).toBeLessThan(9000);
      }
    }),
  );
});

test.each([
  [[], null],
  [[1, 2], null],
  [[30, 10, 20], { mostly: 20, nearlyAlways: 30 }],
  [Array.from({ length: 20 }, (_, n) => n + 1), { mostly: 10, nearlyAlways: 18 }],
  [[5, 5, 5, 1000], { mostly: 5, nearlyAlways: 1000 }],
])('runs that took %j let expect %j', (durations, expected) => {
  expect(expectDuration(durations)).toEqual(expected);
});
