import fc from 'fast-check';
import type { Fault as ClaudeFault, ItemOutcome } from '../../sim/claude/faults.ts';
import type { EventFault, Fault as SlackFault } from '../../sim/slack/faults.ts';
import type { Stage } from '../harness.ts';

/** Faults of every kind of both stand-ins, drawn at random for a small day. */

interface MixedFault {
  /** Before which moment of the day it is switched on. */
  moment: number;
  /** What it is, to read and to look for. */
  name: string;
  arm(stage: Stage): void;
}

/** The day of day.ts has so many. */
export const MOMENTS = 12;

type Kind = Pick<MixedFault, 'name' | 'arm'>;
export type SlackFailure = SlackFault extends infer Each
  ? Each extends SlackFault
    ? Omit<Each, 'method' | 'match' | 'times' | 'commitDelayMs'>
    : never
  : never;

const errors = (codes: string[]): SlackFailure[] =>
  codes.map((error) => ({ kind: 'error', error }));

/** After these it is not known whether the work was done. */
const UNCLEAR: SlackFailure[] = [
  { kind: 'status', status: 500 },
  { kind: 'status', status: 503 },
  { kind: 'hang' },
  { kind: 'cut' },
  { kind: 'garbage' },
  ...errors(['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout']),
];

/** After these it is known that nothing was. */
const REFUSED: SlackFailure[] = [
  { kind: 'rate_limit', retryAfter: 7 },
  { kind: 'rate_limit', retryAfter: 600 },
  // A proxy's answer.
  { kind: 'status', status: 403 },
  ...errors(['ratelimited', 'invalid_auth', 'token_revoked', 'missing_scope', 'account_inactive']),
];

const AWAY = errors(['not_in_channel', 'channel_not_found', 'is_archived']);
/** Of blocks: the plain text that stands in is taken. */
const SHAPE = errors(['invalid_blocks', 'msg_blocks_too_long', 'msg_too_long']);

const USUAL = [...UNCLEAR, ...REFUSED];
const FAILURES: Record<string, SlackFailure[]> = {
  'chat.postMessage': [...USUAL, ...AWAY, ...SHAPE],
  'chat.postEphemeral': [...USUAL, ...SHAPE],
  // For good, this one: nothing can be shown on that message.
  'reactions.add': [...USUAL, ...AWAY, ...errors(['too_many_reactions'])],
  'reactions.remove': USUAL,
  'conversations.history': [...USUAL, ...AWAY],
  'conversations.replies': USUAL,
  'users.info': [...USUAL, ...errors(['user_not_found'])],
  'users.conversations': USUAL,
  // Without `hang`, which the socket waits for ten real seconds.
  'apps.connections.open': USUAL.filter(({ kind }) => kind !== 'hang'),
};

const slackFaults: SlackFault[] = Object.entries(FAILURES).flatMap(([method, failures]) =>
  failures.flatMap((failure): SlackFault[] =>
    UNCLEAR.includes(failure)
      ? [
          { ...failure, method, when: 'before' },
          { ...failure, method, when: 'after' },
        ]
      : [{ ...failure, method }],
  ),
);

const EVENTS: Omit<EventFault, 'match'>[] = [
  { kind: 'drop' },
  { kind: 'drop', times: 3 },
  { kind: 'duplicate' },
  { kind: 'late' },
  { kind: 'late', times: 3 },
];

const CREATE = /^\/v1\/messages\/batches$/u;
const RETRIEVE = /^\/v1\/messages\/batches\/[^/]+$/u;

const claudeFaults: ClaudeFault[] = [
  { kind: 'lost_answer' },
  { kind: 'created_then_5xx' },
  { kind: 'created_then_5xx', status: 529 },
  { kind: 'not_found_after_create' },
  { kind: 'spend_cap' },
  { kind: 'spend_limit_400' },
  { kind: 'results_cut', afterRows: 2 },
  { kind: 'results_short', rows: 3 },
  { kind: 'results_broken_line', atRow: 1 },
  { kind: 'results_duplicate_row', atRow: 2 },
  { kind: 'results_unknown_custom_id' },
  { kind: 'results_stall', afterRows: 1 },
  ...[401, 403, 429, 500, 529].map((status) => ({ kind: 'status' as const, status })),
  { kind: 'status', status: 429, headers: { 'retry-after': '20' } },
  { kind: 'status', status: 400, path: CREATE },
  { kind: 'status', status: 404, path: RETRIEVE },
  { kind: 'cut' },
  { kind: 'hang' },
  { kind: 'cut', method: 'POST', path: CREATE },
  { kind: 'hang', method: 'POST', path: CREATE },
  // Where the batch of a lost answer is looked for.
  { kind: 'status', status: 503, method: 'GET', path: CREATE },
];

const OUTCOMES: ItemOutcome[] = [
  ...['api_error', 'overloaded_error', 'invalid_request_error'].map((errorType) => ({
    outcome: 'errored' as const,
    errorType,
  })),
  { outcome: 'expired' },
  { outcome: 'canceled' },
  { outcome: 'refusal' },
  { outcome: 'max_tokens' },
  { outcome: 'thinking_first' },
  { outcome: 'enum_case' },
  { outcome: 'not_json' },
  { outcome: 'wrong_schema' },
  { outcome: 'fenced' },
];

const times = fc.integer({ min: 1, max: 4 });

const matchOf = (fault: SlackFault): NonNullable<SlackFault['match']> =>
  SHAPE.some((shape) => 'error' in shape && 'error' in fault && shape.error === fault.error)
    ? ({ blocks }) => blocks !== undefined
    : () => true;

const onSlack = fc.record({ fault: fc.constantFrom(...slackFaults), times }).map(
  ({ fault, times }): Kind => ({
    name: `Slack ${JSON.stringify({ ...fault, times })}`,
    arm: ({ slack }) => void slack.faults.add({ ...fault, times, match: matchOf(fault) }),
  }),
);

const onEvents = fc.constantFrom(...EVENTS).map(
  (fault): Kind => ({
    name: `event ${JSON.stringify(fault)}`,
    arm: ({ slack }) =>
      void slack.eventFaults.add({ ...fault, match: ({ type }) => type === 'message' }),
  }),
);

const onSockets = fc
  .constantFrom('refresh' as const, 'cut' as const)
  .map((how): Kind => ({ name: `sockets ${how}`, arm: ({ slack }) => slack.sockets[how]() }));

const onClaude = fc.record({ fault: fc.constantFrom(...claudeFaults), times }).map(
  ({ fault, times }): Kind => ({
    name: `Claude ${JSON.stringify({ ...fault, path: fault.path?.source, times })}`,
    arm: ({ claude }) => void claude.faults.add({ ...fault, times }),
  }),
);

/** On one message, so often: from the third bad answer on it is dead. */
const onItems = fc
  .record({ outcome: fc.constantFrom(...OUTCOMES), item: fc.integer({ min: 1, max: 6 }), times })
  .map(
    ({ outcome, item, times }): Kind => ({
      name: `item ${item} ${JSON.stringify({ ...outcome, times })}`,
      arm: ({ claude }) =>
        claude.faults.addItem({
          ...outcome,
          times,
          match: (_id, text) => text.includes(`No. ${item}`),
        }),
    }),
  );

export interface Mixture {
  /** How many messages the day has. */
  messages: number;
  faults: MixedFault[];
}

const mixtures: fc.Arbitrary<Mixture> = fc.record({
  messages: fc.integer({ min: 6, max: 10 }),
  faults: fc.array(
    fc
      .record({
        moment: fc.integer({ min: 0, max: MOMENTS - 1 }),
        kind: fc.oneof(
          { weight: 4, arbitrary: onSlack },
          { weight: 1, arbitrary: onEvents },
          { weight: 1, arbitrary: onSockets },
          { weight: 3, arbitrary: onClaude },
          { weight: 1, arbitrary: onItems },
        ),
      })
      .map(({ moment, kind }) => ({ moment, ...kind })),
    { minLength: 1, maxLength: 5 },
  ),
});

export const drawMixtures = (seed: number, count: number): Mixture[] =>
  fc.sample(mixtures, { seed, numRuns: count });
