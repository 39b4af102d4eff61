import { useMe } from '../live-context.ts';
import type { ElementProps } from './element-props.ts';
import { fieldAttributes } from './field-attributes.ts';
import { useHeld } from './use-held.ts';
import { textOf } from './values.ts';
import { localToSeconds, secondsToLocal } from './zoned-time.ts';

/** Date and time inputs with the browser's pickers; a datetime is in the person's time zone. */
export function PickerElement({ element, blockId, input }: ElementProps) {
  const zone = useMe()?.tz ?? 'UTC';
  const { value, change } = useHeld(element, blockId, input === undefined || input.sends);
  const attributes = fieldAttributes(element, input);
  if (element.type === 'datetimepicker')
    return (
      <input
        {...attributes}
        type="datetime-local"
        className="field field-short"
        value={typeof value === 'number' ? secondsToLocal(value, zone) : ''}
        onChange={(event) =>
          change(event.target.value === '' ? null : localToSeconds(event.target.value, zone))
        }
      />
    );
  return (
    <input
      {...attributes}
      type={element.type === 'datepicker' ? 'date' : 'time'}
      className="field field-short"
      value={textOf(value)}
      onChange={(event) => change(event.target.value || null)}
    />
  );
}
