import type { ActionsBlock, RichTextBlock, SectionBlock } from '@slack/types';
import { count, shorten } from '../../../core/text.ts';
import type { TopicFacts } from '../../../core/themes/topics.ts';
import { formatTopic } from '../actions.ts';
import { plain } from '../controls.ts';
import { namePerson, type RenderContext } from '../render-context.ts';
import { richText, section, text } from '../rich-text.ts';
import { themeButton } from './row.ts';

/** Topics: their asks in a line, and what people decide about them. */

const ASKS = 3;
const ASK_LENGTH = 40;
/** A shorter piece of a title says nothing: then fewer are shown. */
const ASK_LEAST = 12;
/** ` 12, ` */
const COUNT_LENGTH = 5;
const QUOTED_LENGTH = 60;

/**
 * `contacts 7, calls 5, all 3 and 2 more`: how many people say each.
 * @param room how long it may be, in characters; as many are shown as say something in it, at least one
 */
export function describeAsks({ asks }: Pick<TopicFacts, 'asks'>, room?: number): string {
  const countMore = (shown: number) =>
    asks.length > shown ? ` and ${asks.length - shown} more` : '';
  const say = (shown: number, length: number) =>
    asks
      .slice(0, shown)
      .map(({ title, people }) => `${shorten(title, length) || '(no title)'} ${people}`)
      .join(', ') + countMore(shown);
  const most = Math.min(asks.length, ASKS);
  if (room === undefined) return say(most, ASK_LENGTH);
  const lengthOf = (shown: number) =>
    Math.floor((room - countMore(shown).length) / shown) - COUNT_LENGTH;
  let shown = most;
  for (; shown > 1 && lengthOf(shown) < ASK_LEAST; shown--) {
    const whole = say(shown, ASK_LENGTH);
    if (whole.length <= room) return whole;
  }
  return say(shown, Math.max(ASK_LEAST, lengthOf(shown)));
}

/** `15 people · contacts 7, calls 5, all 3` */
export const describeTopic = (topic: TopicFacts): string =>
  `${count(topic.people, 'person', 'people')} · ${describeAsks(topic)}`;

/** A topic that people have accepted, with the button that takes it apart. */
export const renderTopic = (topic: TopicFacts, renderContext: RenderContext): SectionBlock => ({
  type: 'section',
  block_id: formatTopic(topic.id),
  text: plain(`${topic.title}: ${describeTopic(topic)}`),
  fields: [plain(`in 30 days · grouped by ${namePerson(topic.by, renderContext, 'a teammate')}`)],
  accessory: themeButton('ungroup'),
});

/** A topic that nobody has decided on. */
export function renderProposal(topic: TopicFacts): (RichTextBlock | ActionsBlock)[] {
  const asks = topic.asks.map(({ title }) => `“${shorten(title, QUOTED_LENGTH) || '(no title)'}”`);
  const shown = asks.slice(0, ASKS + 1).join(', ');
  const more = asks.length > ASKS + 1 ? ` and ${asks.length - ASKS - 1} more` : '';
  return [
    richText(
      section(
        text(`${shown}${more} may be one topic: `),
        text(topic.title, { bold: true }),
        text(`, ${count(topic.people, 'person', 'people')}.`),
      ),
    ),
    {
      type: 'actions',
      block_id: formatTopic(topic.id),
      elements: [themeButton('group'), themeButton('separate')],
    },
  ];
}
