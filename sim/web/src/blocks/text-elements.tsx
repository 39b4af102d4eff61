import type { KeyboardEvent } from 'react';
import type { ElementProps } from './element-props.ts';
import { fieldAttributes } from './field-attributes.ts';
import { useHeld } from './use-held.ts';
import { isJson, type Json, listOf, textOf, wordsOf } from './values.ts';

const TYPES: Record<string, string> = { email_text_input: 'email', url_text_input: 'url' };

/** Text inputs: single-line, multi-line, email, URL, number, rich text. */
export function TextElement({ element, blockId, input }: ElementProps) {
  const { value, change, send } = useHeld(element, blockId, false);
  const isRich = element.type === 'rich_text_input';
  const text = isRich ? wordsOfRich(value) : textOf(value);
  const put = (next: string) => change(isRich ? richOf(next) : next === '' ? null : next);
  const sendsOn = listOf([element.dispatch_action_config]).flatMap((config) =>
    Array.isArray(config.trigger_actions_on) ? config.trigger_actions_on : [],
  );
  const common = {
    ...fieldAttributes(element, input),
    className: 'field',
    placeholder: wordsOf(element.placeholder) || undefined,
    value: text,
  };
  const sendOnEnter = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !input?.sends) return;
    event.preventDefault();
    send(text);
  };
  const takeIn = (next: string) => {
    put(next);
    if (input?.sends && sendsOn.includes('on_character_entered')) send(next);
  };
  if (isRich || element.multiline === true)
    return (
      <textarea
        {...common}
        rows={4}
        maxLength={typeof element.max_length === 'number' ? element.max_length : undefined}
        onChange={(event) => takeIn(event.target.value)}
      />
    );
  return (
    <input
      {...common}
      type={TYPES[textOf(element.type)] ?? 'text'}
      inputMode={element.type === 'number_input' ? 'decimal' : undefined}
      maxLength={typeof element.max_length === 'number' ? element.max_length : undefined}
      onChange={(event) => takeIn(event.target.value)}
      onKeyDown={sendOnEnter}
    />
  );
}

function richOf(text: string): Json | null {
  if (text === '') return null;
  const section = { type: 'rich_text_section', elements: [{ type: 'text', text }] };
  return { rich_text_value: { type: 'rich_text', elements: [section] } };
}

function wordsOfRich(value: unknown): string {
  const rich = isJson(value) && isJson(value.rich_text_value) ? value.rich_text_value : value;
  if (!isJson(rich)) return '';
  return textOf(rich.text) || listOf(rich.elements).map(wordsOfRich).join('');
}
