import type { ActionsBlock, RichTextBlock, RichTextElement } from '@slack/types';
import type { HomeChannel, HomeFacts, HomeRun } from '../../../core/home/facts.ts';
import type { Taxonomy } from '../../../core/runs/taxonomy.ts';
import { count, formatDuration, formatNumber, formatUsd } from '../../../core/text.ts';
import { permalink } from '../../../core/timestamps.ts';
import { formatHonesty } from '../actions.ts';
import { describeLeft, describeRehearsalCost } from '../budget.ts';
import { describeChart, renderChart } from '../digest/chart.ts';
import { describeDetails, describeOverall, howButton } from '../people/honesty.ts';
import { namePerson, type RenderContext } from '../render-context.ts';
import { bold, bullets, code, link, moment, richText, section, text } from '../rich-text.ts';
import { describeTopic } from '../themes/topic.ts';

/** A view may have 100 blocks; a flag takes at most three of them. */
const CHANNELS_SHOWN = 20;
const HONESTY_SHOWN = 5;

/** What the bot has been doing: the chart, the last runs, the channels, the cost. */
export const renderOverview = (
  home: HomeFacts,
  taxonomy: Taxonomy,
  renderContext: RenderContext,
): (RichTextBlock | ActionsBlock)[] => [
  ...renderCourse(home),
  ...renderHonesty(home, taxonomy),
  ...renderTopics(home),
  renderRuns(home.runs, renderContext),
  renderChannels(home.channels, renderContext),
  renderCost(home),
];

/** The chart in words, because Slack shows charts in messages only. */
function renderCourse({ chart }: HomeFacts): RichTextBlock[] {
  const words = chart && describeChart(renderChart(chart));
  return words ? [words] : [];
}

/** How often verdicts are right in each channel, with the button that explains it. */
function renderHonesty(
  { honesty, channels }: HomeFacts,
  taxonomy: Taxonomy,
): (RichTextBlock | ActionsBlock)[] {
  return honesty
    .slice(0, HONESTY_SHOWN)
    .flatMap(({ channel, figures }, n) => [
      richText(
        ...(n === 0 ? [section(bold('How often verdicts are right'))] : []),
        section(
          ...(channels.length > 1 ? [channelName(channel), text(' · ')] : []),
          text(describeOverall(figures)),
        ),
        bullets(describeDetails(figures, taxonomy).map((words) => section(text(words)))),
      ),
      { type: 'actions' as const, block_id: formatHonesty(channel), elements: [howButton()] },
    ]);
}

function renderTopics({ topics }: HomeFacts): RichTextBlock[] {
  if (topics.length === 0) return [];
  const items = topics.map(({ channel, topic }) =>
    section(
      channelName(channel),
      text(' · '),
      text(topic.title, { bold: true }),
      text(`: ${describeTopic(topic)}`),
    ),
  );
  return [richText(section(bold('Topics of the last 30 days')), bullets(items))];
}

function renderRuns(runs: HomeRun[], renderContext: RenderContext): RichTextBlock {
  if (runs.length === 0) {
    return richText(
      section(bold('Last runs')),
      section(text('None yet. The first one starts on schedule, or when somebody types ')),
      section(code('/classify-feedback'), text(' in the channel.')),
    );
  }
  const items = runs.map((run) => {
    const { channel, startedAt, endedAt, messages, usd, digestTs } = run;
    // Both are the same post, which is a receipt until it becomes the summary.
    const label = endedAt === null ? 'Progress' : 'Summary';
    const facts = [
      count(messages, 'message'),
      ...(endedAt === null ? [] : [usd === null ? 'cost unknown' : formatUsd(usd)]),
      endedAt === null ? 'in progress' : formatDuration(endedAt - startedAt),
      run.requestedBy
        ? `requested by ${namePerson(run.requestedBy, renderContext)}`
        : 'on schedule',
      ...(run.canceled ? ['canceled'] : []),
    ];
    return section(
      moment(startedAt, renderContext.timeZone),
      text(' · '),
      channelName(channel),
      text(` · ${facts.join(' · ')}`),
      ...(digestTs === null
        ? []
        : [text(' · '), link(permalink(renderContext.workspaceUrl, channel, digestTs), label)]),
    );
  });
  return richText(section(bold('Last runs')), bullets(items));
}

function renderChannels(channels: HomeChannel[], renderContext: RenderContext): RichTextBlock {
  const items = channels
    .slice(0, CHANNELS_SHOWN)
    .map(({ id, pending, since }) =>
      section(
        channelName(id),
        text(` · ${pending === 0 ? 'nothing' : formatNumber(pending)} pending`),
        ...(since === null
          ? []
          : [text(' · collecting since '), moment(since, renderContext.timeZone)]),
      ),
    );
  const more = channels.length - CHANNELS_SHOWN;
  return richText(
    section(bold('Channels')),
    bullets(items),
    ...(more > 0 ? [section(text(`and ${formatNumber(more)} more`, { italic: true }))] : []),
  );
}

function renderCost({ monthUsd, rehearsalsUsd, budget }: HomeFacts): RichTextBlock {
  const cost = monthUsd === null ? 'an unknown price' : formatUsd(monthUsd);
  return richText(
    section(
      text(`Claude this month: ${cost}${describeRehearsalCost(rehearsalsUsd)}`),
      ...(budget ? [text(describeLeft(budget))] : []),
    ),
  );
}

/** Slack shows the channel's name as a link and notifies nobody. */
export const channelName = (id: string): RichTextElement => ({ type: 'channel', channel_id: id });
