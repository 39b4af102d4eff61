import shortcodes from 'emojibase-data/en/shortcodes/iamcal.json' with { type: 'json' };
import { createElement as h, type ReactNode } from 'react';

/** Buttons, selects and inputs, as they look before anybody touches them. */

export type Json = Record<string, unknown>;

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null;
export const listOf = (value: unknown): Json[] =>
  Array.isArray(value) ? value.filter(isJson) : [];
/** What a text object says. */
export const wordsOf = (value: unknown): string => (isJson(value) ? String(value.text ?? '') : '');

const EMOJI = new Map(
  Object.entries(shortcodes as Record<string, string | string[]>).flatMap(([code, names]) => {
    const emoji = String.fromCodePoint(...code.split('-').map((one) => Number.parseInt(one, 16)));
    return [names].flat().map((name) => [name, emoji] as const);
  }),
);

/** What a plain text says, with its emoji drawn where it is to have any. */
export function withEmoji(text: unknown): string {
  const words = wordsOf(text);
  if (!isJson(text) || text.emoji === false) return words;
  return words.replace(/:([\w+-]+):/g, (name, key: string) => EMOJI.get(key) ?? name);
}

export function drawElement(element: Json): ReactNode {
  const { type, style } = element;
  const chosen = [element.initial_option, element.initial_options].flat().filter(isJson);
  const isChosen = (option: Json) => chosen.some(({ value }) => value === option.value);
  switch (type) {
    case 'button':
      return h(
        'button',
        { type: 'button', className: String(style ?? '') },
        withEmoji(element.text),
      );
    case 'static_select':
    case 'multi_static_select': {
      const groups = listOf(element.option_groups).flatMap(({ options }) => listOf(options));
      const options = [...listOf(element.options), ...groups];
      const multiple = type === 'multi_static_select';
      const shown = chosen.map(({ value }) => String(value));
      return h(
        'select',
        {
          multiple,
          defaultValue: multiple ? shown : (shown[0] ?? ''),
          'aria-label': wordsOf(element.placeholder) || 'Choose',
        },
        ...(multiple ? [] : [h('option', { value: '' }, wordsOf(element.placeholder))]),
        ...options.map((option) =>
          h('option', { value: String(option.value) }, withEmoji(option.text)),
        ),
      );
    }
    case 'overflow':
      return h(
        'button',
        {
          type: 'button',
          title: listOf(element.options)
            .map(({ text }) => wordsOf(text))
            .join(', '),
        },
        '⋯',
      );
    case 'checkboxes':
    case 'radio_buttons':
      return h(
        'span',
        { className: 'choices' },
        ...listOf(element.options).map((option) =>
          h(
            'label',
            null,
            h('input', {
              type: type === 'checkboxes' ? 'checkbox' : 'radio',
              defaultChecked: isChosen(option),
            }),
            ` ${withEmoji(option.text)}`,
            option.description ? h('small', null, ` ${wordsOf(option.description)}`) : null,
          ),
        ),
      );
    case 'number_input':
    case 'plain_text_input': {
      const props = {
        defaultValue: String(element.initial_value ?? ''),
        placeholder: wordsOf(element.placeholder),
        'aria-label': 'Text',
      };
      return element.multiline ? h('textarea', { rows: 4, ...props }) : h('input', props);
    }
    default: {
      const initial = Object.entries(element).find(([key]) => key.startsWith('initial_'));
      const said = initial ? initial[1] : wordsOf(element.placeholder);
      return h('span', { className: 'picker' }, `${String(type)}: ${String(said)}`);
    }
  }
}
