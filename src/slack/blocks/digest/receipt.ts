import type { RichTextElement } from '@slack/types';
import type { Rendered } from '../../../core/delivery/effects.ts';
import type { NothingToTell, ReceiptFacts } from '../../../core/digest/receipt.ts';
import { canBeRetried } from '../../../core/runs/trouble.ts';
import {
  count,
  escapeMrkdwn,
  formatAtMost,
  formatNumber,
  formatUsd,
  formatUsdUp,
  shorten,
} from '../../../core/text.ts';
import { ACTIONS, formatRun } from '../actions.ts';
import { plain } from '../controls.ts';
import { describeLaneReason } from '../lane.ts';
import { namePerson, type RenderContext } from '../render-context.ts';
import { bold, emoji, moment, richText, section, text } from '../rich-text.ts';
import { describeMend, endSentence, isForWantOfKey } from '../trouble.ts';
import { RUN_BLOCK } from './summary.ts';

/** The post of a run until it becomes the summary: its progress, who asked, when it will be done. */

const TROUBLE_LENGTH = 300;

/** More express answers take longer than a minute. */
const IN_A_MINUTE = 200;

export function renderReceipt(facts: ReceiptFacts, renderContext: RenderContext): Rendered {
  const { requestedBy, trouble, cause } = facts;
  const who = namePerson(requestedBy, renderContext, 'A teammate');
  const progress = describeStage(facts, renderContext);
  const lines: RichTextElement[][] = [
    [bold(progress)],
    [
      text(requestedBy === null && facts.dueAt !== null ? 'On schedule' : `Requested by ${who}`),
      text(`: ${describeAmount(facts)}.`),
    ],
    renderLane(facts, renderContext),
    renderExpected(facts, renderContext),
  ];
  if (trouble !== null) {
    const reason = endSentence(shorten(trouble, TROUBLE_LENGTH));
    const mend = cause === null ? '' : ` ${describeMend(cause, renderContext.hosted)}`;
    lines.push([emoji('warning'), text(` It has to wait: ${reason} Nothing is lost.${mend}`)]);
  }
  return {
    text: escapeMrkdwn(
      requestedBy === null && facts.dueAt !== null
        ? `A feedback summary of ${count(facts.messages, 'message')} is due: ${progress}`
        : `Feedback summary of ${count(facts.messages, 'message')}, requested by ${who}. ${progress}`,
    ),
    blocks: [
      { type: 'header', text: plain('Preparing the feedback summary…') },
      richText(section(...joinLines(lines))),
      ...renderButtons(facts, renderContext),
    ],
  };
}

function describeStage({ stage, messages }: ReceiptFacts, renderContext: RenderContext): string {
  switch (stage.kind) {
    case 'catching up':
      return 'Reading what was posted while I was away';
    case 'queued':
      return `Queued: ${count(messages, 'message')} on the way to Claude`;
    case 'judging':
      return `Classifying: ${formatNumber(stage.judged)} of ${formatNumber(messages)}`;
    case 'writing':
      return 'The summary is being written';
    case 'canceling':
      return `Being canceled by ${namePerson(stage.by, renderContext)}: results so far are kept`;
    default:
      return stage satisfies never;
  }
}

function describeAmount({ messages, atMostUsd, model }: ReceiptFacts): string {
  if (messages === 0) return 'what no summary has shown yet, at no further cost';
  const price =
    atMostUsd === null ? `at a price that is not known for ${model}` : formatAtMost(atMostUsd);
  return `${count(messages, 'message')}, ${price}`;
}

/** Why it does not take the usual way. */
function renderLane(
  { lane, laneReason, hurriedBy, messages }: ReceiptFacts,
  renderContext: RenderContext,
): RichTextElement[] {
  if (lane === 'batch' || messages === 0) return [];
  return [
    text(
      `Claude classifies them at once: ${describeLaneReason(laneReason, hurriedBy, renderContext)}.`,
    ),
  ];
}

/** When the run will be done; Slack shows the times in each reader's own zone. */
function renderExpected(
  { expected, overdue, messages, stage, lane, trouble }: ReceiptFacts,
  { timeZone }: RenderContext,
): RichTextElement[] {
  // What has to wait has no end in sight.
  if (trouble !== null) return [];
  if (messages === 0 || stage.kind === 'writing' || stage.kind === 'canceling') return [];
  if (lane === 'express') {
    const soon = messages <= IN_A_MINUTE;
    return [text(soon ? 'Usually within a minute.' : 'Usually within minutes.')];
  }
  if (overdue) return [text('This takes longer than usual; at most 24 hours.')];
  if (!expected) {
    return [text('Usually minutes; at most 24 hours.')];
  }
  return [
    text('Expected '),
    moment(expected.mostly, timeZone),
    text('; usually by '),
    moment(expected.nearlyAlways, timeZone),
    text(' at the latest.'),
  ];
}

function renderButtons({ run, stage, cause, hurryUsd }: ReceiptFacts, { hosted }: RenderContext) {
  const mayRetry = cause !== null && canBeRetried(cause) && !isForWantOfKey(cause, hosted);
  const elements = [
    ...(mayRetry ? [RETRY] : []),
    ...(hurryUsd === null ? [] : [renderHurry(hurryUsd)]),
    ...(stage.kind === 'canceling' ? [] : [CANCEL]),
  ];
  return elements.length === 0 ? [] : [{ type: 'actions', block_id: formatRun(run), elements }];
}

const RETRY = { type: 'button', action_id: ACTIONS.retry, text: plain('Try again') };

const renderHurry = (usd: number) => ({
  type: 'button',
  action_id: ACTIONS.hurry,
  text: plain(`Don't wait (${formatUsdUp(usd)} more)`),
});

const CANCEL = {
  type: 'button',
  action_id: ACTIONS.cancel,
  text: plain('Cancel'),
  confirm: {
    title: plain('Cancel this run?'),
    text: plain('Results so far are kept, paid for and summarized. The rest goes back to pending.'),
    confirm: plain('Cancel the run'),
    deny: plain('Keep it running'),
    style: 'danger',
  },
};

/** The final text of a run's post when there is nothing to sum up. */
export function renderNothing(facts: NothingToTell, renderContext: RenderContext): Rendered {
  const { requestedBy, costUsd, model } = facts;
  const words = describeNothing(facts, renderContext);
  const cost = costUsd === null ? `cost unknown for ${model}` : formatUsd(costUsd);
  const line = [cost, requestedBy && `requested by ${namePerson(requestedBy, renderContext)}`];
  return {
    text: escapeMrkdwn(words),
    blocks: [
      richText(section(text(words))),
      {
        type: 'context',
        block_id: RUN_BLOCK,
        elements: [plain(line.filter(Boolean).join(' · '))],
      },
    ],
  };
}

function describeNothing(
  { canceledBy, againTotal, rejudged }: NothingToTell,
  renderContext: RenderContext,
): string {
  if (rejudged > 0) {
    const were = rejudged === 1 ? 'was' : 'were';
    return `${count(rejudged, 'message')} ${were} reclassified; their summaries are up to date.`;
  }
  if (canceledBy !== null) {
    return `Canceled by ${namePerson(canceledBy, renderContext)} before anything was classified: there is nothing to summarize.`;
  }
  if (againTotal === 0) {
    return 'There is nothing to summarize: the messages to classify have been deleted meanwhile.';
  }
  return `There is nothing to summarize yet: ${count(againTotal, 'message')} will be in the next run, edited meanwhile or without a usable answer.`;
}

const joinLines = (lines: RichTextElement[][]): RichTextElement[] =>
  lines
    .filter((line) => line.length > 0)
    .flatMap((line, n) => (n === 0 ? line : [text('\n'), ...line]));
