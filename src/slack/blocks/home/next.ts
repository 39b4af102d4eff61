import type { ActionsBlock, HomeView, RichTextElement, RichTextSection } from '@slack/types';
import type { HomeFacts, HomeHold, RunUnderWay } from '../../../core/home/facts.ts';
import { canBeRetried } from '../../../core/runs/trouble.ts';
import type { Host } from '../../../core/settings/hosted.ts';
import { count, formatNumber, formatUsd, shorten } from '../../../core/text.ts';
import { permalink } from '../../../core/timestamps.ts';
import { ACTIONS, formatRun } from '../actions.ts';
import { describeWaitForBudget } from '../budget.ts';
import { plain } from '../controls.ts';
import { describeHold } from '../holds.ts';
import type { RenderContext } from '../render-context.ts';
import { bold, bullets, code, emoji, link, moment, richText, section, text } from '../rich-text.ts';
import { describeStep, endSentence, isForWantOfKey } from '../trouble.ts';
import { channelName } from './overview.ts';

/** The top of the Home tab: the next summary, the runs under way, and trouble with the step that mends it. */

const TROUBLE_LENGTH = 300;
/** A view may have 100 blocks. */
const RUNS_SHOWN = 8;
const TROUBLES_SHOWN = 4;

export function renderNext(home: HomeFacts, renderContext: RenderContext): HomeView['blocks'] {
  const { underWay } = home;
  const more = underWay.length - RUNS_SHOWN;
  return [
    richText(
      section(...describeSchedule(home, renderContext)),
      ...(underWay.length === 0
        ? []
        : [bullets(underWay.slice(0, RUNS_SHOWN).map((run) => describeRun(run, renderContext)))]),
      ...(more > 0 ? [section(text(`and ${formatNumber(more)} more`, { italic: true }))] : []),
    ),
    ...renderTroubles(home, renderContext),
  ];
}

const KINDS = { summary: 'Next summary', classify: 'next quiet run' };

function describeSchedule(
  { next, channels }: HomeFacts,
  { timeZone }: RenderContext,
): RichTextElement[] {
  const pending = channels.reduce((sum, channel) => sum + channel.pending, 0);
  const waiting = [
    text(` · ${count(pending, 'message')} pending`),
    ...(channels.length > 1 ? [text(` in ${count(channels.length, 'channel')}`)] : []),
  ];
  if (next.length === 0) {
    return [
      bold('No summary is scheduled'),
      ...waiting,
      text('. Type '),
      code('/classify-feedback'),
      text(' in a channel to get one.'),
    ];
  }
  return [
    ...next.flatMap(({ kind, at }, n) => [
      ...(n === 0 ? [] : [text(' · ')]),
      n === 0 ? bold(`${KINDS[kind]}: `) : text(`${KINDS[kind]}: `),
      text(formatInZone(at, timeZone)),
    ]),
    text(` (${timeZone})`),
    ...waiting,
  ];
}

/** A schedule is set in a zone, so its times are shown in that one. */
const formatInZone = (at: number, timeZone: string) =>
  new Intl.DateTimeFormat('en-GB', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    timeZone,
  }).format(at);

function describeRun(run: RunUnderWay, { workspaceUrl, timeZone }: RenderContext): RichTextSection {
  const { channel, digestTs, expected, overdue, stage } = run;
  const isGoing = stage.kind === 'queued' || stage.kind === 'judging';
  return section(
    channelName(channel),
    text(` · ${describeStage(run)}`),
    ...(expected && !overdue && isGoing && run.trouble === null
      ? [text(' · done at about '), moment(expected.mostly, timeZone)]
      : []),
    ...(digestTs === null
      ? []
      : [text(' · '), link(permalink(workspaceUrl, channel, digestTs), 'Progress')]),
  );
}

function describeStage({ stage, messages }: RunUnderWay): string {
  switch (stage.kind) {
    case 'catching up':
      return 'Reading earlier messages';
    case 'queued':
      return `Queued: ${count(messages, 'message')}`;
    case 'judging':
      return `Classifying: ${formatNumber(stage.judged)} of ${formatNumber(messages)}`;
    case 'writing':
      return 'Writing the summary';
    case 'canceling':
      return 'Canceling';
    default:
      return stage satisfies never;
  }
}

function renderTroubles(home: HomeFacts, { hosted }: RenderContext): HomeView['blocks'] {
  const { underWay, holds, budget, viewer } = home;
  const waiting = underWay.filter(({ trouble }) => trouble !== null);
  const all = [
    ...waiting.map((run) => renderWaiting(run, hosted, viewer === 'member')),
    ...holds.map((hold) => [renderHold(hold)]),
    ...(budget && budget.leftUsd <= 0 ? [[renderOverBudget(budget.usd, hosted)]] : []),
  ];
  const more = all.length - TROUBLES_SHOWN;
  return [
    ...all.slice(0, TROUBLES_SHOWN).flat(),
    ...(more > 0
      ? [richText(section(text(`and ${count(more, 'other problem')}`, { italic: true })))]
      : []),
  ];
}

function renderWaiting(
  { channel, run, trouble, cause }: RunUnderWay,
  hosted: Host,
  mayRetry: boolean,
): HomeView['blocks'] {
  const reason = endSentence(shorten(trouble ?? '', TROUBLE_LENGTH));
  // The guide says how to set a key.
  const isInGuide = isForWantOfKey(cause, hosted);
  const step = cause === null || isInGuide ? '' : ` ${describeStep(cause, hosted)}`;
  return [
    richText(
      section(
        emoji('warning'),
        text(' '),
        channelName(channel),
        text(` · The run has to wait: ${reason} Nothing is lost.${step}`),
      ),
    ),
    ...(mayRetry && cause !== null && canBeRetried(cause) && !isInGuide ? [renderRetry(run)] : []),
  ];
}

const renderRetry = (run: number): ActionsBlock => ({
  type: 'actions',
  block_id: formatRun(run),
  elements: [{ type: 'button', action_id: ACTIONS.retry, text: plain('Try again') }],
});

const renderHold = (hold: HomeHold): HomeView['blocks'][number] => ({
  type: 'section',
  text: {
    type: 'mrkdwn',
    text: `:warning: ${hold.channel === '' ? '' : `<#${hold.channel}> · `}${describeHold(hold)}`,
    verbatim: true,
  },
});

const renderOverBudget = (usd: number, hosted: Host) =>
  richText(
    section(
      emoji('warning'),
      text(
        ` This month's budget of ${formatUsd(usd)} is used up. Messages ${describeWaitForBudget(hosted)}`,
      ),
    ),
  );
