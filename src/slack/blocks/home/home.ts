import type { ActionsBlock, HomeView, RichTextBlock } from '@slack/types';
import { FLAGS_ON_PAGE, type HomeFacts } from '../../../core/home.ts';
import type { CardFacts } from '../../../core/people/card.ts';
import type { Taxonomy } from '../../../core/runs/taxonomy.ts';
import { count, formatNumber, shorten, toPlainText } from '../../../core/text.ts';
import { permalink } from '../../../core/timestamps.ts';
import { SETTINGS } from '../actions.ts';
import { type Control, plain, renderControls } from '../controls.ts';
import { CONTROLS, describeFlag, describeLostFlag, gistOf, nameCategory } from '../people/card.ts';
import { nameAuthor, namePerson, type RenderContext } from '../render-context.ts';
import { bold, emoji, link, moment, quote, richText, section, text } from '../rich-text.ts';
import { renderBeginning } from './beginning.ts';
import { channelName, renderOverview } from './overview.ts';

/**
 * A person's Home tab: a page of what needs a person, with buttons; below it, what the bot has been
 * doing. It is always rendered as a whole, whatever it showed before.
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
            ...renderOverview(home, renderContext),
            ...(home.viewer === 'member' ? [renderSettingsButton()] : []),
          ]),
    ],
  };
}

const READ_ONLY = {
  guest: 'Guests can read along; ask a member to act on it.',
  foreign: 'People of other organizations can read along; ask a member to act on it.',
  unknown: 'Slack does not tell me who you are: you can read along. Ask a member to act on it.',
};

function renderOpen(
  home: HomeFacts,
  taxonomy: Taxonomy,
  renderContext: RenderContext,
): HomeView['blocks'] {
  const { open, flags, page, pages, viewer } = home;
  if (open.total === 0) {
    return [
      { type: 'header', text: plain('Nothing needs a person') },
      richText(section(text(describeCalm(home)))),
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
          : [text('Oldest: '), moment(open.oldestAt, renderContext.timeZone)]),
        text(open.claimed > 0 ? ` · ${formatNumber(open.claimed)} claimed` : ''),
        text(shown),
      ),
      ...(viewer === 'member' ? [] : [section(text(READ_ONLY[viewer], { italic: true }))]),
    ),
    ...flags.flatMap((card) => [
      { type: 'divider' as const },
      ...renderFlag(card, taxonomy, renderContext),
      ...(viewer === 'member' ? [renderActions(card, CONTROLS[card.state], taxonomy)] : []),
    ]),
    ...renderPager(page, pages),
  ];
}

/** Says that all is done only if something was done, and nothing waits. */
function describeCalm({ channels, runs }: HomeFacts): string {
  const pending = channels.reduce((sum, channel) => sum + channel.pending, 0);
  const later = 'What needs a person appears here, and in the summaries of your channels.';
  if (pending > 0) {
    const are = pending === 1 ? 'is' : 'are';
    return `${count(pending, 'message')} ${are} not classified yet. ${later}`;
  }
  return runs.length === 0 ? `Nothing has been classified yet. ${later}` : `All done. ${later}`;
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

const renderSettingsButton = (): ActionsBlock => ({
  type: 'actions',
  elements: [{ type: 'button', action_id: SETTINGS.open, text: plain('Settings') }],
});
