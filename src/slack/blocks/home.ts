import type { ActionsBlock, HomeView, RichTextBlock, RichTextElement } from '@slack/types';
import { FLAGS_ON_PAGE, type HomeChannel, type HomeFacts, type HomeRun } from '../../core/home.ts';
import type { CardFacts } from '../../core/people/card.ts';
import type { Taxonomy } from '../../core/runs/taxonomy.ts';
import {
  count,
  formatDuration,
  formatNumber,
  formatUsd,
  shorten,
  toPlainText,
} from '../../core/text.ts';
import { permalink } from '../../core/timestamps.ts';
import { SETTINGS } from './actions.ts';
import { type Control, plain, renderControls } from './controls.ts';
import { describeChart, renderChart } from './digest/chart.ts';
import { CONTROLS, describeFlag, describeLostFlag, gistOf, nameCategory } from './people/card.ts';
import { nameAuthor, namePerson, type RenderContext } from './render-context.ts';
import { bold, bullets, emoji, link, moment, quote, richText, section, text } from './rich-text.ts';

/**
 * A person's Home tab: a page of what needs a person, with buttons; below it, what the bot has been
 * doing. It is always rendered as a whole, whatever it showed before.
 */

/** The prefix of the action ids of the buttons that turn the page; their value is the page. */
export const HOME_PAGE_ACTION = 'home_page_';

/** A view may have 100 blocks; a flag takes at most three of them. */
const CHANNELS_SHOWN = 20;
const QUOTE_LENGTH = 300;

/** @param notice shown above everything else */
export function renderHome(
  home: HomeFacts,
  taxonomy: Taxonomy,
  renderContext: RenderContext,
  notice: string | null = null,
): HomeView {
  return {
    type: 'home',
    blocks: [
      ...(notice === null ? [] : [richText(section(bold(notice)))]),
      ...(home.channels.length === 0
        ? renderBeginning(home.watching)
        : [
            ...renderOpen(home, taxonomy, renderContext),
            ...renderJustDone(home, taxonomy, renderContext),
            { type: 'divider' as const },
            ...renderCourse(home),
            renderRuns(home.runs, renderContext),
            renderChannels(home.channels, renderContext),
            renderNext(home, renderContext),
            ...(home.mayAct ? [renderSettingsButton()] : []),
          ]),
    ],
  };
}

const code = (words: string): RichTextElement => ({
  type: 'text',
  text: words,
  style: { code: true },
});

/** Shown to people who are in none of the channels, and while there are none. */
function renderBeginning(watching: boolean) {
  const steps = watching
    ? [
        section(
          text('Join a channel that I collect from: what needs a person there appears here.'),
        ),
        section(text('Or type '), code('/invite'), text(' in another one and choose me.')),
      ]
    : [
        section(
          text('In the channel where your feedback comes in, type '),
          code('/invite'),
          text(' and choose me. Messages count from then on; I offer to take in older ones.'),
        ),
        section(
          text('Type '),
          code('/classify-feedback'),
          text(' there when you want a summary; otherwise it comes on schedule.'),
        ),
        section(text('Whatever needs a person then stands here, with its buttons.')),
      ];
  return [
    {
      type: 'header' as const,
      text: plain(watching ? 'You are in none of my channels' : 'Let us begin'),
    },
    richText(
      section(
        text(
          watching
            ? 'I collect feedback in channels that you are not in.'
            : 'I sort the feedback of your team and sum it up. I am in no channel yet:',
        ),
      ),
      bullets(steps),
    ),
  ];
}

function renderOpen(
  home: HomeFacts,
  taxonomy: Taxonomy,
  renderContext: RenderContext,
): HomeView['blocks'] {
  const { open, flags, page, pages, mayAct } = home;
  if (open.total === 0) {
    return [
      { type: 'header', text: plain('Nothing needs a person') },
      richText(
        section(
          text('All done. What comes up appears here, and in the summaries of your channels.'),
        ),
      ),
    ];
  }
  const first = page * FLAGS_ON_PAGE + 1;
  const shown =
    pages > 1 ? ` · ${first}–${first + flags.length - 1} of ${formatNumber(open.total)}` : '';
  return [
    { type: 'header', text: plain(`What needs a person · ${formatNumber(open.total)} open`) },
    richText(
      section(
        ...(open.oldestAt === null
          ? []
          : [text('The oldest since '), moment(open.oldestAt, renderContext.timeZone)]),
        text(open.claimed > 0 ? ` · ${formatNumber(open.claimed)} claimed` : ''),
        text(shown),
      ),
      ...(mayAct
        ? []
        : [section(text('Guests can read along; ask a member to act on it.', { italic: true }))]),
    ),
    ...flags.flatMap((card) => [
      { type: 'divider' as const },
      ...renderFlag(card, taxonomy, renderContext),
      ...(mayAct ? [renderActions(card, CONTROLS[card.state], taxonomy)] : []),
    ]),
    ...renderPager(page, pages),
  ];
}

function renderFlag(
  card: CardFacts,
  taxonomy: Taxonomy,
  renderContext: RenderContext,
): RichTextBlock[] {
  const { channel, ts, threadTs, person, state, changedAt, openedAt } = card;
  const { timeZone, emoji: signs } = renderContext;
  const category = taxonomy.categories.find(({ key }) => key === card.category);
  const gist = gistOf(card, renderContext);
  const words = shorten(toPlainText(card.text, renderContext.nameOf), QUOTE_LENGTH);
  const isClaimed = state === 'claimed';
  const why = describeFlag(card, taxonomy, renderContext) ?? describeLostFlag(card);
  return [
    richText(
      section(emoji(isClaimed ? signs.claim : signs.flag), text('  '), bold(gist)),
      ...(words && words !== gist ? [quote(words)] : []),
      section(
        channelName(channel),
        text(` · ${nameAuthor(card, renderContext)} · `),
        ...(category?.emoji ? [emoji(category.emoji), text(' ')] : []),
        text(nameCategory(card, taxonomy)),
        ...(person === null ? [] : [text(`, says ${namePerson(person, renderContext)}`)]),
        text(' · '),
        link(permalink(renderContext.workspaceUrl, channel, ts, threadTs), 'Open the message'),
      ),
      section(
        ...(isClaimed
          ? [bold(`Claimed by ${namePerson(card.by, renderContext)}`), text(' · ')]
          : [text(why, { italic: true }), text(' · open since ')]),
        moment(isClaimed ? changedAt : openedAt, timeZone),
      ),
    ),
  ];
}

/** None is green: among a dozen equal buttons, none should stand out. */
const renderActions = (card: CardFacts, controls: Control[], taxonomy: Taxonomy): ActionsBlock =>
  renderControls(card, controls, null, card.category, taxonomy);

/** The first page has the oldest flags. */
function renderPager(page: number, pages: number): ActionsBlock[] {
  const turn = (way: string, label: string, to: number) => ({
    type: 'button' as const,
    action_id: `${HOME_PAGE_ACTION}${way}`,
    text: plain(label),
    value: String(to),
  });
  const elements = [
    ...(page > 0 ? [turn('older', 'Older', page - 1)] : []),
    ...(page < pages - 1 ? [turn('newer', 'Newer', page + 1)] : []),
  ];
  return elements.length === 0 ? [] : [{ type: 'actions', elements }];
}

/** What the person has just done, with buttons to undo it at once after a slip. */
function renderJustDone(
  { justDone, mayAct }: HomeFacts,
  taxonomy: Taxonomy,
  renderContext: RenderContext,
): HomeView['blocks'] {
  if (justDone.length === 0 || !mayAct) return [];
  return [
    { type: 'divider' },
    richText(section(bold('You have just done'))),
    ...justDone.flatMap((card) => {
      const { channel, ts, threadTs, state } = card;
      const sign = state === 'resolved' ? renderContext.emoji.resolve : renderContext.emoji.dismiss;
      return [
        richText(
          section(
            emoji(sign),
            text(`  ${gistOf(card, renderContext)} · `),
            link(permalink(renderContext.workspaceUrl, channel, ts, threadTs), 'Open the message'),
          ),
        ),
        renderActions(card, CONTROLS[state], taxonomy),
      ];
    }),
  ];
}

/** The chart in words, because Slack shows charts in messages only. */
function renderCourse({ chart }: HomeFacts): RichTextBlock[] {
  const words = chart && describeChart(renderChart(chart));
  return words ? [words] : [];
}

function renderRuns(runs: HomeRun[], renderContext: RenderContext): RichTextBlock {
  if (runs.length === 0) {
    return richText(
      section(bold('Last runs')),
      section(text('None yet: the first one is the next on schedule, or type ')),
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
      endedAt === null ? 'going on' : formatDuration(endedAt - startedAt),
      run.requestedBy
        ? `asked for by ${namePerson(run.requestedBy, renderContext)}`
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
        ...(since === null ? [] : [text(' · since '), moment(since, renderContext.timeZone)]),
      ),
    );
  const more = channels.length - CHANNELS_SHOWN;
  return richText(
    section(bold('Channels')),
    bullets(items),
    ...(more > 0 ? [section(text(`and ${formatNumber(more)} more`, { italic: true }))] : []),
  );
}

const SCHEDULES = { summary: 'summary', classify: 'quiet run' };

function renderNext({ next, monthUsd }: HomeFacts, { timeZone }: RenderContext): RichTextBlock {
  const times = next.flatMap(({ kind, at }, n) => [
    text(`${n === 0 ? 'Next on schedule: ' : ', '}${SCHEDULES[kind]} `),
    moment(at, timeZone),
  ]);
  const cost = monthUsd === null ? 'a price that I do not know' : formatUsd(monthUsd);
  return richText(
    section(
      ...(times.length > 0 ? times : [text('Nothing is on schedule')]),
      text(` · Claude this month: ${cost}`),
    ),
  );
}

const renderSettingsButton = (): ActionsBlock => ({
  type: 'actions',
  elements: [{ type: 'button', action_id: SETTINGS.open, text: plain('Settings') }],
});

/** Slack shows the channel's name as a link and notifies nobody. */
const channelName = (id: string): RichTextElement => ({ type: 'channel', channel_id: id });
