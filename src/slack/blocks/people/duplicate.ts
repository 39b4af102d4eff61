import type { ModalView } from '@slack/types';
import { shorten, toPlainText } from '../../../core/text.ts';
import { DUPLICATE_VIEW } from '../actions.ts';
import { plain } from '../controls.ts';
import type { RenderContext } from '../render-context.ts';
import { richText, section, text } from '../rich-text.ts';

/** The modal that says which message another one repeats. */

export const DUPLICATE = { block: 'original', choice: 'original_ts' } as const;

/** Slack's limits, November 2026: radio buttons in a group; characters of an option. */
export const DUPLICATES_SHOWN = 10;
const OPTION_LENGTH = 75;

/** @param metadata what the submission has to know again */
export function renderDuplicate(
  similar: { ts: string; gist: string; text: string }[],
  metadata: string,
  { nameOf }: RenderContext,
): ModalView {
  const frame = { type: 'modal' as const, title: plain('Duplicate of…') };
  if (similar.length === 0) {
    const words = 'No message that needs attention says something similar.';
    return { ...frame, close: plain('Close'), blocks: [richText(section(text(words)))] };
  }
  return {
    ...frame,
    callback_id: DUPLICATE_VIEW,
    private_metadata: metadata,
    close: plain('Cancel'),
    submit: plain('Save'),
    blocks: [
      {
        type: 'input',
        block_id: DUPLICATE.block,
        label: plain('Which message says the same?'),
        element: {
          type: 'radio_buttons',
          action_id: DUPLICATE.choice,
          options: similar.map(({ ts, gist, text: raw }) => {
            const words = toPlainText(raw, nameOf);
            const title = shorten(gist || words, OPTION_LENGTH) || '(no text)';
            const more = shorten(words, OPTION_LENGTH);
            return {
              text: plain(title),
              value: ts,
              ...(more && more !== title && { description: plain(more) }),
            };
          }),
        },
      },
    ],
  };
}
