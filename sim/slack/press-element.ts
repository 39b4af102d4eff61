// Builds the action for a pressed button or a chosen option from the blocks of the message or view.
import { findElements } from './block-kit/validate.ts';
import { isObject, type JsonObject } from './types.ts';
import { PLAIN_KEYS } from './view-state.ts';

export interface Press {
  actionId: string;
  /** Distinguishes elements in different blocks with the same action_id. */
  blockId?: string;
  /** Picks one of several elements with the same action_id by its value. */
  value?: string;
  /** The value of the chosen option, or the new value of a picker. */
  selectedOption?: string | number;
  /** All chosen options of a multi select or of checkboxes. */
  selectedOptions?: string[];
}

const TEXT_INPUTS = ['plain_text_input', 'email_text_input', 'url_text_input', 'number_input'];

/** The blocks, including those in containers: an element belongs to the innermost. */
function flatten(blocks: unknown): JsonObject[] {
  if (!Array.isArray(blocks)) return [];
  return blocks.filter(isObject).flatMap((block) => {
    const { child_blocks: children, ...own } = block;
    return children === undefined ? [block] : [own, ...flatten(children)];
  });
}

/** The action of a block_actions payload, as if a person had pressed that element. */
export function pressElement(blocks: unknown, input: Press, actionTs: string): JsonObject {
  for (const block of flatten(blocks)) {
    if (input.blockId !== undefined && block.block_id !== input.blockId) continue;
    for (const element of findElements(block)) {
      if (element.action_id !== input.actionId) continue;
      if (input.value !== undefined && element.type === 'button' && element.value !== input.value)
        continue;
      const { options: _options, option_groups: _groups, ...shown } = element;
      return {
        ...shown,
        block_id: block.block_id,
        action_ts: actionTs,
        ...(hasOptions(element) ? chooseOption(element, input) : choose(element, input)),
      };
    }
  }
  const there = findElements(blocks).map((e) =>
    e.value === undefined ? e.action_id : `${e.action_id}=${e.value}`,
  );
  throw new Error(
    `There is no element "${input.actionId}"${input.value === undefined ? '' : ` with value "${input.value}"`} to click; there are: ${there.join(', ') || 'none'}.`,
  );
}

function hasOptions(element: JsonObject): boolean {
  return element.options !== undefined || element.option_groups !== undefined;
}

function chooseOption(element: JsonObject, input: Press): JsonObject {
  const groups = Array.isArray(element.option_groups) ? element.option_groups : [];
  const all = [element.options, ...groups.map((g: unknown) => (isObject(g) ? g.options : []))]
    .flat()
    .filter(isObject);
  const find = (wanted: unknown): JsonObject => {
    const option = all.find((o) => o.value === wanted);
    if (option) return option;
    throw new Error(
      `The element ${input.actionId} has no option "${wanted}"; it has: ${all.map((o) => o.value).join(', ')}.`,
    );
  };
  const isMany = String(element.type).startsWith('multi_') || element.type === 'checkboxes';
  if (isMany && input.selectedOptions) return { selected_options: input.selectedOptions.map(find) };
  const option = find(input.selectedOption ?? input.value);
  return isMany ? { selected_options: [option] } : { selected_option: option };
}

/** The action fields of an element without options: a picker's value or the pressed thumb. */
function choose(element: JsonObject, input: Press): JsonObject {
  if (element.type === 'feedback_buttons') {
    const thumbs = [element.positive_button, element.negative_button].filter(isObject);
    const pressed = thumbs.find((thumb) => thumb.value === input.value);
    if (!pressed) throw new Error(`${input.actionId} has no feedback button "${input.value}".`);
    return { value: pressed.value, text: pressed.text };
  }
  const type = String(element.type);
  const key = TEXT_INPUTS.includes(type) ? 'value' : PLAIN_KEYS[type];
  if (key === undefined) return {};
  if (key.endsWith('s') && input.selectedOptions) return { [key]: input.selectedOptions };
  if (input.selectedOption === undefined) return {};
  return { [key]: key.endsWith('s') ? [input.selectedOption] : input.selectedOption };
}
