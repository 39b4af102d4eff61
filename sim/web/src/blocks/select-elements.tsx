import { useRef, useState } from 'react';
import { drawEmoji } from '../emoji.ts';
import { useLive } from '../live-context.ts';
import { Popover } from '../popover.tsx';
import type { ElementProps } from './element-props.ts';
import { fieldAttributes } from './field-attributes.ts';
import { useConfirmed } from './use-confirmed.tsx';
import { useHeld } from './use-held.ts';
import { type Json, listOf, textOf, wordsOf } from './values.ts';

interface Choice {
  value: string;
  label: string;
}
interface ChoiceGroup {
  label?: string;
  choices: Choice[];
}

function useChoices(element: Json): ChoiceGroup[] {
  const people = useLive((state) => state.people);
  const channels = useLive((state) => state.channels) ?? [];
  const type = textOf(element.type).replace('multi_', '');
  switch (type) {
    case 'users_select':
      return [{ choices: people.map(({ id, realName }) => ({ value: id, label: realName })) }];
    case 'channels_select':
    case 'conversations_select': {
      const shown = channels.filter(
        (c) => c.kind === 'channel' || (type !== 'channels_select' && c.kind === 'group'),
      );
      return [{ choices: shown.map(({ id, name }) => ({ value: id, label: `#${name}` })) }];
    }
    default: {
      const toChoices = (options: unknown) =>
        listOf(options).map((o) => ({ value: textOf(o.value), label: drawEmoji(wordsOf(o.text)) }));
      if (Array.isArray(element.options)) return [{ choices: toChoices(element.options) }];
      return listOf(element.option_groups).map((group) => ({
        label: drawEmoji(wordsOf(group.label)),
        choices: toChoices(group.options),
      }));
    }
  }
}

/** A single choice, with the browser's own select, which is accessible everywhere. */
export function SingleSelect({ element, blockId, input }: ElementProps) {
  const { value, change, host } = useHeld(element, blockId, input === undefined || input.sends);
  const groups = useChoices(element);
  const { ask, dialog } = useConfirmed(element);
  const choose = (next: string) => ask(() => change(next === '' ? null : next));
  return (
    <>
      <select
        {...fieldAttributes(element, input)}
        className="field field-short select"
        aria-busy={host.isBusy}
        value={textOf(value)}
        onChange={(event) => choose(event.target.value)}
      >
        <option value="" disabled={input === undefined || input.isRequired}>
          {wordsOf(element.placeholder) || 'Choose an option'}
        </option>
        {groups.map(({ label, choices }, index) => {
          const options = choices.map((choice) => (
            <option key={choice.value} value={choice.value}>
              {choice.label}
            </option>
          ));
          return label === undefined ? (
            options
          ) : (
            <optgroup key={index} label={label}>
              {options}
            </optgroup>
          );
        })}
      </select>
      {dialog}
    </>
  );
}

/** Several choices from a popover; closing it applies them. */
export function MultiSelect({ element, blockId, input }: ElementProps) {
  const { value, change } = useHeld(element, blockId, input === undefined || input.sends);
  const groups = useChoices(element);
  const held = Array.isArray(value) ? value.map(String) : [];
  const [draft, setDraft] = useState<string[]>();
  const anchor = useRef<HTMLButtonElement>(null);
  const chosen = draft ?? held;
  const most =
    typeof element.max_selected_items === 'number'
      ? element.max_selected_items
      : Number.POSITIVE_INFINITY;
  const all = groups.flatMap((group) => group.choices);
  const names = all.filter((choice) => chosen.includes(choice.value)).map((choice) => choice.label);
  const close = () => {
    setDraft(undefined);
    if (draft && draft.join('\n') !== held.join('\n')) change(draft);
  };
  const { 'aria-required': _required, ...attributes } = fieldAttributes(element, input);
  return (
    <>
      <button
        {...attributes}
        aria-label={
          input ? undefined : `${attributes['aria-label']}: ${names.join(', ') || 'none'}`
        }
        ref={anchor}
        type="button"
        className="field field-short select"
        aria-haspopup="dialog"
        onClick={() => setDraft(held)}
      >
        {names.length > 0 ? names.join(', ') : wordsOf(element.placeholder) || 'Choose options'}
      </button>
      {draft ? (
        <Popover
          anchor={anchor}
          onClose={close}
          label={wordsOf(element.placeholder) || 'Choose options'}
          className="multi-select"
        >
          {groups.map(({ label, choices }, index) => (
            <fieldset key={index}>
              {label === undefined ? null : <legend>{label}</legend>}
              {choices.map((choice) => {
                const isChosen = chosen.includes(choice.value);
                return (
                  <label key={choice.value} className="choice">
                    <input
                      type="checkbox"
                      checked={isChosen}
                      disabled={!isChosen && chosen.length >= most}
                      onChange={() =>
                        setDraft(
                          isChosen
                            ? chosen.filter((v) => v !== choice.value)
                            : [...chosen, choice.value],
                        )
                      }
                    />
                    <span>{choice.label}</span>
                  </label>
                );
              })}
            </fieldset>
          ))}
        </Popover>
      ) : null}
    </>
  );
}
