import type { Button, ModalView, RichTextElement, RichTextSection } from '@slack/types';
import { DAY_MS } from '../../../core/durations.ts';
import {
  type CategoryHonesty,
  type Figures,
  type Honesty,
  LEAST_ANSWERED,
  PERIOD_MS,
  RECENT_MS,
} from '../../../core/people/honesty.ts';
import type { Estimate, Interval } from '../../../core/proportions.ts';
import type { Taxonomy } from '../../../core/runs/taxonomy.ts';
import { count, formatNumber, shorten } from '../../../core/text.ts';
import { HONESTY } from '../actions.ts';
import { plain } from '../controls.ts';
import { formatDate } from '../digest/summary-words.ts';
import type { RenderContext } from '../render-context.ts';
import { bold, bullets, emoji, richText, section, text } from '../rich-text.ts';

/** The words for how often verdicts are right, and the modal that explains how that is counted. */

const percent = (share: number) => `${Math.round(100 * share)}%`;

const between = ({ low, high }: Interval) => `between ${percent(low)} and ${percent(high)}`;

const describeEstimate = ({ share, ...interval }: Estimate) =>
  `${percent(share)}, ${between(interval)}`;

/** `Right on 43 of 50 (86%, between 74% and 93%)`. */
export const describeOverall = ({ right, overall, categories }: Figures): string => {
  const answered = categories.reduce((sum, one) => sum + one.answered, 0);
  return `Right on ${formatNumber(right)} of ${formatNumber(answered)} (${describeEstimate(overall)})`;
};

/** What else there is to say, a line each. */
export const describeDetails = (figures: Figures, taxonomy: Taxonomy): string[] => [
  `By category: ${figures.categories
    .filter(({ answered }) => answered > 0)
    .map(({ category, right, answered }) => `${nameOf(category, taxonomy)} ${right} of ${answered}`)
    .join(' · ')}`,
  ...describeTrend(figures),
  ...describeAgreement(figures),
];

const nameOf = (key: string, { categories }: Taxonomy) =>
  categories.find((category) => category.key === key)?.name ?? key;

const CHANGES = { better: ': better', worse: ': worse', unclear: ', which may be chance' };

function describeTrend({ trend }: Figures): string[] {
  if (!trend) return [];
  const { recent, before, change } = trend;
  const same = percent(recent.share) === percent(before.share);
  const words = same ? ': no change' : CHANGES[change];
  return [
    `Last ${RECENT_MS / (7 * DAY_MS)} weeks ${percent(recent.share)}, before ${percent(before.share)}${words}`,
  ];
}

function describeAgreement({ agreement: { messages, agreed } }: Figures): string[] {
  if (messages === 0) return [];
  return [
    `Agreement: ${count(messages, 'message')} answered by two or more people, who said the same on ${agreed}`,
  ];
}

/** @param label a short one where it stands beside the figures */
export const howButton = (label = 'How is this counted?'): Button => ({
  type: 'button',
  action_id: HONESTY.how,
  text: plain(label),
});

const WAYS = [
  'With the first summary of a week, 10 messages are picked at random from what was classified since the last time: one of each category or more, in proportion to their sizes.',
  'Only answers to these messages count. What people correct elsewhere is mostly what is wrong, so it would say nothing about the rest.',
  'Each person has one answer for a message: their newest. A message counts as right when more than half of its answers say so, and as wrong when as many say yes as no.',
  'Small categories are asked about more often than they occur. The percentage of all therefore counts each category by its share of all messages, and can differ from what the two numbers alone would give.',
  'The truth lies between the two bounds in about 95 of 100 such samples. They are Wilson’s, for the number of messages that a sample without categories would need to say as much (Kish’s effective sample size).',
  `The last ${PERIOD_MS / DAY_MS} days count, also what another model or other categories judged.`,
  `The trend compares the last ${RECENT_MS / (7 * DAY_MS)} weeks with those before, by the categories that were answered in both, and needs ${LEAST_ANSWERED} answered messages in each. It is called better or worse only when it is hardly chance.`,
  'Agreement is the number of messages on which all who answered chose the same category.',
];

/** *How is this counted?* @param honesty null: nothing was ever drawn */
export function renderHonesty(
  honesty: Honesty | null,
  taxonomy: Taxonomy,
  renderContext: RenderContext,
): ModalView {
  const figures = honesty?.figures;
  return {
    type: 'modal',
    title: plain('How this is counted'),
    close: plain('Close'),
    blocks: [
      richText(
        section(bold(figures ? describeOverall(figures) : 'Not enough answers yet')),
        section(text(describeSample(honesty, renderContext))),
      ),
      ...(figures ? renderFigures(figures, taxonomy) : []),
      richText(section(bold('How it is counted')), bullets(WAYS.map((way) => section(text(way))))),
      richText(
        section(bold('What it does not count')),
        bullets(describeMissing(honesty, taxonomy).map((words) => section(text(words)))),
      ),
    ],
  };
}

function describeSample(honesty: Honesty | null, renderContext: RenderContext): string {
  if (!honesty) return 'The first messages are picked with the first summary of a week.';
  const { from, to, drawn, answered, figures } = honesty;
  const day = (at: number) => formatDate(at, to, renderContext);
  const sample = `${count(drawn, 'message')} picked at random from ${day(from)} to ${day(to)}, ${formatNumber(answered)} answered`;
  if (!figures) {
    return `${sample}. Figures are shown once ${LEAST_ANSWERED} are answered: fewer say little.`;
  }
  const otherwise = figures.judgedOtherwise;
  const old =
    otherwise === 0
      ? ''
      : ` ${formatNumber(otherwise)} of these ${otherwise === 1 ? 'was' : 'were'} judged by another model, or under other categories, than the newest.`;
  return `${sample} by ${count(figures.people, 'person', 'people')}.${old}`;
}

function renderFigures(figures: Figures, taxonomy: Taxonomy) {
  const others = [...describeTrend(figures), ...describeAgreement(figures)];
  return [
    richText(
      section(bold('By category')),
      bullets(figures.categories.map((one) => renderCategory(one, taxonomy))),
    ),
    ...(others.length > 0 ? [richText(bullets(others.map((words) => section(text(words)))))] : []),
  ];
}

function renderCategory(
  { category: key, answered, right, share, interval }: CategoryHonesty,
  taxonomy: Taxonomy,
): RichTextSection {
  const category = taxonomy.categories.find((one) => one.key === key);
  const sign: RichTextElement[] = category?.emoji ? [emoji(category.emoji), text(' ')] : [];
  const words = interval
    ? `right on ${right} of ${answered} (${between(interval)})`
    : 'no answers yet';
  return section(
    ...sign,
    bold(category?.name ?? key),
    text(`: ${words} · ${describeShare(share)} of all messages`),
  );
}

const describeShare = (share: number) => (share < 0.005 ? 'less than 1%' : percent(share));

function describeMissing(honesty: Honesty | null, taxonomy: Taxonomy): string[] {
  const silent = honesty ? honesty.drawn - honesty.answered : 0;
  const figures = honesty?.figures;
  const unknown = figures?.categories.filter(({ answered }) => answered === 0) ?? [];
  const share = unknown.reduce((sum, one) => sum + one.share, 0);
  return [
    'Messages that somebody had judged before they could be picked: mistakes that people mend at once are missing, so the figure may be a little too high.',
    ...(silent > 0 ? [`${count(silent, 'picked message')} that nobody has answered.`] : []),
    ...(unknown.length > 0
      ? [
          `Categories without an answer: ${shorten(unknown.map(({ category }) => nameOf(category, taxonomy)).join(', '), 300)} (${describeShare(share)} of all messages).`,
        ]
      : []),
    'Answers about a text that was edited after it was picked: nobody can give any from then on.',
    'Urgency, sentiment and the one-line gist: people are asked about the category only.',
  ];
}
