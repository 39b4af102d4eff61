import type { ActionsBlock, HomeView, RichTextBlock } from '@slack/types';
import { FLAGS_ON_PAGE, type HomeFacts } from '../../../core/home/facts.ts';
import type { CardFacts } from '../../../core/people/card.ts';
import type { Taxonomy } from '../../../core/runs/taxonomy.ts';
import { count, foldLines, formatNumber, shorten, toPlainText } from '../../../core/text.ts';
import { permalink } from '../../../core/timestamps.ts';
import { KEY, SETTINGS } from '../actions.ts';
import { type Control, plain, renderControls } from '../controls.ts';
import { CONTROLS, gistOf, nameCategory, sayTheSame } from '../people/card.ts';
import { renderReasons } from '../people/dismissal.ts';
import { nameAuthor, namePerson, type RenderContext } from '../render-context.ts';
import { bold, emoji, link, moment, quote, richText, section, text } from '../rich-text.ts';
import { readStateOnCard } from './as-on-card.ts';
import { renderBeginning } from './beginning.ts';
import { HOME_FILTER, renderFilters } from './filter.ts';
import { renderGuide } from './guide.ts';
import { renderNext } from './next.ts';
import { channelName, renderOverview } from './overview.ts';
import { SEVERAL } from './several.ts';

/**
 * A person's Home tab: what is next, the buttons, the filters, a page of what they show, with buttons;
 * below it, what the bot has been doing. It is always rendered as a whole, whatever it showed before.
 */

/** The prefix of the action ids of the buttons that turn the page; their value is the page. */
export const HOME_PAGE_ACTION = 'home_page_';

const QUOTE_LENGTH = 300;

/** @param notice shown above everything else */
export function renderHome(
  home: HomeFacts,
  taxonomy: Taxonomy,
  renderContext: RenderContext,
  notice: string | null = null,
): HomeView {
  const guide = renderGuide(home, renderContext);
  return {
    type: 'home',
    blocks: [
      ...(notice === null ? [] : [richText(section(bold(notice)))]),
      ...guide,
      ...(home.channels.length === 0
        ? [
            ...(home.watching || guide.length === 0 ? renderBeginning(home.watching) : []),
            ...renderSettingsButtons(home),
          ]
        : [
            ...renderNext(home, renderContext),
            ...renderSettingsButtons(home),
            { type: 'divider' as const },
            ...renderOpen(home, taxonomy, renderContext),
            ...renderJustDone(home, taxonomy, renderContext),
            { type: 'divider' as const },
            ...renderOverview(home, taxonomy, renderContext),
          ]),
    ],
  };
}

const READ_ONLY = {
  guest: 'Guests can read along. Ask a member to act on it.',
  foreign: 'People of other organizations can read along. Ask a member to act on it.',
  unknown: 'Slack does not say who you are, so you can only read along. Ask a member to act on it.',
};

function renderOpen(
  home: HomeFacts,
  taxonomy: Taxonomy,
  renderContext: RenderContext,
): HomeView['blocks'] {
  const { open, counts, flags, page, pages, viewer } = home;
  if (open.total === 0) {
    return [
      { type: 'header', text: plain('Nothing needs attention') },
      richText(section(text(describeCalm(home)))),
    ];
  }
  return [
    { type: 'header', text: plain(describeTotal(open.total)) },
    richText(
      section(
        ...(open.oldestAt === null
          ? []
          : [text('Oldest: '), moment(open.oldestAt, renderContext.timeZone)]),
        text(open.claimed > 0 ? ` · ${formatNumber(open.claimed)} claimed` : ''),
      ),
      ...(viewer === 'member' ? [] : [section(text(READ_ONLY[viewer], { italic: true }))]),
    ),
    ...renderFilters(home, taxonomy),
    ...(counts.shown === 0 ? renderNoMatch(open.total) : []),
    ...(counts.shown > 1 && viewer === 'member' ? [renderSeveralButton()] : []),
    ...flags.flatMap((card) => [
      { type: 'divider' as const },
      renderFlag(card, taxonomy, renderContext),
      ...(viewer === 'member' ? [renderActions(card, CONTROLS[card.state], taxonomy)] : []),
    ]),
    ...(pages > 1 ? renderPager({ page, pages, shown: counts.shown }) : []),
  ];
}

const describeTotal = (total: number) =>
  total === 1 ? '1 needs attention' : `${formatNumber(total)} need attention`;

const renderNoMatch = (total: number): HomeView['blocks'] => [
  richText(section(text(`None of the ${formatNumber(total)} matches these filters.`))),
  {
    type: 'actions',
    elements: [
      {
        type: 'button',
        action_id: HOME_FILTER.clear,
        text: plain(`Show all ${formatNumber(total)}`),
      },
    ],
  },
];

/** Says that all is done only if something was done, and nothing waits or is under way. */
function describeCalm({ channels, runs, underWay }: HomeFacts): string {
  const pending = channels.reduce((sum, channel) => sum + channel.pending, 0);
  const later = 'What needs attention appears here, and in the summaries of your channels.';
  if (pending > 0) {
    const are = pending === 1 ? 'is' : 'are';
    return `${count(pending, 'message')} ${are} not classified yet. ${later}`;
  }
  if (underWay.length > 0) return `Messages are being classified. ${later}`;
  return runs.length === 0 ? `Nothing has been classified yet. ${later}` : `All done. ${later}`;
}

/** What it is, where, and in one line its state and why it is flagged, as on its card. */
function renderFlag(
  card: CardFacts,
  taxonomy: Taxonomy,
  renderContext: RenderContext,
): RichTextBlock {
  const { channel, ts, threadTs, person } = card;
  const category = taxonomy.categories.find(({ key }) => key === card.category);
  const gist = gistOf(card, renderContext);
  const words = shorten(foldLines(toPlainText(card.text, renderContext.nameOf)), QUOTE_LENGTH);
  const { sign, state } = readStateOnCard(card, taxonomy, renderContext);
  const [standing, ...rest] = state;
  return richText(
    section(...sign, text('  '), bold(gist)),
    ...(words && !sayTheSame(words, gist) ? [quote(words)] : []),
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
      ...(standing ? [standing] : []),
      ...(card.state === 'open'
        ? [text(' since '), moment(card.openedAt, renderContext.timeZone)]
        : []),
      ...rest,
    ),
  );
}

/** None is green: among a dozen equal buttons, none should stand out. */
const renderActions = (card: CardFacts, controls: Control[], taxonomy: Taxonomy): ActionsBlock =>
  renderControls(card, controls, null, card.category, taxonomy, renderReasons(card));

function renderPager({
  page,
  pages,
  shown,
}: {
  page: number;
  pages: number;
  shown: number;
}): HomeView['blocks'] {
  const turn = (way: string, label: string, to: number) => ({
    type: 'button' as const,
    action_id: `${HOME_PAGE_ACTION}${way}`,
    text: plain(label),
    value: String(to),
  });
  const first = page * FLAGS_ON_PAGE;
  const last = Math.min(shown, first + FLAGS_ON_PAGE);
  return [
    richText(
      section(text(`${formatNumber(first + 1)}–${formatNumber(last)} of ${formatNumber(shown)}`)),
    ),
    {
      type: 'actions',
      elements: [
        ...(page > 0 ? [turn('previous', 'Previous', page - 1)] : []),
        ...(page < pages - 1 ? [turn('next', 'Next', page + 1)] : []),
      ],
    },
  ];
}

/** What the person has just done, with buttons to undo it at once after a slip. */
function renderJustDone(
  { justDone, viewer }: HomeFacts,
  taxonomy: Taxonomy,
  renderContext: RenderContext,
): HomeView['blocks'] {
  if (justDone.length === 0 || viewer !== 'member') return [];
  return [
    { type: 'divider' },
    richText(section(bold('You have just done'))),
    ...justDone.flatMap((card) => {
      const { channel, ts, threadTs, state } = card;
      return [
        richText(
          section(
            ...readStateOnCard(card, taxonomy, renderContext).sign,
            text(`  ${gistOf(card, renderContext)} · `),
            link(permalink(renderContext.workspaceUrl, channel, ts, threadTs), 'Open the message'),
          ),
        ),
        renderActions(card, CONTROLS[state], taxonomy),
      ];
    }),
  ];
}

/** What a person may change, but for what the guide has. */
function renderSettingsButtons({ channels, viewer, setUp }: HomeFacts): ActionsBlock[] {
  const mayChange = channels.length > 0 && viewer === 'member';
  const button = (action_id: string, label: string) => ({
    type: 'button' as const,
    action_id,
    text: plain(label),
  });
  const elements = [
    ...(mayChange && setUp?.scheduleSettled !== false ? [button(SETTINGS.open, 'Settings')] : []),
    ...(setUp?.key === 'own' && setUp.maySetKey ? [button(KEY.open, 'Anthropic key')] : []),
  ];
  return elements.length === 0 ? [] : [{ type: 'actions', elements }];
}

/** It is about what the filters show. */
const renderSeveralButton = (): ActionsBlock => ({
  type: 'actions',
  elements: [{ type: 'button', action_id: SEVERAL.open, text: plain('Dismiss several…') }],
});
