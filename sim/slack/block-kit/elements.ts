// Interactive elements and their parts. Limits: docs.slack.dev/reference/block-kit and the
// comments of @slack/types 3.2 (2026-11).
import { isDeepStrictEqual } from 'node:util';
import { isObject, type JsonObject } from '../types.ts';
import {
  byType,
  type Check,
  fields,
  flag,
  list,
  number,
  type Rule,
  report,
  text,
  textObject,
} from './rules.ts';

const plain = (max: number): Rule => textObject({ only: 'plain_text', max });
const actionId = text({ min: 1, max: 255 });
const url = text({ min: 1, max: 3000, pattern: /^(https?|mailto|tel|slack):/ });
const confirm = fields(
  { title: plain(100), text: textObject({ max: 300 }), confirm: plain(30), deny: plain(30) },
  { style: text({ oneOf: ['primary', 'danger'] }) },
);
const style = text({ oneOf: ['primary', 'danger'] });

const option = (words: Rule): Rule =>
  fields({ text: words, value: text({ min: 1, max: 150 }) }, { description: plain(75), url });
const plainOption = option(plain(75));
const anyOption = option(textObject({ max: 75 }));
const optionGroup = fields({ label: plain(75), options: list(plainOption, { min: 1, max: 100 }) });

export const image: Rule = fields(
  { alt_text: text({ min: 1, max: 2000 }) },
  {
    image_url: text({ min: 1, max: 3000, pattern: /^https?:/ }),
    slack_file: fields({}, { id: text({ min: 1 }), url: text({ min: 1 }) }),
  },
  (value, path, check) => {
    if ((value.image_url === undefined) === (value.slack_file === undefined)) {
      report(check, path, 'must define either `image_url` or `slack_file`');
    }
  },
);

/** An image used as an element of another block. */
export const imageElement: Rule = byType({ image }, 'element');

const acts = { action_id: actionId, confirm };
const focuses = { ...acts, focus_on_load: flag };
const chooses = { ...focuses, placeholder: plain(150) };
const many = { ...chooses, max_selected_items: number({ min: 1, integer: true }) };
const types = {
  action_id: actionId,
  focus_on_load: flag,
  placeholder: plain(150),
  dispatch_action_config: fields({}, { trigger_actions_on: list(text()) }),
};
const word = text({ min: 1 });

function eitherOptions(value: JsonObject, path: string, check: Check): void {
  if ((value.options === undefined) === (value.option_groups === undefined)) {
    report(check, path, 'must define either `options` or `option_groups`');
  }
  initialAmongOptions(value, path, check);
}

/** What is chosen at first has to be exactly one of the options, in all of its fields. */
function initialAmongOptions(value: JsonObject, path: string, check: Check): void {
  const groups = Array.isArray(value.option_groups) ? value.option_groups : [];
  const options = [value.options, ...groups.map((group) => isObject(group) && group.options)];
  const known = options.filter(Array.isArray).flat();
  for (const key of ['initial_option', 'initial_options']) {
    const chosen = [value[key] ?? []].flat();
    if (chosen.some((one) => !known.some((option) => isDeepStrictEqual(option, one)))) {
      report(check, `${path}/${key}`, 'must match one of the options');
    }
  }
}

const selectOptions = {
  options: list(plainOption, { min: 1, max: 100 }),
  option_groups: list(optionGroup, { min: 1, max: 100 }),
};
const filter = fields(
  {},
  { include: list(word), exclude_external_shared_channels: flag, exclude_bot_users: flag },
);

const button: Rule = fields(
  { text: plain(75) },
  { ...acts, url, value: text({ max: 2000 }), style, accessibility_label: text({ max: 75 }) },
);

const overflow = fields({ options: list(plainOption, { min: 1, max: 5 }) }, acts);
const datepicker = fields({}, { ...chooses, initial_date: text({ pattern: /^\d{4}-\d\d-\d\d$/ }) });
const timepicker = fields(
  {},
  { ...chooses, initial_time: text({ pattern: /^\d\d:\d\d$/ }), timezone: word },
);
const datetimepicker = fields({}, { ...focuses, initial_date_time: number({ integer: true }) });
const checkboxes = fields(
  { options: list(anyOption, { min: 1, max: 10 }) },
  { ...focuses, initial_options: list(anyOption, { min: 1, max: 10 }) },
  initialAmongOptions,
);
const radioButtons = fields(
  { options: list(anyOption, { min: 1, max: 10 }) },
  { ...focuses, initial_option: anyOption },
  initialAmongOptions,
);
const richTextInput = fields(
  {},
  { ...types, initial_value: () => {}, min_lines: number(), max_lines: number() },
);

const selects: Record<string, Rule> = {
  static_select: fields(
    {},
    { ...chooses, ...selectOptions, initial_option: plainOption },
    eitherOptions,
  ),
  multi_static_select: fields(
    {},
    { ...many, ...selectOptions, initial_options: list(plainOption) },
    eitherOptions,
  ),
  external_select: fields(
    {},
    { ...chooses, initial_option: plainOption, min_query_length: number() },
  ),
  multi_external_select: fields(
    {},
    { ...many, initial_options: list(plainOption), min_query_length: number() },
  ),
  users_select: fields({}, { ...chooses, initial_user: word }),
  multi_users_select: fields({}, { ...many, initial_users: list(word) }),
  conversations_select: fields(
    {},
    {
      ...chooses,
      initial_conversation: word,
      default_to_current_conversation: flag,
      response_url_enabled: flag,
      filter,
    },
  ),
  multi_conversations_select: fields(
    {},
    { ...many, initial_conversations: list(word), default_to_current_conversation: flag, filter },
  ),
  channels_select: fields({}, { ...chooses, initial_channel: word, response_url_enabled: flag }),
  multi_channels_select: fields({}, { ...many, initial_channels: list(word) }),
};

const workflowButton = fields(
  { text: plain(75), workflow: () => {} },
  { action_id: actionId, style, accessibility_label: text({ max: 75 }) },
);

const shared: Record<string, Rule> = {
  ...selects,
  checkboxes,
  datepicker,
  radio_buttons: radioButtons,
  timepicker,
};

export const actionsElement: Rule = byType(
  {
    ...shared,
    button,
    datetimepicker,
    overflow,
    rich_text_input: richTextInput,
    workflow_button: workflowButton,
  },
  'element',
);

export const accessory: Rule = byType(
  { ...shared, button, image, overflow, workflow_button: workflowButton },
  'element',
);

export const buttonElement: Rule = byType({ button }, 'element');

const feedbackButton = fields(
  { text: plain(75), value: text({ max: 2000 }) },
  { accessibility_label: text({ max: 75 }) },
);

export const contextAction: Rule = byType(
  {
    feedback_buttons: fields(
      { positive_button: feedbackButton, negative_button: feedbackButton },
      { action_id: actionId },
    ),
    icon_button: fields(
      { icon: text({ oneOf: ['trash'] }), text: plain(75) },
      {
        ...acts,
        value: text({ max: 2000 }),
        accessibility_label: text({ max: 75 }),
        visible_to_user_ids: list(word),
      },
    ),
  },
  'element',
);

export const inputElement: Rule = byType(
  {
    ...shared,
    datetimepicker,
    rich_text_input: richTextInput,
    email_text_input: fields({}, { ...types, initial_value: text() }),
    url_text_input: fields({}, { ...types, initial_value: text() }),
    number_input: fields(
      { is_decimal_allowed: flag },
      { ...types, initial_value: text(), min_value: text(), max_value: text() },
    ),
    plain_text_input: fields(
      {},
      {
        ...types,
        initial_value: text({ max: 3000 }),
        multiline: flag,
        min_length: number({ min: 0, max: 3000, integer: true }),
        max_length: number({ min: 1, max: 3000, integer: true }),
      },
    ),
    file_input: fields(
      {},
      {
        action_id: actionId,
        filetypes: list(word),
        max_files: number({ min: 1, max: 10, integer: true }),
      },
    ),
  },
  'element',
);
