import { useState } from 'react';
import { type BlockHost, type Press, useBlockHost } from './host.tsx';
import { initialOf, isMany, type Json, textOf } from './values.ts';

/**
 * The value of an element, and how to change it. In a view the form stores it; in a message the
 * element does, until the app sends another initial value. Elements outside of forms send changes at
 * once.
 */
export function useHeld(
  element: Json,
  blockId: string,
  isSent: boolean,
): { value: unknown; change(value: unknown): void; send(value: unknown): void; host: BlockHost } {
  const host = useBlockHost();
  const { form } = host;
  const actionId = textOf(element.action_id);
  const initial = initialOf(element);
  const initialKey = JSON.stringify(initial);
  const [own, setOwn] = useState<{ of: string; value: unknown }>();
  const held = form
    ? form.values[blockId]?.[actionId]
    : own?.of === initialKey
      ? own.value
      : undefined;
  const store = (value: unknown) => {
    if (form) form.set(blockId, actionId, value);
    else setOwn({ of: initialKey, value });
  };
  const send = (value: unknown) => void host.press(blockId, actionId, pressOf(element, value));
  return {
    host,
    value: held === undefined ? initial : held,
    send,
    change(value) {
      store(value);
      if (isSent) send(value);
    },
  };
}

function pressOf(element: Json, value: unknown): Press {
  if (isMany(textOf(element.type)))
    return { selectedOptions: Array.isArray(value) ? value.map(String) : [] };
  return typeof value === 'string' || typeof value === 'number' ? { selectedOption: value } : {};
}
