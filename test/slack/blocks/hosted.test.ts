import { describe, expect, test } from 'vitest';
import { listSteps } from '../../../src/core/home/set-up.ts';
import { DEFAULT_TAXONOMY } from '../../../src/core/runs/taxonomy.ts';
import type { TroubleCause } from '../../../src/core/runs/trouble.ts';
import type { Host, Hosted } from '../../../src/core/settings/hosted.ts';
import { adviseOn, findMend } from '../../../src/listeners/commands/next-steps.ts';
import { ACTIONS } from '../../../src/slack/blocks/actions.ts';
import {
  describeOverBudget,
  describeRehearsalOverBudget,
} from '../../../src/slack/blocks/budget.ts';
import { renderReceipt } from '../../../src/slack/blocks/digest/receipt.ts';
import { renderHome } from '../../../src/slack/blocks/home/home.ts';
import { renderTriage } from '../../../src/slack/blocks/people/triage.ts';
import { describeStillWaiting, describeTrouble } from '../../../src/slack/blocks/trouble.ts';
import { renderContext, START } from './digest/digests.ts';
import { homeOf, runUnderWay } from './homes.ts';

/** In a hosted bot nobody has an environment, a manifest, a token or a Winnow admin. */

const KEYS: Hosted['key'][] = ['own', 'shared', 'none'];
const CAUSES: TroubleCause[] = ['outage', 'long outage', 'key', 'budget', 'request'];

const UNKNOWN_TO_THEM =
  /Winnow admin|\b[A-Z]{3,}_[A-Z_]{3,}\b|manifest|OAuth Token|server default|restart me/;

const REFUSALS = [
  'not_authed',
  'invalid_auth',
  'not_allowed_token_type',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'user_removed_from_team',
  'missing_scope',
  'org_login_required',
  'team_added_to_org',
  'ekm_access_denied',
  'enterprise_is_restricted',
  'team_access_not_granted',
  'access_denied',
  'no_permission',
  'accesslimited',
  'two_factor_setup_required',
];

const budgets = [
  { usd: 5, committedUsd: 4.99 },
  { usd: 5, committedUsd: null },
];
const wanted = { usd: 0.2, model: 'claude-haiku-5-5' };

const waitingFor = (cause: TroubleCause) => ({
  ...runUnderWay(1, { trouble: 'Claude answered 401', cause }),
  requestedBy: 'U0ANA',
  startedAt: START,
  model: 'claude-haiku-5-5',
  atMostUsd: 0.1,
  lane: 'batch' as const,
  laneReason: 'half price' as const,
  hurriedBy: null,
  dueAt: null,
  hurryUsd: null,
});

/** The post of a run that waits, and a Home tab that shows it. */
function drawWaiting(cause: TroubleCause, host: Host): string[] {
  const here = { ...renderContext, hosted: host };
  const run = waitingFor(cause);
  const home = renderHome(homeOf(0, { underWay: [run] }), DEFAULT_TAXONOMY, here);
  return [JSON.stringify(renderReceipt(run, here)), JSON.stringify(home)];
}

/** All that may be said of what somebody has to change. */
function sayAll(host: Host): string[] {
  const here = { ...renderContext, hosted: host };
  return [
    ...CAUSES.flatMap((cause) => [
      describeTrouble('Claude answered 401', cause, host),
      describeStillWaiting('Claude answered 401', cause, host),
      ...drawWaiting(cause, host),
    ]),
    ...budgets.flatMap((budget) => [
      describeOverBudget(budget, { ...wanted, messages: '3 messages' }, host),
      describeRehearsalOverBudget(budget, wanted, host),
    ]),
    JSON.stringify(
      renderHome(homeOf(0, { budget: { usd: 5, leftUsd: 0 } }), DEFAULT_TAXONOMY, here),
    ),
    ...REFUSALS.flatMap((code) => findMend(code, host) ?? []),
    adviseOn('is_archived', host),
    JSON.stringify(renderTriage({ kind: 'refused', why: 'not_watched' }, DEFAULT_TAXONOMY, here)),
  ];
}

test.each(KEYS)('with the key %s, all words speak of what its people can do', (key) => {
  for (const said of sayAll({ key })) expect(said).not.toMatch(UNKNOWN_TO_THEM);
});

test('in a bot of its own they speak of its admin', () => {
  const said = sayAll(null).filter((words) => UNKNOWN_TO_THEM.test(words));
  expect(said.length).toBeGreaterThan(20);
});

describe('a key that is not accepted', () => {
  test.each<[Hosted['key'], RegExp]>([
    ['own', /set another one on my Home tab/],
    ['none', /can set one on my Home tab\. I go on as soon as it is set\.$/],
    ['shared', /Please tell the operator of Winnow\./],
  ])('%s', (key, words) => {
    expect(describeTrouble('Claude answered 401', 'key', { key })).toMatch(words);
  });
});

test.each<[Host, boolean]>([
  [null, true],
  [{ key: 'own' }, true],
  [{ key: 'none' }, false],
])('with %j, it is offered to try again: %s', (host, isOffered) => {
  for (const shown of drawWaiting('key', host)) {
    expect(shown.includes(ACTIONS.retry)).toBe(isOffered);
  }
});

describe('the steps of the guide', () => {
  const setUp = { installedBy: 'U0ANA', maySetKey: true, summarySchedule: '0 9 * * 1' };

  test('are in order, and none is left once all are done', () => {
    const open = listSteps({ ...setUp, key: 'none', scheduleSettled: false }, false);
    expect(open).toEqual([
      { kind: 'invite', done: false },
      { kind: 'key', done: false },
      { kind: 'schedule', done: false },
    ]);
    expect(listSteps({ ...setUp, key: 'own', scheduleSettled: true }, true)).toEqual([]);
    expect(listSteps({ ...setUp, key: 'shared', scheduleSettled: true }, true)).toEqual([]);
    expect(listSteps({ ...setUp, key: 'none', scheduleSettled: true }, true)).toHaveLength(3);
  });
});
