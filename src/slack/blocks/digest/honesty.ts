import type { ActionsBlock, PlainTextOption, SectionBlock } from '@slack/types';
import type { Rendered } from '../../../core/delivery/effects.ts';
import type { Asked, Summary } from '../../../core/digest/digest.ts';
import {
  type AskedMessage,
  type Figures,
  type Honesty,
  LEAST_ANSWERED,
} from '../../../core/people/honesty.ts';
import type { Category, Taxonomy } from '../../../core/runs/taxonomy.ts';
import { count, escapeMrkdwn, shorten, toPlainText } from '../../../core/text.ts';
import { permalink } from '../../../core/timestamps.ts';
import { formatHonesty, formatTarget, HONESTY } from '../actions.ts';
import { plain, toOption } from '../controls.ts';
import { describeDetails, describeOverall, howButton } from '../people/honesty.ts';
import { namePerson, type RenderContext } from '../render-context.ts';
import { bold, bullets, richText, section, text } from '../rich-text.ts';
import { POST_LENGTH } from './lists.ts';

/** In the thread: "Is this right?" about messages that were picked at random, and what came of it. */

const WORDS_LENGTH = 240;
const NAME_LENGTH = 24;
const PEOPLE_SHOWN = 3;

export function* renderQuestions(
  { channel, taxonomy }: Pick<Summary, 'channel' | 'taxonomy'>,
  { messages, categories }: Asked,
  honesty: Honesty | null,
  renderContext: RenderContext,
): Generator<Rendered> {
  const render = (message: AskedMessage) => [
    renderMessage(message, { channel, taxonomy }, renderContext),
    ...(message.over ? [] : [renderAnswers(message, channel, categories)]),
  ];
  const inPost = countInPost(render(longestOf(messages, categories)));
  for (let from = 0; from < messages.length; from += inPost) {
    const title = `Is this right? ${count(messages.length, 'message')} picked at random`;
    const part = from === 0 ? '' : ` · part ${from / inPost + 1}`;
    const heading = section(
      bold(`${title}${part}`),
      ...(from === 0 ? [text(`\n${describePurpose(honesty)}`)] : []),
    );
    yield {
      text: escapeMrkdwn(`${title}${part}`),
      blocks: [richText(heading), ...messages.slice(from, from + inPost).flatMap(render)],
    };
  }
}

/** The longest that a question can become, but for the names of those who answer. */
const longestOf = ([first]: AskedMessage[], categories: Category[]): AskedMessage => ({
  ts: '0000000000.000000',
  threadTs: '0000000000.000000',
  category: '',
  ...first,
  text: 'x'.repeat(WORDS_LENGTH),
  over: null,
  people: Array.from({ length: categories.length }, () => ''),
  last: 999_999_999,
});

/**
 * How many questions a post holds, whatever people answer: a question that moved to another post would not
 * be where somebody is about to press.
 */
function countInPost(longest: object[]): number {
  const names = 2 * PEOPLE_SHOWN * NAME_LENGTH;
  return Math.max(
    1,
    Math.floor((POST_LENGTH - HEADING_LENGTH) / (JSON.stringify(longest).length + names)),
  );
}

/** In characters of JSON, with the frame of a post. */
const HEADING_LENGTH = 500;

/** What others have answered is not shown: it would lead those who answer later. */
function describePurpose(honesty: Honesty | null): string {
  const purpose = 'Answers show how often verdicts are right, and teach.';
  if (honesty?.figures) return purpose;
  return `${purpose} Figures follow once ${LEAST_ANSWERED} messages are answered: ${honesty?.answered ?? 0} so far.`;
}

/** The words are plain text, in which markup has no effect, and the link is a field. */
function renderMessage(
  { ts, threadTs, text: raw, category: key, over, people }: AskedMessage,
  { channel, taxonomy }: Pick<Summary, 'channel' | 'taxonomy'>,
  renderContext: RenderContext,
): SectionBlock {
  const words = cut(toPlainText(raw, renderContext.nameOf)) || '(no text)';
  const address = escapeMrkdwn(permalink(renderContext.workspaceUrl, channel, ts, threadTs));
  const category = taxonomy.categories.find((one) => one.key === key);
  return {
    type: 'section',
    text: plain(over === 'deleted' ? '(deleted)' : words),
    fields: [
      category ? toOption(category).text : plain(key),
      ...(over === 'deleted' ? [] : [{ type: 'mrkdwn' as const, text: `<${address}|view>` }]),
      ...(people.length > 0 ? [plain(describePeople(people, renderContext))] : []),
      ...(over === 'edited' ? [plain('Edited since: no more answers')] : []),
    ],
  };
}

/** Quotes and backslashes take twice their length in a post. */
function cut(words: string): string {
  const whole = shorten(words, WORDS_LENGTH);
  const fits = JSON.stringify(whole).length <= WORDS_LENGTH + 20;
  return fits ? whole : shorten(words, WORDS_LENGTH / 2);
}

function describePeople(people: string[], renderContext: RenderContext): string {
  const names = people
    .slice(0, PEOPLE_SHOWN)
    .map((user) => shorten(namePerson(user, renderContext), NAME_LENGTH));
  const more = people.length - names.length;
  const all = more > 0 ? [...names, count(more, 'other')] : names;
  return `Answered by ${new Intl.ListFormat('en').format(all)}`;
}

function renderAnswers(
  { ts, category, people, last }: AskedMessage,
  channel: string,
  categories: Category[],
): ActionsBlock {
  const options: PlainTextOption[] = [
    ...categories.filter(({ key }) => key !== category).map((category) => toOption(category)),
    ...(people.length > 0 ? [{ text: plain('Take my answer back'), value: HONESTY.back }] : []),
  ];
  return {
    type: 'actions',
    block_id: formatTarget(channel, ts, `a${last}`),
    elements: [
      { type: 'button', action_id: HONESTY.right, text: plain('Right') },
      {
        type: 'static_select',
        action_id: HONESTY.wrong,
        placeholder: plain('Wrong: it is…'),
        options,
      },
    ],
  };
}

/** The post of the thread that says how often verdicts are right. */
export function renderFiguresPost(
  { channel, taxonomy }: { channel: string; taxonomy: Taxonomy },
  run: number,
  figures: Figures,
): Rendered {
  const overall = describeOverall(figures);
  return {
    text: escapeMrkdwn(overall),
    blocks: [
      richText(
        section(bold(overall)),
        bullets(describeDetails(figures, taxonomy).map((words) => section(text(words)))),
      ),
      {
        type: 'actions',
        block_id: formatHonesty(channel, run),
        elements: [howButton()],
      },
    ],
  };
}

/** The line of the summary itself. */
export const renderFiguresLine = (
  channel: string,
  run: number,
  figures: Figures,
): SectionBlock => ({
  type: 'section',
  block_id: formatHonesty(channel, run),
  text: plain(describeOverall(figures)),
  accessory: howButton('How counted?'),
});
