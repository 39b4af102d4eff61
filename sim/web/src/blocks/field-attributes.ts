import type { InputPlace } from './element-props.ts';
import { type Json, wordsOf } from './values.ts';

/** The id, label and state of a field; outside of an input block the placeholder is its label. */
export function fieldAttributes(element: Json, input: InputPlace | undefined) {
  return {
    id: input?.id,
    'aria-label': input ? undefined : wordsOf(element.placeholder) || 'Choose',
    'aria-describedby': input?.describedBy,
    'aria-invalid': input?.isWrong || undefined,
    'aria-required': input?.isRequired,
    'data-first': element.focus_on_load === true || undefined,
  } as const;
}
