import type { ModalView, RichTextElement, RichTextSection } from '@slack/types';
import type { Explanation } from '../../../core/people/card.ts';
import { KINDS, type Kind } from '../../../core/privacy/span.ts';
import type { Taxonomy } from '../../../core/runs/taxonomy.ts';
import { count, cutMiddle, shorten, toPlainText } from '../../../core/text.ts';
import { permalink } from '../../../core/timestamps.ts';
import { plain } from '../controls.ts';
import { describeLaneReason } from '../lane.ts';
import { namePerson, type RenderContext } from '../render-context.ts';
import {
  bold,
  bullets,
  emoji,
  link,
  moment,
  quoteAll,
  richText,
  section,
  text,
} from '../rich-text.ts';
import { countPeople } from '../themes/row.ts';
import { describeFlag } from './card.ts';
import { describeDismissal } from './dismissal.ts';

/** *Why?*: the modal that explains what a verdict is based on. */

/** As much of a message as Claude sees, in characters: see claude/prompt.ts. */
const WORDS_LENGTH = 8_000;
const EXAMPLE_LENGTH = 200;

export function renderWhy(
  explanation: Explanation,
  taxonomy: Taxonomy,
  renderContext: RenderContext,
  replaced: ReadonlyMap<Kind, number> = new Map(),
): ModalView {
  // No model means that only a person has judged the message.
  const { channel, ts, threadTs, edited, model } = explanation;
  const address = permalink(renderContext.workspaceUrl, channel, ts, threadTs);
  const words = cutMiddle(toPlainText(explanation.text, renderContext.nameOf), WORDS_LENGTH);
  return {
    type: 'modal',
    title: plain('Why this verdict?'),
    close: plain('Close'),
    blocks: [
      richText(
        section(
          bold(edited ? 'What it says now' : 'What was classified'),
          text(' · '),
          link(address, 'Open the message'),
        ),
        quoteAll(words || '(no text)'),
        ...(edited
          ? [italic('It was edited after it was classified: the earlier words are not kept.')]
          : []),
        ...(replaced.size > 0 ? [italic(describeReplaced(replaced, nameJudge(model)))] : []),
      ),
      richText(
        section(bold('The verdict')),
        section(
          ...nameCategories(explanation, taxonomy),
          text(` · ${explanation.sentiment} sentiment · ${explanation.urgency} urgency`),
        ),
        ...(explanation.gist ? [section(text(explanation.gist, { italic: true }))] : []),
        section(...renderWhose(explanation, taxonomy, renderContext)),
      ),
      ...renderTheme(explanation),
      richText(
        section(bold('The rule')),
        ...listRules(explanation, taxonomy),
        section(text(describeNeed(explanation, taxonomy, renderContext))),
        ...renderDismissed(explanation, renderContext),
      ),
      ...(model ? [richText(...renderExamples(explanation, taxonomy, renderContext))] : []),
      richText(
        section(
          text(
            `${model ? `${model} · ` : ''}taxonomy ${explanation.taxonomyVersion} · classified `,
          ),
          moment(explanation.judgedAt, renderContext.timeZone),
          ...(model && explanation.lane
            ? [text(describeLane(explanation.lane, renderContext))]
            : []),
        ),
      ),
    ],
  };
}

const REPLACED: Record<Kind, [string, string]> = {
  email: ['e-mail address', 'e-mail addresses'],
  phone: ['phone number', 'phone numbers'],
  card: ['card number', 'card numbers'],
  iban: ['IBAN', 'IBANs'],
  key: ['key or password', 'keys or passwords'],
  ip: ['IP address', 'IP addresses'],
  number: ['long number', 'long numbers'],
};

/** `Before Claude saw it, 1 e-mail address and 2 phone numbers were replaced.` */
function describeReplaced(replaced: ReadonlyMap<Kind, number>, judge: string): string {
  const parts = KINDS.flatMap((kind) => {
    const found = replaced.get(kind);
    return found ? [count(found, ...REPLACED[kind])] : [];
  });
  const total = [...replaced.values()].reduce((sum, found) => sum + found, 0);
  const list = new Intl.ListFormat('en').format(parts);
  return `Before ${judge} saw it, ${list} ${total === 1 ? 'was' : 'were'} replaced.`;
}

function describeLane(
  { lane, reason, by }: NonNullable<Explanation['lane']>,
  renderContext: RenderContext,
): string {
  const why = describeLaneReason(reason, by, renderContext);
  return lane === 'batch' ? ` · in a batch: ${why}` : ` · at once: ${why}`;
}

/** What a single person says is not shown as a theme. */
function renderTheme({ theme }: Explanation) {
  if (!theme || theme.people < 2) return [];
  return [
    richText(
      section(bold('The theme')),
      section(text(`${theme.title} · ${countPeople(theme.people, theme.messages)}`)),
    ),
  ];
}

/**
 * Another service may answer at the address that is set for Claude: then its verdicts bear the name that it
 * gives itself.
 */
const nameJudge = (model: string) =>
  /^claude\b/i.test(model) ? 'Claude' : model.replaceAll('-', ' ');

const capitalize = (words: string) => words.replace(/^\p{L}/u, (letter) => letter.toUpperCase());

/** Whose verdict it is, and how sure its judge was. */
function renderWhose(
  { person, category, also, claudeCategory, claudeAlso, confidence, model }: Explanation,
  taxonomy: Taxonomy,
  renderContext: RenderContext,
): RichTextElement[] {
  const sure = `${Math.round(confidence * 100)}% sure`;
  const judge = nameJudge(model);
  if (person === null) return [text(`By ${judge}, ${sure}.`)];
  const who = namePerson(person, renderContext, 'A teammate');
  if (claudeCategory === null) return [text(`The category was set by ${who}.`)];
  return claudeCategory === category && claudeAlso === also
    ? [text(`By ${judge}, ${sure}. ${who} confirmed the category.`)]
    : [
        text(`${who} set the category. ${capitalize(judge)} had said `),
        ...nameCategories({ category: claudeCategory, also: claudeAlso }, taxonomy),
        text(`, ${sure}.`),
      ];
}

function describeNeed(
  explanation: Explanation,
  taxonomy: Taxonomy,
  renderContext: RenderContext,
): string {
  const flag = describeFlag(explanation, taxonomy, renderContext);
  if (flag) return `${flag}.`;
  // A flag stays open when the category is corrected.
  const category = explanation.claudeCategory ?? explanation.category;
  const earlier = describeFlag({ ...explanation, category }, taxonomy, renderContext);
  return earlier
    ? `${earlier}, under the category that ${nameJudge(explanation.model)} had given it.`
    : 'Not flagged: no rule says that it needs attention.';
}

function renderDismissed(
  { dismissed }: Explanation,
  renderContext: RenderContext,
): RichTextSection[] {
  if (!dismissed) return [];
  const who = namePerson(dismissed.by, renderContext);
  return [section(text(`${describeDismissal(who, dismissed.reason)}.`))];
}

function renderExamples({ examples }: Explanation, taxonomy: Taxonomy, { nameOf }: RenderContext) {
  if (examples.length === 0) {
    return [section(bold('Examples')), italic('No examples were shown with it.')];
  }
  const items = examples.map(({ text: raw, ...example }) =>
    section(
      text(`${shorten(toPlainText(raw, nameOf), EXAMPLE_LENGTH) || '(no text)'} · `),
      ...nameCategories(example, taxonomy),
    ),
  );
  return [section(bold('Examples that were shown with it')), bullets(items)];
}

/** What each of its categories means. */
function listRules({ category, also }: Explanation, { categories }: Taxonomy): RichTextSection[] {
  return [category, ...(also === null ? [] : [also])].map((key) => {
    const rule = categories.find((one) => one.key === key);
    return section(
      text(
        rule
          ? `${rule.name}: ${rule.meaning}${rule.not ? ` Not: ${rule.not}` : ''}`
          : 'The categories have changed since: this one is no longer among them.',
      ),
    );
  });
}

/** `🐛 Bug`, or `🐛 Bug, also 💡 Feature request`. */
const nameCategories = (
  { category, also }: { category: string; also: string | null },
  taxonomy: Taxonomy,
): RichTextElement[] => [
  ...nameCategory(category, taxonomy),
  ...(also === null ? [] : [text(', also '), ...nameCategory(also, taxonomy)]),
];

function nameCategory(key: string, taxonomy: Taxonomy): RichTextElement[] {
  const category = taxonomy.categories.find((candidate) => candidate.key === key);
  return [
    ...(category?.emoji ? [emoji(category.emoji), text(' ')] : []),
    bold(category?.name ?? key),
  ];
}

const italic = (words: string): RichTextSection => section(text(words, { italic: true }));
