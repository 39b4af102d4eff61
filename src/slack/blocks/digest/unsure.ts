import type { ActionsBlock, Button, SectionBlock } from '@slack/types';
import type { Rendered } from '../../../core/delivery/effects.ts';
import type { Summary } from '../../../core/digest/digest.ts';
import { likeliestOf, type UnsureMessage } from '../../../core/digest/unsure.ts';
import type { Category, Taxonomy } from '../../../core/runs/taxonomy.ts';
import { escapeMrkdwn, foldLines, shorten, toPlainText } from '../../../core/text.ts';
import { permalink } from '../../../core/timestamps.ts';
import { formatTarget, UNSURE } from '../actions.ts';
import { plain } from '../controls.ts';
import { namePerson, type RenderContext } from '../render-context.ts';
import { bold, richText, section } from '../rich-text.ts';

/** The post that asks which category is right, where Claude was not sure. */

const TITLE = 'Not sure about these: which is right?';
const WORDS_LENGTH = 140;

export function renderUnsure(
  { channel, taxonomy }: Pick<Summary, 'channel' | 'taxonomy'>,
  unsure: UnsureMessage[],
  renderContext: RenderContext,
): Rendered {
  return {
    text: escapeMrkdwn(TITLE),
    blocks: [
      richText(section(bold(TITLE))),
      ...unsure.flatMap((message) => [
        renderMessage(message, channel, taxonomy, renderContext),
        renderChoice(message, channel, taxonomy),
      ]),
    ],
  };
}

/** The words are plain text, in which markup has no effect, and the link is a field. */
function renderMessage(
  { ts, threadTs, gist, text, answer }: UnsureMessage,
  channel: string,
  taxonomy: Taxonomy,
  renderContext: RenderContext,
): SectionBlock {
  const words = gist || shorten(foldLines(toPlainText(text, renderContext.nameOf)), WORDS_LENGTH);
  const address = escapeMrkdwn(permalink(renderContext.workspaceUrl, channel, ts, threadTs));
  const said = answer
    ? [
        plain(
          `${nameOf(answer.category, taxonomy)}, says ${namePerson(answer.person, renderContext)}`,
        ),
      ]
    : [];
  return {
    type: 'section',
    text: plain(words || '(no text)'),
    fields: [...said, { type: 'mrkdwn', text: `<${address}|view>` }],
  };
}

const nameOf = (key: string, { categories }: Taxonomy) =>
  categories.find((category) => category.key === key)?.name ?? key;

function renderChoice(message: UnsureMessage, channel: string, taxonomy: Taxonomy): ActionsBlock {
  const { ts, answer } = message;
  const [first, second] = likeliestOf(message, taxonomy);
  return {
    type: 'actions',
    block_id: formatTarget(channel, ts, answer?.category),
    elements: answer
      ? [{ type: 'button', action_id: UNSURE.undo, text: plain('Undo') }]
      : [
          ...(first ? [choice(UNSURE.first, first)] : []),
          ...(second ? [choice(UNSURE.second, second)] : []),
          { type: 'button', action_id: UNSURE.other, text: plain('Something else…') },
        ],
  };
}

const choice = (action_id: string, { key, name, emoji }: Category): Button => ({
  type: 'button',
  action_id,
  text: plain(emoji ? `:${emoji}: ${name}` : name, true),
  value: key,
});
