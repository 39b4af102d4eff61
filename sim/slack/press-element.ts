// Builds the action of a pressed button or a chosen option from the blocks that are really there.
import { findElements } from './block-kit/validate.ts';
import { isObject, type JsonObject } from './types.ts';
import { PLAIN_KEYS } from './view-state.ts';

export interface Press {
  actionId: string;
  /** Picks one of several elements with the same action_id by its value. */
  value?: string;
  /** The value of an option of a select, overflow or radio group; else what a picker was set to. */
  selectedOption?: string;
}

/** The action of a block_actions payload, as if a person had pressed that element. */
export function pressElement(blocks: unknown, input: Press, actionTs: string): JsonObject {
  for (const block of Array.isArray(blocks) ? blocks : []) {
    for (const element of findElements(block)) {
      if (element.action_id !== input.actionId) continue;
      if (input.value !== undefined && element.type === 'button' && element.value !== input.value)
        continue;
      const { options, option_groups: groups, ...shown } = element;
      const action = {
        ...shown,
        block_id: isObject(block) ? block.block_id : '',
        action_ts: actionTs,
      };
      if (options === undefined && groups === undefined) {
        return { ...action, ...choose(element, input) };
      }
      const all = [
        options,
        ...(Array.isArray(groups)
          ? groups.map((g: unknown) => (isObject(g) ? g.options : []))
          : []),
      ]
        .flat()
        .filter(isObject);
      const wanted = input.selectedOption ?? input.value;
      const option = all.find((o) => o.value === wanted);
      if (!option)
        throw new Error(
          `The element ${input.actionId} has no option "${wanted}"; it has: ${all.map((o) => o.value).join(', ')}.`,
        );
      return String(element.type).startsWith('multi_') || element.type === 'checkboxes'
        ? { ...action, selected_options: [option] }
        : { ...action, selected_option: option };
    }
  }
  const there = findElements(blocks).map((e) =>
    e.value === undefined ? e.action_id : `${e.action_id}=${e.value}`,
  );
  throw new Error(
    `There is no element "${input.actionId}"${input.value === undefined ? '' : ` with value "${input.value}"`} to click; there are: ${there.join(', ') || 'none'}.`,
  );
}

/** What pressing an element without options says: a picker's new value, or the thumb that was pressed. */
function choose(element: JsonObject, input: Press): JsonObject {
  if (element.type === 'feedback_buttons') {
    const thumbs = [element.positive_button, element.negative_button].filter(isObject);
    const pressed = thumbs.find((thumb) => thumb.value === input.value);
    if (!pressed) throw new Error(`${input.actionId} has no feedback button "${input.value}".`);
    return { value: pressed.value, text: pressed.text };
  }
  const key = PLAIN_KEYS[String(element.type)];
  return key === undefined || input.selectedOption === undefined
    ? {}
    : { [key]: key.endsWith('s') ? [input.selectedOption] : input.selectedOption };
}
