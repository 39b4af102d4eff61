import type { ModalView, SectionBlock } from '@slack/types';
import { count, escapeMrkdwn } from '../../../core/text.ts';
import type { ThemeMessage, ThemeView } from '../../../core/themes/themes.ts';
import { permalink } from '../../../core/timestamps.ts';
import { formatTheme } from '../actions.ts';
import { plain } from '../controls.ts';
import { namePerson, type RenderContext } from '../render-context.ts';
import { bold, richText, section, text } from '../rich-text.ts';
import { themeButton } from './row.ts';

/** The modal of one theme with its messages. */

/** @param notice why the last act was refused */
export function renderTheme(
  view: ThemeView,
  renderContext: RenderContext,
  notice?: string,
): ModalView {
  const { title, people, total, messages } = view;
  const taken = messages.filter(({ takenOutBy }) => takenOutBy !== null).length;
  const shown = messages.length - taken;
  const newest = total > shown ? `, the newest ${shown} of them` : '';
  return {
    type: 'modal',
    title: plain('Theme'),
    close: plain('Close'),
    blocks: [
      ...(notice ? [richText(section(bold(notice)))] : []),
      richText(
        section(bold(title || '(no title)')),
        section(
          text(
            total === 0
              ? 'No messages belong to it any more.'
              : `${count(people, 'person', 'people')} · ${count(total, 'message')} about this${newest}:`,
          ),
        ),
      ),
      ...messages.map((message) => renderMember(message, view, renderContext)),
    ],
  };
}

/** A section with a button cannot hold rich text, so the text is plain and the link is a field. */
function renderMember(
  { ts, threadTs, gist, takenOutBy }: ThemeMessage,
  { id, channel }: ThemeView,
  renderContext: RenderContext,
): SectionBlock {
  const address = escapeMrkdwn(permalink(renderContext.workspaceUrl, channel, ts, threadTs));
  const out = takenOutBy !== null;
  const who = out ? `Removed by ${namePerson(takenOutBy, renderContext)}: ` : '';
  return {
    type: 'section',
    block_id: formatTheme(id, ts),
    text: plain(`${who}${gist || '(no text)'}`),
    fields: [{ type: 'mrkdwn', text: `<${address}|view>` }],
    accessory: themeButton(out ? 'back' : 'out'),
  };
}
