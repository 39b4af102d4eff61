import type { Button, InputBlock, ModalView, PlainTextOption } from '@slack/types';
import {
  type CategoryRow,
  type Field,
  MAX_CATEGORIES,
  MEANING_LENGTH,
  NAME_LENGTH,
  NOT_LENGTH,
  type Problems,
  type SettingsForm,
} from '../../../core/settings/form.ts';
import { EVERY_HOURS } from '../../../core/settings/schedule-form.ts';
import { formatUsdUp } from '../../../core/text.ts';
import { REHEARSAL, SETTINGS } from '../actions.ts';
import { plain } from '../controls.ts';
import { describeGoneEmoji } from '../holds.ts';
import { nameDefaults } from '../operator.ts';
import { namePerson, type RenderContext } from '../render-context.ts';
import { bold, moment, richText, section, text } from '../rich-text.ts';

/**
 * The settings modal. Until it is saved, edits exist only in its inputs. The ids of its blocks name
 * the settings change that it shows, so that Slack drops what was typed over older settings.
 */

export interface ShownSettings {
  form: SettingsForm;
  /** The last change; null if nobody has changed them. */
  change: { id: number; changedBy: string; changedAt: number } | null;
  /** Whether they were saved in Slack and so override the environment. */
  saved: boolean;
  /** The reader's time zone. */
  theirZone: string;
  /** What both ways of judging would have cost last month at most, in US dollars; null: not known. */
  prices: { batch: number | null; express: number | null };
  /** The emoji that the workspace does not have, by name. */
  goneEmoji: string[];
  /** The reader's rehearsal that is done and waits for them. */
  tried?: number;
  /** Why the last action was refused. */
  notice?: string;
}

/** The block id of an input. */
const formatBlockId = (change: number, field: Field) => `s${change}-${field}`;

/** The input that a block id belongs to; undefined for any other id. */
export function parseBlockId(id: string): { change: number; field: string } | undefined {
  const match = /^s(\d+)-(\w+|(?:c-[a-z][a-z0-9_]*|new\d+)-(?:name|emoji|meaning))$/.exec(id);
  return match ? { change: Number(match[1]), field: match[2] ?? '' } : undefined;
}

/** The action id of every input. */
export const INPUT = 'settings_input';

export const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

const option = (value: string, label: string): PlainTextOption => ({ text: plain(label), value });

const DAY_OPTIONS = DAYS.map((name, index) => option(String(index + 1), name));

const EVERY_OPTIONS = [
  option('never', 'Never'),
  ...EVERY_HOURS.map((hours) =>
    option(String(hours), hours === 1 ? 'Every hour' : `Every ${hours} hours`),
  ),
];

const LOOP_OPTIONS = [option('on', 'Tell the person who reported a message when it is resolved')];

const comeOptions = ({ batch, express }: ShownSettings['prices']): PlainTextOption[] => [
  option('off', `With the next run${describeMonth(batch)}`),
  option('on', `As they come${describeMonth(express)}`),
];

const describeMonth = (usd: number | null) =>
  usd === null ? '' : ` (last month's messages: at most ${formatUsdUp(usd)})`;

export function renderSettings(shown: ShownSettings, renderContext: RenderContext): ModalView {
  const { form, change } = shown;
  const id = change?.id ?? 0;
  const input = (
    field: Field,
    label: string,
    element: InputBlock['element'],
    { hint, optional = true }: { hint?: string; optional?: boolean } = {},
  ): InputBlock => ({
    type: 'input',
    block_id: formatBlockId(id, field),
    label: plain(label),
    optional,
    ...(hint && { hint: plain(hint) }),
    element: { ...element, action_id: INPUT },
  });
  return {
    type: 'modal',
    callback_id: SETTINGS.save,
    private_metadata: String(id),
    title: plain('Settings'),
    submit: plain('Save'),
    close: plain('Cancel'),
    blocks: [
      ...renderIntro(shown, renderContext),
      header('When'),
      input('days', 'Summary on', {
        type: 'checkboxes',
        options: DAY_OPTIONS,
        ...chosen(DAY_OPTIONS, form.days.map(String)),
      }),
      input('time', 'Summary at', {
        type: 'timepicker',
        ...(form.time && { initial_time: form.time }),
      }),
      input('summaryCron', 'Or by a cron pattern', textInput(form.summaryCron), {
        hint: 'It replaces the days and the time above. Five fields, such as 0 9 * * 1-5.',
      }),
      input('timeZone', 'Time zone', textInput(form.timeZone), {
        hint: `For all times in this form: a city, or a name such as Europe/Paris. Yours is ${shown.theirZone}.`,
        optional: false,
      }),
      input(
        'classifyEvery',
        'Classify in between, without a summary',
        {
          type: 'static_select',
          options: EVERY_OPTIONS,
          ...selected(EVERY_OPTIONS, form.classifyEvery),
        },
        { hint: 'Reactions appear sooner; the next summary includes the results.' },
      ),
      input('classifyCron', 'Or by a cron pattern', textInput(form.classifyCron), {
        hint: 'It replaces the choice above.',
      }),
      input(
        'asTheyCome',
        'Classify new messages',
        {
          type: 'radio_buttons',
          options: comeOptions(shown.prices),
          initial_option: comeOptions(shown.prices)[form.asTheyCome ? 1 : 0],
        },
        {
          hint: 'As they come: within seconds each has its reaction, and a card if it needs attention.',
          optional: false,
        },
      ),
      header('What needs attention'),
      input('rules', 'When one of these fits', textInput(form.rules, { multiline: true }), {
        hint: 'One per line: a category, an urgency (low, medium, high), a sentiment (positive, neutral, negative), or several of them separated by commas.',
      }),
      input(
        'remindHours',
        'Remind about untouched messages after this many hours',
        {
          type: 'number_input',
          is_decimal_allowed: true,
          min_value: '0',
          ...(form.remindHours && { initial_value: form.remindHours }),
        },
        { hint: '0: never.', optional: false },
      ),
      input('closeTheLoop', 'When it is done', {
        type: 'checkboxes',
        options: LOOP_OPTIONS,
        ...chosen(LOOP_OPTIONS, form.closeTheLoop ? ['on'] : []),
      }),
      header('Categories'),
      richText(
        section(
          text(
            'Claude sorts by what you say of each; after "Not:" say what looks like it and belongs elsewhere. Clear a name to remove its category. A category without an emoji is not feedback: its messages are counted and listed, nothing more.',
          ),
        ),
      ),
      ...form.categories.flatMap((row, index) => renderRow(row, index + 1, input)),
      ...(form.categories.length < MAX_CATEGORIES
        ? [actions('settings-add', button(SETTINGS.add, 'Add a category'))]
        : []),
      richText(
        section(
          text(
            'Before you save changed categories or rules, you can try them on recent messages. Nothing in a channel changes.',
          ),
        ),
      ),
      actions('settings-try', button(REHEARSAL.try, 'Try them first…')),
    ],
  };
}

function renderIntro(
  { change, saved, goneEmoji, notice, tried }: ShownSettings,
  renderContext: RenderContext,
): ModalView['blocks'] {
  const who = change && namePerson(change.changedBy, renderContext);
  const defaults = nameDefaults(renderContext.hosted);
  const words = saved
    ? `They override ${defaults}.`
    : `They come from ${defaults}; what you save here overrides them.`;
  return [
    ...(notice ? [richText(section(bold(notice)))] : []),
    ...(goneEmoji.length > 0 ? [richText(section(bold(describeGoneEmoji(goneEmoji))))] : []),
    richText(
      section(
        text(`They apply to all channels at once. ${words}`),
        ...(change
          ? [
              text(` Last changed by ${who}, `),
              moment(change.changedAt, renderContext.timeZone),
              text('.'),
            ]
          : []),
      ),
    ),
    ...(tried === undefined
      ? []
      : [
          actions('settings-tried', {
            ...button(REHEARSAL.show, 'Show the result of your trial'),
            value: String(tried),
          }),
        ]),
    ...(saved
      ? [
          actions('settings-reset', {
            ...button(SETTINGS.reset, 'Use the defaults'),
            confirm: {
              title: plain(`Use ${defaults}?`),
              text: plain('What was saved here no longer applies, categories included.'),
              confirm: plain('Use them'),
              deny: plain('Cancel'),
            },
          }),
        ]
      : []),
  ];
}

function renderRow(
  { row, name, emoji, meaning }: CategoryRow,
  number: number,
  input: (field: Field, label: string, element: InputBlock['element']) => InputBlock,
): InputBlock[] {
  return [
    input(`${row}-name`, `Category ${number}`, textInput(name, { max_length: NAME_LENGTH })),
    input(`${row}-emoji`, `Emoji of category ${number}`, {
      ...textInput(emoji),
      placeholder: plain(':bug:'),
    }),
    input(
      `${row}-meaning`,
      `What belongs to category ${number}`,
      textInput(meaning, { multiline: true, max_length: MEANING_LENGTH.max + NOT_LENGTH.max + 10 }),
    ),
  ];
}

/** Adds an empty row with an unused key. */
export function addRow(form: SettingsForm): SettingsForm {
  const rows = new Set(form.categories.map(({ row }) => row));
  let n = 1;
  while (rows.has(`new${n}`)) n++;
  const row = { row: `new${n}`, name: '', emoji: '', meaning: '' };
  return { ...form, categories: [...form.categories, row].slice(0, MAX_CATEGORIES) };
}

/** The problems by block id, which Slack shows beside the inputs. */
export const renderProblems = (change: number, problems: Problems): Record<string, string> =>
  Object.fromEntries([...problems].map(([field, why]) => [formatBlockId(change, field), why]));

const header = (words: string) => ({ type: 'header' as const, text: plain(words) });

const button = (action_id: string, label: string): Button => ({
  type: 'button',
  action_id,
  text: plain(label),
});

const actions = (block_id: string, element: Button) => ({
  type: 'actions' as const,
  block_id,
  elements: [element],
});

const textInput = (value: string, more: { multiline?: true; max_length?: number } = {}) => ({
  type: 'plain_text_input' as const,
  ...more,
  ...(value && { initial_value: value }),
});

function selected(options: PlainTextOption[], value: string | null) {
  const found = options.find((candidate) => candidate.value === value);
  return found && { initial_option: found };
}

function chosen(options: PlainTextOption[], values: string[]) {
  const found = options.filter(({ value }) => value !== undefined && values.includes(value));
  return found.length > 0 ? { initial_options: found } : {};
}
