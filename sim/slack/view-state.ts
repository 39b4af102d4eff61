// The `state.values` of a view: the initial values of its inputs, overridden by what the person entered.
import { isObject, type JsonObject } from './types.ts';

/**
 * block_id → action_id → a text (for selects, an option's value), a whole state value, or null when
 * the person emptied the input.
 */
export type ViewValues = Record<string, Record<string, unknown>>;

/** The state key of elements without options; all others use `value`. */
export const PLAIN_KEYS: Record<string, string> = {
  channels_select: 'selected_channel',
  conversations_select: 'selected_conversation',
  datepicker: 'selected_date',
  datetimepicker: 'selected_date_time',
  multi_channels_select: 'selected_channels',
  multi_conversations_select: 'selected_conversations',
  multi_users_select: 'selected_users',
  timepicker: 'selected_time',
  users_select: 'selected_user',
};
const OPTION_TYPES = [
  'static_select',
  'external_select',
  'radio_buttons',
  'multi_static_select',
  'multi_external_select',
  'checkboxes',
];

function optionsOf(element: JsonObject): JsonObject[] {
  const groups = Array.isArray(element.option_groups) ? element.option_groups : [];
  return [
    element.options,
    ...groups.map((group: unknown) => (isObject(group) ? group.options : [])),
  ]
    .flat()
    .filter(isObject);
}

function fill(element: JsonObject, given: unknown): JsonObject {
  const type = String(element.type);
  if (isObject(given)) return { type, ...given };
  if (OPTION_TYPES.includes(type)) {
    const many = type.startsWith('multi_') || type === 'checkboxes';
    if (given === null)
      return many ? { type, selected_options: [] } : { type, selected_option: null };
    if (given === undefined) {
      return many
        ? { type, selected_options: element.initial_options ?? [] }
        : { type, selected_option: element.initial_option ?? null };
    }
    const wanted = Array.isArray(given) ? given : [given];
    const chosen = wanted.map((value) => {
      const option = optionsOf(element).find((o) => o.value === value);
      if (!option && type.includes('static'))
        throw new Error(`${String(element.action_id)} has no option "${String(value)}".`);
      return option ?? { text: { type: 'plain_text', text: String(value) }, value };
    });
    return many ? { type, selected_options: chosen } : { type, selected_option: chosen[0] ?? null };
  }
  const key = PLAIN_KEYS[type] ?? 'value';
  const initial = element[`initial_${key.replace('selected_', '')}`];
  return { type, [key]: given === undefined ? (initial ?? null) : given };
}

function isBlank(state: JsonObject): boolean {
  const { type: _type, ...rest } = state;
  return Object.values(rest).every(
    (v) => v === null || v === '' || (Array.isArray(v) && v.length === 0),
  );
}

/**
 * Throws when a value is for an input that the view does not have. With `values` it counts as a
 * submission unless `isSubmission` is false; a submission also throws when a required input is empty,
 * as Slack's dialog would refuse it.
 */
export function collectState(
  view: JsonObject,
  values?: ViewValues,
  { isSubmission = values !== undefined } = {},
): JsonObject {
  const state: Record<string, JsonObject> = {};
  const left = new Set(
    Object.entries(values ?? {}).flatMap(([b, v]) => Object.keys(v).map((a) => `${b} ${a}`)),
  );
  for (const block of Array.isArray(view.blocks) ? view.blocks : []) {
    if (!isObject(block)) continue;
    const elements =
      block.type === 'input'
        ? [block.element]
        : block.type === 'actions'
          ? block.elements
          : [block.accessory];
    for (const element of Array.isArray(elements) ? elements : []) {
      if (!isObject(element) || ['button', 'overflow', 'image'].includes(String(element.type)))
        continue;
      const blockId = String(block.block_id);
      const actionId = String(element.action_id ?? '');
      const filled = fill(element, values?.[blockId]?.[actionId]);
      left.delete(`${blockId} ${actionId}`);
      if (isSubmission && block.type === 'input' && block.optional !== true && isBlank(filled)) {
        throw new Error(`The input ${blockId}/${actionId} of the view is required.`);
      }
      state[blockId] = { ...state[blockId], [actionId]: filled };
    }
  }
  if (left.size > 0) throw new Error(`The view has no input ${[...left].join(', ')}.`);
  return { values: state };
}
